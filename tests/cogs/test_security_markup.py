"""Texts of strangers, everywhere that the bot shows one: nothing in them is active."""

import io
import re
import timeit
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import thread_time
from zlib import crc32

import pytest

from cogs._cards import daily_card, passage_card, work_card
from cogs._log import log_sheet
from cogs._results import PAGE_WORKS, Remembered, nothing_found, results_sheet
from cogs._review import Place, Review, ReviewItem, review_sheet
from db.daily.models import Recommended
from db.members import Rec
from db.models import (
    AuditEntry,
    Filters,
    Hidden,
    Hit,
    NewWork,
    Passage,
    SearchAnswer,
    SeriesPart,
)
from sandbox import Answer, User
from sandbox.answers import Choices
from sandbox.components import texts, walk
from tests.cogs.conftest import Rig
from tests.cogs.markdown import read
from tests.cogs.shelf import a_work
from tests.cogs.works import NOW, a_stored_work

pytestmark = pytest.mark.fault(14)

# (before, word, after): the word may only ever be seen with what is around it.
LIVE = (
    ("**", "zqbold", "**"), ("__", "zqline", "__"), ("~~", "zqgone", "~~"), ("_", "zqslant", "_"),
    ("||", "zqhide", "||"), ("`", "zqcode", "`"), ("```", "zqfence", "```"),
    ("[", "zqlink", "](https://evil.example)"), ("](https://evil.example) [", "zqturned", "]"),
    ("<https://evil.example/", "zqaddress", ">"), ("https://evil.example/", "zqbare", " "),
    ("<:", "zqemoji", ":4242>"), (":", "zqface", ":"), ("</", "zqcommand", ":4242>"),
    ("<id:", "zqhome", ">"),
)  # fmt: skip
MENTIONS = "@everyone @here <@4242> <@!4242> <@&4242> <#4242> <t:0:R> <a:zq:4242>"
LINES = ("# zq", "-# zq", "> zq", "- zq", "+ zq", "* zq", "1. zq", "2) zq", ">>> zq")

SHORT = [
    *(" ".join(map("".join, LIVE[start : start + 8])) for start in range(0, len(LIVE), 8)),
    MENTIONS,
    "\n".join(LINES),
    "\u202ezq turned\u202c \u2066zq\u2069 \u200b\ufeff\u00ad zq",
    "zq\x00zq\ud800zq\x07",
    "zq [ open",
    "zq ] closed",
    "\\",
    "\u200b\u202e\u3164",
]
LONG = ("[" * 6000,)


def all_of_it(said: str) -> NewWork:
    """A work every text of which says the same, as a new paragraph too."""
    work = a_work(
        said,
        author=said,
        fandom=said,
        characters=(said, f"{said} too"),
        summary=f"{said}\n\n{said}",
        source_url=f"https://example.org/{said}",
        # No two of them alike, else the second would be the first one again.
        passages=tuple(
            f"{said}\n{number} saltwort {crc32(repr(said).encode())}.\n\n{said}"
            for number in (1, 2, 3)
        ),
    )
    chapter = replace(work.chapters[0], title=said)
    info = replace(
        work.info,
        relationships=(f"{said}/{said}",),
        tags=(said,),
        series=(SeriesPart(said, 2),),
        notes=said,
        language=said[:8],
    )
    return replace(work, info=info, chapters=(chapter, chapter))


