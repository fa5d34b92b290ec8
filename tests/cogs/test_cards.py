"""Cards fit Discord's limits whatever the work, and name rating and warnings before any text."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogs import _cards as cards
from cogs._log import log_sheet
from cogs._results import PAGE_WORKS, Remembered, results_sheet
from cogs._review import (
    Place,
    Review,
    ReviewItem,
    details_form,
    more_form,
    noticed,
    review_sheet,
)
from db.daily.models import Recommended
from db.ingest.reading import FandomSuggestion, Reading
from db.members import Rec
from db.models import (
    ArchiveWarning,
    AuditEntry,
    Excerpt,
    Filters,
    Hidden,
    Hit,
    NewWork,
    Passage,
    Rating,
    SearchAnswer,
    Sort,
    Status,
    WordRange,
    Work,
    WorkInfo,
)
from sandbox.components import find, texts
from sandbox.form_rules import check_modal
from sandbox.limits import check_message, overweight
from tests.cogs.works import NOW, a_stored_work, infos, passages, recs, works

Json = dict[str, Any]
LONG = 2**63 - 1
few = settings(max_examples=40, deadline=None)  # extreme works take a while to make up


def shown(sheet: Any) -> list[Json]:
    """The components as they go over the wire, within Discord's limits."""
    rows: list[Json] = json.loads(json.dumps(sheet.to_components()))
    assert check_message({"components": rows}, v2=True) == []
    assert not overweight(rows)
    return rows


def reading(sheet: Any) -> str:
    return "\n".join(texts(shown(sheet)))


@few
@given(works, st.lists(recs, max_size=3))
def test_any_card_fits(work: Work, said: list[Rec]):
    parts = texts(shown(cards.work_card(work, said)))
    # A mention is never cut.
    assert "\n".join(parts).count(f"recommended by <@{LONG}>") == len(said)
    assert str(work.info.rating) in parts[1]
    if work.info.summary:
        # Rating and warnings come before the summary.
        assert len(parts) >= 3


@few
@given(works, passages, st.none() | st.just("c" * 200))
def test_any_passage_fits(work: Work, excerpt: Excerpt, chapter_title: str | None):
    parts = texts(shown(cards.passage_card(Passage(work, excerpt, chapter_title))))
    assert str(work.info.rating) in parts[0]
    assert parts[1].startswith("> ")


@few
@given(works, passages, st.none() | st.just(LONG))
def test_any_daily_post_fits(work: Work, excerpt: Excerpt, role_id: int | None):
    for found, why in ((work, None), (Passage(work, excerpt, None), Rec(1, LONG, "[" * 500, NOW))):
        recommended = Recommended(found, why)
        sheet = cards.daily_card(recommended, outbox_id=LONG, name="[" * 40, role_id=role_id)
        assert find(shown(sheet), f"card:{work.work_id}:{LONG}")


@pytest.mark.parametrize("rating", Rating)
def test_a_passage_of_an_adult_work_is_covered(rating: Rating):
    work = a_stored_work(WorkInfo("Night Bus", rating=rating, warnings=(ArchiveWarning.VIOLENCE,)))
    passage = Passage(work, Excerpt(0, 0, 12, "The bus left."), None)
    rows = shown(cards.daily_card(Recommended(passage), outbox_id=3, name="daily", role_id=None))
    covered = [row for row in rows if row.get("spoiler")]
    assert bool(covered) is rating.is_adult
    assert all("The bus left." in "\n".join(texts(row["components"])) for row in covered)
    # Rating and warnings stand before any text of it, and outside the cover.
    said = texts([row for row in rows if not row.get("spoiler")])
    assert any(f"**{rating}" in part and "Violence" in part for part in said[:3])
    assert ("The bus left." in "\n".join(said)) is not rating.is_adult


def test_a_members_why_is_quoted_and_pings_nobody():
    rec = Rec(7, 5, "Read it @everyone\n# twice", NOW)
    recommended = Recommended(a_stored_work(), rec)
    sheet = cards.daily_card(recommended, outbox_id=3, name="Weekly *shorts*", role_id=None)
    said = reading(sheet)
    assert "Weekly \\*shorts\\*" in said
    assert "> Read it @\u200beveryone\n> \\# twice\n-# recommended by <@5>" in said


@few
@given(st.none() | works, infos, st.sampled_from([0, 8, 96_000]))
def test_any_page_of_results_fits(work: Work | None, other: WorkInfo, offset: int):
    fandoms = tuple((f"{index}{name}", 3) for index, name in enumerate(other.fandoms))[:24]
    ids = range(1, 1 + PAGE_WORKS) if work else ()
    hits = tuple(Hit(replace(work, work_id=n), 1.0, ("title",)) for n in ids if work)
    answer = SearchAnswer("[" * 100, {}, "日" * 100, 100_000, fandoms, hits, Hidden(9999, 9999))
    filters = Filters.of(fandom=fandoms[0][0] if fandoms else None)
    search = Remembered("[" * 100, filters, Sort.BEST, fandoms)
    shown(results_sheet(answer, search, LONG, offset))


