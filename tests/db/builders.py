"""Works of our own making for tests."""

from db.models import (
    ArchiveWarning,
    Chapter,
    Excerpt,
    NewWork,
    Rating,
    Status,
    TextAccess,
    WorkInfo,
    Zone,
    ZoneKind,
)

LANTERN = (
    "The lantern went out at the third bell, and nobody on the quay said a word about it. "
    "Marit wound her scarf twice around her throat and counted the boats again.\n\n"
    "“Eleven,” she said. “There were twelve this morning.”\n\n"
    "Her brother did not look up from the net. “Then one of them has gone where it wanted to,” "
    "he said, and pulled the knot tight with his teeth."
)


def chapter(text: str = LANTERN, title: str | None = None) -> Chapter:
    """A chapter that is all story."""
    return Chapter(title, text, len(text.split()), (Zone(ZoneKind.BODY, 0, len(text)),), (0,))


def a_work(
    title: str | None = "The Twelfth Boat",
    *,
    authors: tuple[str, ...] = ("quaylight",),
    fandoms: tuple[str, ...] = ("Original Work",),
    characters: tuple[str, ...] = ("Marit Voss",),
    relationships: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    rating: Rating = Rating.GENERAL,
    warnings: tuple[ArchiveWarning, ...] = (ArchiveWarning.NONE_APPLY,),
    status: Status = Status.COMPLETE,
    source_url: str | None = None,
    summary: str | None = "A boat is missing from the quay.",
    text_access: TextAccess = TextAccess.EXCERPT,
    texts: tuple[str, ...] = (LANTERN,),
    words: int = 0,
) -> NewWork:
    """A work, with text unless `texts` is empty."""
    return NewWork(
        WorkInfo(
            title=title,
            authors=authors,
            fandoms=fandoms,
            characters=characters,
            relationships=relationships,
            tags=tags,
            rating=rating,
            warnings=warnings,
            status=status,
            source_url=source_url,
            summary=summary,
            text_access=text_access,
            language="en",
            words=words,
        ),
        chapters=tuple(chapter(text) for text in texts),
        excerpts=tuple(
            Excerpt(position, 0, len(text), text, 1.0) for position, text in enumerate(texts)
        ),
        opening=" ".join(texts[0].split()[:6]) if texts else "",
    )