async def everywhere(rig: Rig, said: str, work_id: int) -> Mapping[str, Answer | Choices]:
    """Every way in which a work, or what somebody typed, is shown."""
    member, moderator = rig.user("member"), rig.user("moderator")
    number, typed = f"#{work_id}", said[:90].strip() or "x"
    by_force = moderator.forced
    kind = {"kind": "Character"}
    found: dict[str, Answer | Choices] = {
        "show": await member.command("fic show", work=number),
        "excerpt": await member.command("fic excerpt", work=number),
        "similar": await member.command("fic similar", work=number),
        "quote": await member.command("fic quote", words="saltwort", work=number),
        "search": await member.command("fic search", query="sort:added"),
        "searched": await by_force.command("fic search", query=said, fandom=said),
        "quoted": await by_force.command("fic quote", words=said),
        "length": await by_force.command("fic search", query="x", length=said),
        "choice": await by_force.command("fic search", query="x", rating=said),
        "random": await by_force.command("fic random", fandom=said),
        "unknown": await by_force.command("fic show", work=f"{said} no"),
        "while typing": await member.autocomplete("fic show", focused="work", work=typed),
        "typed query": await member.autocomplete("fic search", focused="query", query=typed),
        "typed length": await member.autocomplete("fic search", focused="length", length=typed),
        "typed name": await moderator.autocomplete(
            "library tag rename", focused="name", name=typed, **kind
        ),
        "edited": await moderator.command("library edit", work=number),
        "asked": await by_force.command("library remove", work=number, why=said),
        "duplicates": await moderator.command("library duplicates"),
        "merged": await by_force.command(
            "library tag merge", name=said, into=f"{said} too", **kind
        ),
        "split": await by_force.command("library tag split", name=said, **kind),
        "no tag": await by_force.command("library tag rename", name=f"{said}?", to=said, **kind),
        "nickname": await by_force.command(
            "library tag nickname", name=f"{said} too", nickname=f"{said}!", **kind
        ),
        "no time": await by_force.command(
            "daily setup", channel="daily-rec", time=said, timezone="Europe/Paris"
        ),
        "no zone": await by_force.command(
            "daily setup", channel="daily-rec", time="9:00", timezone=said
        ),
        "only fandom": await by_force.command(
            "daily setup", channel="daily-rec", time="9:00", timezone="Europe/Paris", fandom=said
        ),
        "named": await by_force.command(
            "daily setup", channel="mod-desk", time="9:00", timezone="Europe/Paris", name=said[:40]
        ),
        "listed": await moderator.command("daily status"),
        "daily": await by_force.command("daily status", schedule=said[:40]),
        "no schedule": await by_force.command("daily status", schedule=f"{said[:30]} no"),
        "queue": await by_force.command("daily queue", work=number, schedule=said[:40]),
        "preview": await by_force.command("daily preview", schedule=said[:40]),
        "vetoed": await by_force.command("daily veto", work=number),
        "lifted": await by_force.command("daily veto", work=number, undo=True),
        "ended": await by_force.command("daily remove", schedule=said[:40]),
        "history": await moderator.command("daily history"),
    }
    card, edited = found["show"].message, found["edited"].message
    found["pressed"] = await member.forced.press(card, f"card:{work_id}")
    found["another"] = await member.forced.press(card, f"excerpt:{work_id}")
    found["details"] = await moderator.press(edited, "Edit details")
    found["more"] = await moderator.press(edited, "More details")
    form = (await moderator.command("library add")).form
    # Discord tidies the names of files, and nobody those in a zip.
    packed = zipped({f"1 {typed}.pdf": b"%PDF-1.7", f"2 {typed}.html": b"<html>"})
    found["refused"] = await moderator.submit(form, {"files": [("some.zip", packed)]})
    # At last: it takes the work away.
    sure = next(b.custom_id for b in found["asked"].message.buttons if b.custom_id)
    found["removed"] = await moderator.press(found["asked"].message, sure)
    found["taken back"] = await moderator.command("library restore", work=number)
    found["log"] = await moderator.command("library log")
    return found


def zipped(entries: dict[str, bytes]) -> bytes:
    """A zip of these files, as far as a zip takes their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            name = name.replace("\0", "").encode("utf-8", "replace").decode()
            archive.writestr(name, data)
    return buffer.getvalue()


def shown_in(answer: Answer | Choices) -> list[str]:
    """The texts of an answer that are read as Markdown, each by itself."""
    if isinstance(answer, Choices):
        return []
    return [
        part
        for message in answer.messages
        for part in (message.content, *texts(message.components))
    ]


def plain_in(answer: Answer | Choices) -> list[str]:
    """Its labels, options and descriptions, which are not."""
    if isinstance(answer, Choices):
        return [name for name, _ in answer]
    rows = [row for message in answer.messages for row in walk(message.components)]
    rows += walk(answer.modal.components) if answer.modal else []
    options = [option for row in rows for option in row.get("options") or []]
    return [
        str(one[key])
        for one in (*rows, *options)
        for key in ("label", "placeholder", "description", "title")
        if one.get(key)
    ]


OWN = re.compile(r"/?(?:bold|italic|heading|subtext|quote)|/link|link https://example\.org/\S*")
# What the bot itself says of people, roles, channels and times.
OWN_THINGS = {
    "log": r"user <@\d+>|time <t:\d+:f>",
    "only fandom": r"channel <#\d+>|time <t:\d+:R>",
    "preview": r"channel <#\d+>|time <t:\d+:F>",
    "named": r"channel <#\d+>|time <t:\d+:R>",
    "listed": r"channel <#\d+>|time <t:\d+:R>",
    "daily": r"channel <#\d+>|time <t:\d+:R>",
}


# Where the query language, or Discord's tidying of files' names, has its say, words stand without
# what was around them.
REWORDED = {"searched", "quoted", "menu"}


def checked_marks(name: str, answer: Answer | Choices) -> list[str]:
    """The active marks, of which none is a stranger's."""
    marks: list[str] = []
    for part in shown_in(answer):
        seen = read(part)
        for mark in seen.marks:
            own = OWN.fullmatch(mark) or re.fullmatch(OWN_THINGS.get(name, "x^"), mark)
            assert own, (name, mark, part)
            assert mark.startswith("link ") or "4242" not in mark, (name, mark)
        marks += [mark.partition(" ")[0] for mark in seen.marks]
        as_read = seen.text.replace("［", "[").replace("］", "]")
        for before, word, after in LIVE:
            for match in re.finditer(word, as_read) if name not in REWORDED else ():
                rest, after = as_read[match.end() :], after.strip()
                assert as_read[: match.start()].endswith(before), (name, part)
                assert rest.startswith(after) or after.startswith(rest.split("…")[0]), (name, part)
    return marks