@few
@given(works, st.lists(passages, max_size=3), st.booleans(), st.lists(st.text(max_size=200)))
def test_any_review_fits(work: Work, found: list[Excerpt], may_quote: bool, lines: list[str]):
    numbered = [
        Excerpt(e.chapter, e.start, e.end, e.text, e.score, index + 1, e.chosen)
        for index, e in enumerate(found)
    ]
    escaped = tuple(cards.text.escape(line, 160) for line in lines)
    item = ReviewItem(work.work_id, escaped)
    place = Place(LONG, 9)
    sheet = review_sheet(
        Review((item,) * 10), place, work, numbered, above=escaped, may_quote=may_quote
    )
    shown(sheet)
    for form in (details_form(work, place), more_form(work, place)):
        assert check_modal(form.to_dict()) == []


@given(st.lists(st.text(max_size=400), min_size=1, max_size=20))
def test_any_log_fits(titles: list[str]):
    shown(log_sheet([AuditEntry(1, NOW, LONG, "update", 1, t, t) for t in titles]))


def test_the_card_of_a_plain_work():
    info = WorkInfo(
        title="The *Twelfth* Boat",
        authors=("quaylight", "Marit"),
        fandoms=("Original Work",),
        characters=("Marit Voss",),
        rating=Rating.TEEN,
        warnings=(ArchiveWarning.MAJOR_DEATH,),
        status=Status.COMPLETE,
        summary="A boat is missing.",
        source_url="https://example.org/works/12",
        words=25_000,
    )
    card = cards.work_card(a_stored_work(info, chapter_count=3))
    assert reading(card) == (
        "### [The \\*Twelfth\\* Boat](<https://example.org/works/12>)\nby quaylight, Marit\n"
        "**Teen And Up Audiences** · **Major Character Death**\n"
        "**Fandoms:** Original Work\n**Characters:** Marit Voss\n"
        "A boat is missing.\n"
        "-# 25,000 words · about 1 h 40 min · 3 chapters · complete"
    )
    assert find(shown(card), "excerpt:7")


def test_a_work_without_a_title_is_shown_by_its_opening():
    card = cards.work_card(a_stored_work(WorkInfo(title=None)))
    assert "Untitled (“The lantern went out at the third…”)" in reading(card)
    assert "an author who is not named" in reading(card)
    assert "Not Rated (counts as adult)" in reading(card)
    assert "Archive warnings not stated" in reading(card)


def test_a_card_that_may_not_be_quoted_offers_no_passage():
    info = WorkInfo(title="Quiet", text_access=cards.TextAccess.METADATA)
    assert find(shown(cards.work_card(a_stored_work(info))), "excerpt:7") is None


def test_reading_times():
    times = [cards.reading_time(words) for words in (1, 2_500, 14_900, 90_000, 4_000_000)]
    assert times == ["about 1 min", "about 10 min", "about 1 h", "about 6 h", "about 266 h"]


def test_a_search_is_remembered_as_it_was():
    filters = Filters.of("Cowboy Bebop", Rating.TEEN, Status.COMPLETE, WordRange(None, 5000))
    search = Remembered("spike", filters, Sort.WORDS, (("Cowboy Bebop", 3),))
    kept = json.loads(json.dumps(search.to_state()))
    assert Remembered.from_state(kept) == search


def test_a_fandom_is_chosen_by_its_number_only():
    search = Remembered("spike", Filters(), Sort.BEST, (("Cowboy Bebop", 3), ("Buffy", 2)))
    assert search.in_fandom("1").filters.fandom == "Buffy"
    for made_up in ("all", "2", "-1", "²", "99999999999", "Buffy"):
        assert search.in_fandom(made_up).filters.fandom is None


def a_reading(**facts: Any) -> Reading:
    return Reading("fic.txt", NewWork(facts.pop("info", WorkInfo(title=None))), "", **facts)


def test_fandoms_are_shown_with_their_evidence():
    bebop = FandomSuggestion("Cowboy Bebop", 9.0, {"Jet": 7, "Faye": 9}, confident=True)
    buffy = FandomSuggestion("Buffy", 2.0, {"Spike": 3})
    sure = noticed(a_reading(fandoms=(bebop, buffy)), title_given=False)
    assert sure == ("Fandom: Cowboy Bebop (Faye 9, Jet 7)",)
    unsure = noticed(a_reading(fandoms=(buffy,)), title_given=False)
    assert unsure == ("Fandom: perhaps Buffy (Spike 3)",)
    assert noticed(a_reading(), title_given=False) == ("No fandom was recognised.",)


def test_where_title_and_rating_come_from_is_said():
    info = WorkInfo(title="Waltz", rating=Rating.TEEN, fandoms=("Cowboy Bebop",))
    said = noticed(
        a_reading(
            info=info, title_source="first line", rating_source="header", problems=("*Odd*.",)
        ),
        title_given=False,
    )
    assert said == ("Title: from the first line.", "Rating: from the header.", "\\*Odd\\*.")
    offered = noticed(a_reading(title_candidates=("Avant Title",)), title_given=False)
    assert offered[0] == "It might be: Avant Title"


@pytest.mark.parametrize(
    ("code", "shown"),
    [("fr", "Français"), ("pt-BR", "Português brasileiro"), ("ja", "日本語"), ("tlh", "tlh")],
)
def test_another_language_is_told_by_its_own_name(code: str, shown: str) -> None:
    work = a_stored_work()
    assert "complete" in cards.facts(work)
    told = cards.facts(replace(work, info=replace(work.info, language=code)))
    assert told.split(" · ")[-1] == shown
