"""`search`: what members would find, for the owner."""

import argparse
import time
from collections.abc import Iterator

from db.console.common import EX_OK, EX_USAGE, Context
from db.models import SearchAnswer, SearchRequest, Viewer

# The owner at the command line sees everything.
OWNER = Viewer(adult_ok=True)


async def search_works(context: Context, options: argparse.Namespace) -> int:
    """Answer one query, or each line of a file in one process."""
    if (options.query is None) == (options.batch is None):
        context.warn("Give a query, or --batch FILE with one in each line.")
        return EX_USAGE
    try:
        queries = list(_lines(options)) if options.batch else [options.query]
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
        "interpreted": answer.interpreted,
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


def _lines(options: argparse.Namespace) -> Iterator[str]:
    with options.batch.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            yield line.rstrip("\r\n")


def _to_text(answer: SearchAnswer) -> str:
    more = "+" if answer.total_is_floor else ""
    lines = [f"“{answer.query}”: {answer.total}{more} found"]
    if answer.did_you_mean:
        lines.append(f"Showing results for “{answer.did_you_mean}”")
    if len(answer.fandoms) > 1:
        lines.append(" · ".join(f"{name} {count}" for name, count in answer.fandoms))
    for hit in answer.hits:
        info = hit.work.info
        authors = ", ".join(info.authors) or "unknown author"
        fandoms = ", ".join(info.fandoms) or "no fandom"
        lines.append(f"  #{hit.work.work_id}  {hit.work.display_title} by {authors}")
        lines.append(f"      {info.rating} · {fandoms} · {info.words:,} words")
    return "\n".join(lines)
