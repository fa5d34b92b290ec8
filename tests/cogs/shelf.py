"""The works of the sandbox's library; all of our own writing."""

from db.models import (
    ArchiveWarning,
    Chapter,
    Excerpt,
    NewWork,
    Rating,
    SeriesPart,
    Status,
    TextAccess,
    WorkInfo,
    Zone,
    ZoneKind,
)

LANTERN = (
    "The lantern went out at the third bell, and nobody on the quay said a word about it. "
    "Marit wound her scarf twice around her throat and counted the boats again."
)
ELEVEN = (
    "“Eleven,” she said. “There were twelve this morning.” Her brother did not look up from the "
    "net. “Then one of them has gone where it wanted to,” he said."
)
HARBOUR = (
    "By noon the harbour had heard four stories about the missing boat, and believed the worst "
    "of them. Marit believed the tide table."
)


def a_work(
    title: str | None,
    *,
    author: str = "quaylight",
    fandom: str = "Original Work",
    characters: tuple[str, ...] = (),
    rating: Rating = Rating.GENERAL,
    warnings: tuple[ArchiveWarning, ...] = (ArchiveWarning.NONE_APPLY,),
    status: Status = Status.COMPLETE,
    words: int = 0,
    summary: str | None = None,
    source_url: str | None = None,
    text_access: TextAccess = TextAccess.EXCERPT,
    passages: tuple[str, ...] | None = None,
) -> NewWork:
    """A work in one chapter whose paragraphs are its excerpts; without text if there are none.

    Without `passages` it has one of its own.
    """
    if passages is None:
        passages = (f"{title} was what they called it. {HARBOUR}",)
    text = "\n\n".join(passages)
    starts = [text.index(passage) for passage in passages]
    chapter = Chapter(None, text, len(text.split()), (Zone(ZoneKind.BODY, 0, len(text)),), (0,))
    return NewWork(
        WorkInfo(
            title=title,
            authors=(author,),
            fandoms=(fandom,),
            characters=characters,
            rating=rating,
            warnings=warnings,
            status=status,
            summary=summary,
            series=(SeriesPart("Tides", 1),) if title == "The Twelfth Boat" else (),
            source_url=source_url,
            words=words or len(text.split()),
            language="en",
            text_access=text_access,
        ),
        chapters=(chapter,) if text else (),
        excerpts=tuple(
            Excerpt(0, start, start + len(passage), passage, 1.0 - index / 10)
            for index, (start, passage) in enumerate(zip(starts, passages, strict=True))
        ),
        opening=" ".join(text.split()[:6]),
    )


BOAT = a_work(
    "The Twelfth Boat",
    characters=("Marit Voss",),
    summary="A boat is missing from the quay.",
    passages=(LANTERN, ELEVEN, HARBOUR),
    source_url="https://example.org/works/12",
)
SHELF = (
    BOAT,
    a_work(
        "Gravity Assist",
        author="jetblack",
        fandom="Cowboy Bebop",
        characters=("Spike Spiegel", "Faye Valentine"),
        rating=Rating.TEEN,
        warnings=(ArchiveWarning.VIOLENCE,),
        passages=("Spike owed the moon eleven thousand woolongs, and the moon had sent a bill.",),
    ),
    a_work(
        "Crypt Sweet Crypt",
        author="mausoleum",
        fandom="Buffy the Vampire Slayer",
        characters=("Spike", "Buffy Summers"),
        rating=Rating.TEEN,
        passages=("Spike had hung curtains. It was a crypt, and he had hung curtains in it.",),
    ),
    a_work(
        "Night Market",
        author="lampblack",
        rating=Rating.EXPLICIT,
        warnings=(ArchiveWarning.CHOSE_NOT_TO_WARN,),
        passages=("Nobody at the night market sold anything you could carry home in daylight.",),
    ),
    a_work("Keepsake", author="tidepool", text_access=TextAccess.METADATA),
)