def check(name: str, answer: Answer | Choices) -> None:
    """What holds of every answer, whatever is in it."""
    assert answer.error is None, name
    for part in plain_in(answer):
        assert not UNSEEN.search(part), (name, part)
        assert len(part.encode("utf-16-le", "surrogatepass")) <= 2 * 150, (name, part)
    for part in shown_in(answer):
        assert not TURNING.search(part), (name, part)
        assert "went wrong" not in part, (name, part)
    for message in answer.messages if isinstance(answer, Answer) else ():
        pings = (message.payload[key] for key in ("mention_everyone", "mentions", "mention_roles"))
        assert not any(pings), name


TURNING = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\ud800-\udfff]"
)
UNSEEN = re.compile(
    "[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x1f\ud800-\udfff\ufeff]"
)


@pytest.mark.timeout(120)
async def test_no_text_of_a_stranger_is_active(rig: Rig) -> None:
    plainly = "zq words"
    [work_id] = await rig.add(all_of_it(plainly))
    usual = {
        name: checked_marks(name, answer)
        for name, answer in (await everywhere(rig, plainly, work_id)).items()
    }
    assert {"heading", "quote", "bold", "link"} <= set(usual["show"]) | set(usual["excerpt"])
    for said in SHORT:
        [work_id] = await rig.add(all_of_it(said))
        for name, answer in (await everywhere(rig, said, work_id)).items():
            check(name, answer)
            marks = checked_marks(name, answer)
            if name in WHOLE and said.strip("\u200b\u202e\u3164"):
                assert marks == usual[name], (name, said)


# Where nothing is left out, however long it is: there the marks are the same whatever is said.
WHOLE = {"excerpt", "pressed", "another", "asked", "removed", "taken back", "show"}


async def test_what_is_far_too_long_is_cut(rig: Rig) -> None:
    for said in LONG:
        [work_id] = await rig.add(all_of_it(said))
        for name, answer in (await everywhere(rig, said, work_id)).items():
            check(name, answer)
            checked_marks(name, answer)


async def test_a_message_is_added_with_whatever_it_says(moderator: User, rig: Rig) -> None:
    """From the menu of a message, whose text and files are anybody's."""
    for said in (*SHORT[:4], "]" * 1900):
        message = await rig.user("member").say(
            f"{said}\n\n“Zq,” she said. The lamp was lit.",
            [(f"{said[:40]}.pdf".replace("/", "_"), b"%PDF-1.7")],
        )
        answer = await moderator.menu(message, "Add to library")
        check("menu", answer)
        checked_marks("menu", answer)
        answer = await moderator.menu(await rig.user("member").say(said + " zq."), "Add to library")
        check("menu", answer)
        checked_marks("menu", answer)


MILLISECONDS = 10  # the row's own word; the best of some tries, as other work goes on beside


@pytest.mark.parametrize("said", ["[" * 6000, "@" * 6000, "é\n" * 3000, "x" * 6000, "😀" * 6000])
def test_any_of_it_is_rendered_at_once(said: str) -> None:
    new = all_of_it(said)
    work = a_stored_work(new.info)
    excerpt = replace(new.excerpts[0], text=said)
    many = tuple(Hit(work, 1.0, ("title",)) for _ in range(PAGE_WORKS))
    found = SearchAnswer(
        said, {}, said, 9, ((said, 2), (said, 1)), many, Hidden(), notes=(said,) * 4
    )
    post = Recommended(Passage(work, excerpt, said), Rec(1, 1, said, NOW))
    place = Place(1, 0)
    ways: dict[str, Callable[[], object]] = {
        "card": lambda: work_card(work),
        "passage": lambda: passage_card(Passage(work, excerpt, said)),
        "daily": lambda: daily_card(post, outbox_id=1, name=said, role_id=None),
        "results": lambda: results_sheet(found, Remembered(said, Filters(), None), 1, 0),
        "review": lambda: review_sheet(
            Review((ReviewItem(1),)), place, work, [excerpt] * 3, above=[], may_quote=True
        ),
        "log": lambda: log_sheet([AuditEntry(1, NOW, 1, said, 1, said, said)] * 20),
        "nothing": lambda: nothing_found(found),
    }
    for name, render in ways.items():
        seconds = min(timeit.repeat(render, timer=thread_time, number=1, repeat=20))
        assert seconds * 1000 < MILLISECONDS, name


async def test_words_are_escaped_once_where_nothing_matches_as_typed(member: User) -> None:
    found = (await member.command("fic search", query="gravty_asist")).message
    only = next(one for one in found.buttons if one.label.startswith("Search for"))
    answer = await member.press(found, only.label)
    assert "“gravty\\_asist”" in answer.message.content
