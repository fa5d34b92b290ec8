"""Passages of a text: the one nearest to some words, within the limits on quoting."""

from collections.abc import Sequence

from rapidfuzz import fuzz

from db.models import Chapter, Excerpt, ZoneKind
from db.search.normalise import normalise
from db.texts import EXCERPT_LIMIT_CHARS, tidy

# A passage of a line or two is no taste of a story; it grows by whole paragraphs up to this.
WANTED_CHARS = 450
# Under this share of the words asked for, a passage is not about them.
NEAR_ENOUGH = 60.0

_SENTENCE_ENDS = (". ", "! ", "? ", ".” ", '." ', "\n")

Span = tuple[int, int]


def nearest(chapters: Sequence[Chapter], about: str) -> Excerpt | None:
    """The passage of story nearest to the words of `about`; None if none is near.

    Whole paragraphs of one scene, at most `EXCERPT_LIMIT_CHARS`; a single paragraph longer
    than that is cut at a sentence's end.
    """
    wanted = normalise(about)
    if not wanted:
        return None
    best: Excerpt | None = None
    for position, chapter in enumerate(chapters):
        paragraphs = body_paragraphs(chapter)
        for index, (start, end) in enumerate(paragraphs):
            score = fuzz.token_set_ratio(wanted, normalise(chapter.text[start:end]))
            if score >= NEAR_ENOUGH and (best is None or score > best.score):
                start, end = _grown(chapter, paragraphs, index)
                best = Excerpt(position, start, end, tidy(chapter.text[start:end]), score)
    return best


def body_paragraphs(chapter: Chapter) -> list[Span]:
    """The paragraphs of story in a chapter's text, in order."""
    spans: list[Span] = []
    for zone in chapter.zones:
        if zone.kind is not ZoneKind.BODY:
            continue
        at = zone.start
        for line in chapter.text[zone.start : zone.end].splitlines(keepends=True):
            if line.strip():
                start = at + len(line) - len(line.lstrip())
                spans.append((start, at + len(line.rstrip())))
            at += len(line)
    return spans


def clip(text: str, start: int, end: int, limit: int = EXCERPT_LIMIT_CHARS) -> Span:
    """The span, cut to `limit` characters at the last sentence's end that fits."""
    if end - start <= limit:
        return start, end
    cut = text[start : start + limit]
    at = max(cut.rfind(mark) + len(mark) - 1 for mark in _SENTENCE_ENDS)
    if at < limit // 3:  # no sentence ends in what fits, or far too early
        at = max(cut.rfind(" "), 1)
    return start, start + at


def _grown(chapter: Chapter, paragraphs: Sequence[Span], index: int) -> Span:
    first = last = index
    start, end = paragraphs[index]
    if end - start > EXCERPT_LIMIT_CHARS:
        return clip(chapter.text, start, end)
    while end - start < WANTED_CHARS:
        after = paragraphs[last + 1] if last + 1 < len(paragraphs) else None
        before = paragraphs[first - 1] if first else None
        if after and _may_join(chapter, start, after[1]):
            last, end = last + 1, after[1]
        elif before and _may_join(chapter, before[0], end):
            first, start = first - 1, before[0]
        else:
            break
    return start, end


def _may_join(chapter: Chapter, start: int, end: int) -> bool:
    within_scene = not any(start < scene < end for scene in chapter.scenes)
    only_body = all(
        zone.kind is ZoneKind.BODY
        for zone in chapter.zones
        if zone.start < end and zone.end > start
    )
    return within_scene and only_body and end - start <= EXCERPT_LIMIT_CHARS
