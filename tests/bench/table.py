"""Tables in Markdown of what the search benchmark found: `python -m tests.bench.table FILE…`."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Report = Mapping[str, Any]
_COMPARED = ("Ficshelf", "tantivy, re-ranked", "FTS5 trigrams, re-ranked", "WRatio over all titles")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def engines(reports: Sequence[Report]) -> str:
    """Engines by sizes: recall over the mistyped and reordered classes, and times over all."""
    head = ["engine"]
    for report in reports:
        head += [f"{report['works']:,} works", "p50 / p95 ms", "worst class p95", "nonsense"]
    rows: list[list[str]] = []
    for name in reports[0]["engines"]:
        row = [name]
        for report in reports:
            one = report["engines"][name]
            found = f"{one['r1']:.3f} / {one['r5']:.3f}" if "r1" in one else ""
            refused = f"{one['nonsense_refused']:.2f}" if "nonsense_refused" in one else ""
            asked = "" if one["queries"] == _most(report) else f" ({one['queries']} queries)"
            row += [
                found,
                f"{_ms(one['p50_ms'])} / {_ms(one['p95_ms'])}{asked}",
                f"{_ms(one['slowest_class_p95_ms'])} ({one['slowest_class']})",
                refused,
            ]
        rows.append(row)
    return _table(head, rows)


def classes(report: Report) -> str:
    """Recall at one and five, and the 95th percentile of times, by class and engine."""
    kinds = report["engines"]["Ficshelf"]["classes"]
    shown = [name for name in _COMPARED if name in report["engines"]]
    head = [f"{report['works']:,} works"]
    for name in shown:
        head += [name, "p50 / p95 ms"]
    rows: list[list[str]] = []
    for kind in kinds:
        row = [kind]
        for name in shown:
            one = report["engines"][name]["classes"].get(kind)
            row += (
                [
                    f"{one['r1']:.2f} / {one['r5']:.2f}",
                    f"{_ms(one['p50_ms'])} / {_ms(one['p95_ms'])}",
                ]
                if one
                else ["", ""]
            )
        rows.append(row)
    return _table(head, rows)


def facts(reports: Sequence[Report]) -> str:
    """Sizes, rates, memory, and what a change of one work takes."""
    head = ["", *(f"{report['works']:,} works" for report in reports)]

    def spread(report: Report, kind: str) -> str:
        one = report["writing"][kind]
        return f"{_ms(one['p50_ms'])} / {_ms(one['p95_ms'])} / {_ms(one['max_ms'])}"

    rows: list[list[str]] = []
    for label, value in (
        ("the library's file, MB", lambda r: f"{r['library']['file_mb']:,.0f}"),
        ("of it for searching, MB", lambda r: f"{r['library']['search_mb']:,.0f}"),
        ("for searching, bytes a work", lambda r: f"{r['library']['search_bytes_a_work']:,}"),
        ("tantivy's index, MB", lambda r: f"{r['engines']['tantivy']['index_mb']:,.1f}"),
        ("indexed alone, works/s", lambda r: f"{r['library']['indexed_works_per_s']:,}"),
        ("imported, works/s", lambda r: f"{r['writing']['imported_works_per_s']:,}"),
        ("memory of a searching process, MB", lambda r: f"{r['memory']['private_mb']}"),
        ("of it for searching, MB", lambda r: f"{r['memory']['for_searching_mb']}"),
        ("50 members at once, searches/s", lambda r: f"{r['crowd']['searches_per_s']:,}"),
        ("the event loop's lag meanwhile, p95 / most ms", _lag),
        ("a work added, p50 / p95 / most ms", lambda r: spread(r, "add")),
        ("edited", lambda r: spread(r, "edit")),
        ("removed", lambda r: spread(r, "remove")),
    ):
        rows.append([label, *(value(report) for report in reports)])
    return _table(head, rows)


def _lag(report: Report) -> str:
    lag = report["crowd"]["loop_lag"]
    return f"{_ms(lag['p95_ms'])} / {_ms(lag['max_ms'])}"


def _most(report: Report) -> int:
    return report["engines"]["Ficshelf"]["queries"]


def main() -> None:
    """The tables of the files named."""
    reports = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    reports.sort(key=lambda report: report["works"])
    print(engines(reports), *map(classes, reports), facts(reports), sep="\n\n")


if __name__ == "__main__":
    main()
