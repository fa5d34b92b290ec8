"""Works of our own making, plain ones and extreme ones."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from db.members import Rec
from db.models import (
    ArchiveWarning,
    Category,
    Excerpt,
    Rating,
    SeriesPart,
    Status,
    TextAccess,
    Work,
    WorkInfo,
    WorkState,
)

NOW = datetime(2026, 3, 14, 15, 9, tzinfo=UTC)


def a_stored_work(info: WorkInfo | None = None, **facts: Any) -> Work:
    """A work as the library gives it."""
    info = info or WorkInfo(
        title="The Twelfth Boat",
        authors=("quaylight",),
        fandoms=("Original Work",),
        rating=Rating.GENERAL,
        warnings=(ArchiveWarning.NONE_APPLY,),
        status=Status.COMPLETE,
        words=2500,
    )
    stored: dict[str, Any] = {
        "work_id": 7,
        "guild_id": 1,
        "info": info,
        "state": WorkState.PUBLISHED,
        "opening": "The lantern went out at the third",
        "chapter_count": 1,
        "has_text": True,
        "excerpt_count": 3,
        "added_by": None,
        "added_at": NOW,
        "changed_at": NOW,
    }
    return Work(**(stored | facts))


# One long character each, so that every cut is as unlucky as can be.
_letters = st.sampled_from(["a", "[", "\\", "日", "😀", "@", ":", "e\u0301"])


def _filled(longest: int) -> st.SearchStrategy[str]:
    sizes = st.sampled_from([1, longest // 2, longest])
    return st.builds(lambda char, size: (char * size)[:longest], _letters, sizes)


_name = _filled(150)
_names = st.one_of(
    st.just(()), st.lists(_name, max_size=4).map(tuple), _name.map(lambda name: (name,) * 75)
)
infos = st.builds(
    WorkInfo,
    title=st.one_of(st.none(), _filled(255)),
    authors=_names,
    fandoms=_names,
    relationships=_names,
    characters=_names,
    tags=_names,
    rating=st.sampled_from(Rating),
    warnings=st.lists(st.sampled_from(ArchiveWarning), unique=True).map(tuple),
    categories=st.lists(st.sampled_from(Category), unique=True).map(tuple),
    language=st.sampled_from([None, "en", "fr", "zh-Hans"]),
    status=st.sampled_from(Status),
    summary=st.one_of(st.none(), _filled(1250), st.just("word\n\n" * 200)),
    series=st.lists(st.builds(SeriesPart, _name, st.none() | st.integers(1, 99)), max_size=3).map(
        tuple
    ),
    published=st.none() | st.just(date(2020, 2, 29)),
    updated=st.none() | st.just(date(2026, 1, 1)),
    source_url=st.one_of(
        st.none(),
        st.just("https://example.org/" + "a" * 490),
        st.just("https://example.org/" + "日" * 400),
        st.just("javascript:alert(1)"),
    ),
    words=st.sampled_from([0, 1, 999, 4_999_999]),
    text_access=st.sampled_from(TextAccess),
)
works = st.builds(
    a_stored_work,
    infos,
    state=st.sampled_from([WorkState.DRAFT, WorkState.PUBLISHED]),
    opening=st.sampled_from(["", "Small feet. Sneakers pounding", "[" * 60]),
    chapter_count=st.sampled_from([0, 1, 400]),
    has_text=st.booleans(),
    excerpt_count=st.sampled_from([0, 1, 3]),
    work_id=st.sampled_from([1, 2**63 - 1]),
)
recs = st.builds(
    Rec, st.just(7), st.just(2**63 - 1), _filled(500) | st.just("so\n\n" * 125), st.just(NOW)
)
passages = st.builds(
    Excerpt,
    chapter=st.integers(0, 400),
    start=st.just(0),
    end=st.just(900),
    text=st.one_of(_filled(900), st.just("“Go.”\n\n" * 128), st.just("*“\u202eGo.”*\n" * 90)),
    excerpt_id=st.sampled_from([0, 1, 2**63 - 1]),
    chosen=st.booleans(),
)
