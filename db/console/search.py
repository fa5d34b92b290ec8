"""`search`: what members would find, for the owner."""

import argparse
import time

from rich.text import Text

from db.console.common import EX_OK, EX_USAGE, Context, shown
from db.models import Hit, SearchAnswer, SearchRequest, Viewer

# The owner at the command line sees everything.
OWNER = Viewer(adult_ok=True)


async def search_works(context: Context, options: argparse.Namespace) -> int:
    """Answer one query, or each line of a file in one process."""
    if bool(options.query) == bool(options.batch):
        context.warn("Give a query, or --batch FILE with one in each line.")
        return EX_USAGE
    try:
        queries = _lines(options) if options.batch else [" ".join(options.query)]
    except OSError as error:
        context.warn(f"{options.batch} cannot be read: {error.strerror}.")
        return EX_USAGE
    async with context.library() as (library, guild_id):
        for query in queries:
            began = time.perf_counter()
            request = SearchRequest(query, limit=options.limit)
            answer = await library.search(guild_id, request, OWNER)
            elapsed_ms = (time.perf_counter() - began) * 1000
            context.put(to_row(answer, elapsed_ms), _to_text(answer))
    return EX_OK


def to_row(answer: SearchAnswer, elapsed_ms: float) -> dict[str, object]:
    """An answer in the form that `--json` promises."""
    return {
        "query": answer.query,
        "interpreted": {**answer.interpreted, "notes": list(answer.notes)},
        "did_you_mean": answer.did_you_mean,
        "total": answer.total,
        "fandoms": [list(fandom) for fandom in answer.fandoms],
        "results": [
            {
                "work_id": hit.work.work_id,
                "title": hit.work.display_title,
                "authors": list(hit.work.info.authors),
                "fandoms": list(hit.work.info.fandoms),
                "characters": list(hit.work.info.characters),
                "rating": hit.work.info.rating.value,
                "score": hit.score,
                "matched_in": list(hit.matched_in),
            }
            for hit in answer.hits
        ],
        "elapsed_ms": round(elapsed_ms, 3),
    }


def _lines(options: argparse.Namespace) -> list[str]:
    # A line ends where an editor ends it: a lone carriage return is part of a query.
    with options.batch.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
        return [line.rstrip("\r\n") for line in file]


def _to_text(answer: SearchAnswer) -> Text:
    more = "+" if answer.total_is_floor else ""
    text = Text(f"“{shown(answer.query)}”: {answer.total}{more} found")
    if answer.did_you_mean:
        text.append(f"\nTaken as “{shown(answer.did_you_mean)}”")
    for note in answer.notes:
        text.append(f"\n{shown(note)}")
    if len(answer.fandoms) > 1:
        facets = " · ".join(f"{shown(name)} {count}" for name, count in answer.fandoms)
        text.append(f"\n{facets}", style="dim")
    for hit in answer.hits:
        _append_hit(text, hit)
    return text


def _append_hit(text: Text, hit: Hit) -> None:
    info = hit.work.info
    authors = ", ".join(info.authors) or "unknown author"
    fandoms = ", ".join(info.fandoms) or "no fandom"
    text.append(f"\n  #{hit.work.work_id}  ", style="dim")
    text.append(shown(hit.work.display_title), style="bold")
    text.append(f" by {shown(authors)}")
    details = f"{info.rating} · {shown(fandoms)} · {info.words:,} words"
    text.append(f"\n      {details} · by {', '.join(hit.matched_in)}", style="dim")
