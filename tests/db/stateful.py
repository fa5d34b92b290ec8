"""The whole library against a model in plain Python, two servers at once.

The machine does what moderators do, in any order, and says of each step what must come of it.
Between steps every server must hold what its model holds, and nothing of the other's.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from db import soundness
from db.errors import Conflict, LibraryError, NotFound
from db.library import Library
from db.models import (
    AddStatus,
    Excerpt,
    Filters,
    GuildSettings,
    NameField,
    NameFilter,
    NewWork,
    Rating,
    SearchRequest,
    TagKind,
    Viewer,
    WorkChanges,
    WorkInfo,
    WorkState,
)
from tests.db.builders import a_work, chapter

T = TypeVar("T")
GUILDS = (100, 200)
MOD = 7
ALL = Viewer(adult_ok=True)
# No two alike, so that nothing is found for a slip of the other.
SYLLABLES = (
    "bal", "dor", "fim", "gul", "hax", "jev", "kop", "lum", "mir", "nat",
    "pol", "quis", "rud", "sev", "tob", "vix", "wam", "yel", "zor", "chu",
)  # fmt: skip
CAST = ("Zorvane", "Quillith", "Bramblow", "Ostrander")
NEW_NAMES = ("Tavistry", "Umbrelkin", "Fennimar", "Zorvane")
AUTHORS = ("harrowgate", "mistlethwaite", "oxbridgian")

guilds = st.sampled_from(GUILDS)
picks = st.integers(0, 1_000)
NEW_WORKS = {
    "cast": st.lists(st.sampled_from(CAST), max_size=3),
    "author": st.sampled_from(AUTHORS),
    "rating": st.sampled_from(Rating),
}


def word(number: int) -> str:
    """A made-up word that no other number has."""
    first, rest = number % len(SYLLABLES), number // len(SYLLABLES)
    return SYLLABLES[first] + SYLLABLES[rest % len(SYLLABLES)] + SYLLABLES[(first + 7) % 20] + "o"


def made(number: int, cast: tuple[str, ...], author: str, rating: Rating) -> NewWork:
    """A work that shares no text with any other, in two passages."""
    passages = tuple(
        " ".join(f"{word(number)}{part}{word(n + 3)}" for n in range(12)) + "." for part in "ab"
    )
    text = "\n\n".join(passages)
    new = a_work(
        f"The {word(number)} tale", authors=(author,), fandoms=("Vellichor Rising",),
        characters=cast, rating=rating, texts=(text,), summary=None,
    )  # fmt: skip
    excerpts = tuple(
        Excerpt(0, text.index(one), text.index(one) + len(one), one, 1.0 - n / 10)
        for n, one in enumerate(passages)
    )
    return replace(new, chapters=(chapter(text),), excerpts=excerpts)


@dataclass(eq=False)
class Tag:
    """A character as moderators keep it."""

    name: str
    canonical: "Tag | None" = None
    parents: set["Tag"] = field(default_factory=set["Tag"])
    nicknames: set[str] = field(default_factory=set[str])

    @property
    def stands_for(self) -> "Tag":
        return self.canonical or self


@dataclass(eq=False)
class Kept:
    """A work as the model knows it; `cast` are its characters."""

    new: NewWork
    info: WorkInfo
    cast: list[Tag]
    state: WorkState
    passages: list[tuple[str, bool]]  # and whether it is the chosen one


@dataclass
class Shelf:
    """What one server has."""

    works: dict[int, Kept] = field(default_factory=dict[int, Kept])
    tags: list[Tag] = field(default_factory=list[Tag])
    settings: GuildSettings = field(default_factory=GuildSettings)
    requests: dict[str, int] = field(default_factory=dict[str, int])
    erased: list[NewWork] = field(default_factory=list[NewWork])

    def of(self, *states: WorkState) -> list[int]:
        return [number for number, kept in self.works.items() if kept.state in states]

    def tag(self, name: str) -> Tag | None:
        return next((tag for tag in self.tags if tag.name == name), None)

    def named(self, name: str) -> Tag:
        if found := self.tag(name):
            return found
        self.tags.append(made := Tag(name))
        return made

    def below(self, tag: Tag) -> set[Tag]:
        found: set[Tag] = set()
        while more := {t for t in self.tags if t.parents & ({tag} | found)} - found:
            found |= more
        return found

    def family(self, tag: Tag) -> set[Tag]:
        """What is found by a canonical tag."""
        heads = {tag, *self.below(tag)}
        return heads | {each for each in self.tags if each.canonical in heads}

    def forget_names(self) -> None:
        """Those that nothing needs, as where a work is erased."""
        used = {tag for kept in self.works.values() for tag in kept.cast}
        used |= {tag.canonical for tag in self.tags if tag.canonical}
        used |= {parent for tag in self.tags for parent in tag.parents}
        used |= {tag for tag in self.tags if tag.canonical or tag.parents or tag.nicknames}
        self.tags = [tag for tag in self.tags if tag in used]

    def info(self, kept: Kept) -> WorkInfo:
        names = tuple(dict.fromkeys(tag.name for tag in kept.cast))
        return replace(kept.info, characters=names)


@cache
def empty_library() -> bytes:
    """A new library that knows both servers; making one takes longer than a whole example."""

    async def make(path: Path) -> None:
        async with Library.open(path) as library:
            for guild_id in GUILDS:
                await library.welcome_guild(guild_id, f"Server {guild_id}")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.sqlite3"
        asyncio.run(make(path))
        return path.read_bytes()


class Servers(RuleBasedStateMachine):
    """Two servers, their moderators, and one library."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="ficshelf-"))
        self._path = self._folder / "library.sqlite3"
        self._path.write_bytes(empty_library())
        self._runner = asyncio.Runner()
        self._shelves = {guild_id: Shelf() for guild_id in GUILDS}
        self._made = 0

    @initialize()
    def open(self) -> None:
        self._opened = AsyncExitStack()
        self._library = self._run(self._opened.enter_async_context(Library.open(self._path)))

    def teardown(self) -> None:
        try:
            if hasattr(self, "_opened"):
                self._run(self._opened.aclose())
                report = soundness.check(self._path)
                assert report.is_sound, report.sentences
                shown = sum(len(s.of(WorkState.PUBLISHED)) for s in self._shelves.values())
                assert (report.works, report.indexed) == (shown, shown)
        finally:
            self._runner.close()
            shutil.rmtree(self._folder)

    def _run(self, doing: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await doing

        return self._runner.run(awaited())

    def _refused(self, doing: Awaitable[Any], *errors: type[LibraryError]) -> None:
        try:
            self._run(doing)
        except errors:
            return
        raise AssertionError(f"this should have raised {errors}")

    def _next(self, cast: list[str], author: str, rating: Rating) -> NewWork:
        self._made += 1
        return made(self._made, tuple(dict.fromkeys(cast)), author, rating)

    def _keep(self, guild_id: int, work_id: int | None, new: NewWork, state: WorkState) -> None:
        shelf = self._shelves[guild_id]
        assert work_id is not None
        assert not any(work_id in other.works for other in self._shelves.values())
        info = replace(new.info, words=new.chapters[0].words)
        cast = [shelf.named(name) for name in new.info.characters]
        passages = [(excerpt.text, False) for excerpt in new.excerpts]
        shelf.works[work_id] = Kept(new, info, cast, state, passages)

    def _one(self, guild_id: int, pick: int, *states: WorkState) -> int | None:
        works = self._shelves[guild_id].of(*states)
        return works[pick % len(works)] if works else None

    # -- works

    @rule(guild_id=guilds, how_many=st.integers(1, 3), **NEW_WORKS)
    def add(
        self, guild_id: int, how_many: int, cast: list[str], author: str, rating: Rating
    ) -> None:
        news = [self._next(cast, author, rating) for _ in range(how_many)]
        outcomes = self._run(self._library.add(guild_id, news, by=MOD))
        assert [outcome.status for outcome in outcomes] == [AddStatus.ADDED] * how_many
        for new, outcome in zip(news, outcomes, strict=True):
            self._keep(guild_id, outcome.work_id, new, WorkState.PUBLISHED)

    @rule(guild_id=guilds, **NEW_WORKS)
    def add_draft(self, guild_id: int, cast: list[str], author: str, rating: Rating) -> None:
        new = self._next(cast, author, rating)
        key = f"request {self._made}"
        doing = self._library.add_draft(guild_id, new, by=MOD, request_key=key)
        outcome = self._run(doing)
        self._keep(guild_id, outcome.work_id, new, WorkState.DRAFT)
        again = self._run(self._library.add_draft(guild_id, new, by=MOD, request_key=key))
        assert again == outcome

    @rule(guild_id=guilds, pick=picks)
    def add_again(self, guild_id: int, pick: int) -> None:
        """A copy of what stands, of what was removed, or of what was erased."""
        shelf = self._shelves[guild_id]
        work_id = self._one(guild_id, pick, WorkState.PUBLISHED, WorkState.REMOVED)
        if pick % 3 == 0 and shelf.erased:
            new, status = shelf.erased[pick % len(shelf.erased)], AddStatus.REFUSED
        elif work_id is not None:
            kept = shelf.works[work_id]
            if shelf.info(kept).characters != kept.new.info.characters:
                return  # it would take the names of the new file
            new = kept.new
            is_here = kept.state is WorkState.PUBLISHED
            status = AddStatus.DUPLICATE if is_here else AddStatus.REFUSED
        else:
            return
        (outcome,) = self._run(self._library.add(guild_id, [new], by=MOD))
        assert outcome.status is status, outcome
        drafted = self._run(self._library.add_draft(guild_id, new, by=MOD, request_key=f"{pick}!"))
        assert drafted.status is status, drafted

    @rule(guild_id=guilds, pick=picks)
    def publish(self, guild_id: int, pick: int) -> None:
        if (work_id := self._one(guild_id, pick, WorkState.DRAFT)) is not None:
            self._run(self._library.publish(guild_id, work_id, by=MOD))
            self._shelves[guild_id].works[work_id].state = WorkState.PUBLISHED
            self._refused(self._library.publish(guild_id, work_id, by=MOD), Conflict)

    @rule(guild_id=guilds, pick=picks)
    def discard(self, guild_id: int, pick: int) -> None:
        if (work_id := self._one(guild_id, pick, WorkState.DRAFT)) is not None:
            self._run(self._library.discard(guild_id, work_id, by=MOD))
            del self._shelves[guild_id].works[work_id]

    @rule(
        guild_id=guilds, pick=picks, retitle=st.booleans(),
        cast=st.none() | st.lists(st.sampled_from(CAST), max_size=3, unique=True),
        rating=st.none() | st.sampled_from(Rating),
    )  # fmt: skip
    def edit(
        self,
        guild_id: int,
        pick: int,
        retitle: bool,
        cast: list[str] | None,
        rating: Rating | None,
    ) -> None:
        work_id = self._one(guild_id, pick, *WorkState)
        if work_id is None:
            return
        shelf, kept = self._shelves[guild_id], self._shelves[guild_id].works[work_id]
        self._made += 1
        title = f"The {word(self._made)} retold" if retitle else None
        changes = WorkChanges(
            title=title, characters=None if cast is None else tuple(cast), rating=rating
        )
        doing = self._library.edit(guild_id, work_id, changes, by=MOD)
        if kept.state is WorkState.REMOVED:
            self._refused(doing, Conflict)
            return
        self._run(doing)
        kept.info = replace(
            kept.info, title=title or kept.info.title, rating=rating or kept.info.rating
        )
        if cast is not None and tuple(cast) != shelf.info(kept).characters:
            kept.cast = [shelf.named(name) for name in cast]

    @rule(guild_id=guilds, pick=picks)
    def remove(self, guild_id: int, pick: int) -> None:
        if (work_id := self._one(guild_id, pick, WorkState.PUBLISHED)) is not None:
            self._run(self._library.remove(guild_id, work_id, by=MOD))
            self._shelves[guild_id].works[work_id].state = WorkState.REMOVED

    @rule(guild_id=guilds, pick=picks)
    def restore(self, guild_id: int, pick: int) -> None:
        if (work_id := self._one(guild_id, pick, WorkState.REMOVED)) is not None:
            self._run(self._library.restore(guild_id, work_id, by=MOD))
            self._shelves[guild_id].works[work_id].state = WorkState.PUBLISHED

    @rule(guild_id=guilds, pick=picks)
    def erase(self, guild_id: int, pick: int) -> None:
        if (work_id := self._one(guild_id, pick, *WorkState)) is not None:
            self._run(self._library.take_down(guild_id, work_id, by=MOD, why="asked to"))
            shelf = self._shelves[guild_id]
            shelf.erased.append(shelf.works.pop(work_id).new)
            shelf.forget_names()

    @rule(guild_id=guilds, pick=picks, which=picks, veto=st.booleans())
    def mark_passage(self, guild_id: int, pick: int, which: int, veto: bool) -> None:
        work_id = self._one(guild_id, pick, *WorkState)
        if work_id is None:
            return
        kept = self._shelves[guild_id].works[work_id]
        there = self._run(self._library.excerpts(guild_id, work_id))
        if not there:
            return
        chosen = there[which % len(there)]
        if veto:
            self._run(self._library.veto_excerpt(guild_id, work_id, chosen.excerpt_id, by=MOD))
            kept.passages = [one for one in kept.passages if one[0] != chosen.text]
        else:
            self._run(self._library.choose_excerpt(guild_id, work_id, chosen.excerpt_id, by=MOD))
            kept.passages = [(text, text == chosen.text) for text, _ in kept.passages]

    # -- tags

    def _name(self, guild_id: int, pick: int) -> str:
        """Of a tag there, mostly."""
        tags = self._shelves[guild_id].tags
        return tags[pick % len(tags)].name if tags and pick % 8 else CAST[pick % len(CAST)]

    @rule(guild_id=guilds, pick=picks, into=picks)
    def merge(self, guild_id: int, pick: int, into: int) -> None:
        self._merge(guild_id, self._name(guild_id, pick), self._name(guild_id, into))

    def _merge(self, guild_id: int, name: str, into: str) -> None:
        shelf = self._shelves[guild_id]
        doing = self._library.merge_tags(guild_id, TagKind.CHARACTER, name, into, by=MOD)
        tag, typed = shelf.tag(name), shelf.tag(into)
        if tag is None or typed is None:
            self._refused(doing, NotFound)
            return
        other = typed.stands_for
        if tag.stands_for is other or other in shelf.below(tag) or tag in shelf.below(other):
            self._refused(doing, Conflict)
            return
        self._run(doing)
        for each in shelf.tags:
            if each is tag or each.canonical is tag:
                each.canonical = other
            if tag in each.parents:
                each.parents = each.parents - {tag} | {other}
        other.parents |= tag.parents
        tag.parents = set()
        other.nicknames |= tag.nicknames
        tag.nicknames = set()

    @rule(guild_id=guilds, pick=picks)
    def split(self, guild_id: int, pick: int) -> None:
        name = self._name(guild_id, pick)
        tag = self._shelves[guild_id].tag(name)
        doing = self._library.split_tag(guild_id, TagKind.CHARACTER, name, by=MOD)
        if tag is None or tag.canonical is None:
            self._refused(doing, NotFound, Conflict)
            return
        self._run(doing)
        tag.canonical = None

    @rule(guild_id=guilds, pick=picks, to=st.sampled_from(NEW_NAMES))
    def rename(self, guild_id: int, pick: int, to: str) -> None:
        shelf, name = self._shelves[guild_id], self._name(guild_id, pick)
        tag = shelf.tag(name)
        doing = self._library.rename_tag(guild_id, TagKind.CHARACTER, name, to, by=MOD)
        if tag is None or shelf.tag(to):
            self._refused(doing, NotFound, Conflict)
            return
        self._run(doing)
        tag.name = to

    @rule(guild_id=guilds, pick=picks, over=st.none() | picks)
    def set_parent(self, guild_id: int, pick: int, over: int | None) -> None:
        shelf, name = self._shelves[guild_id], self._name(guild_id, pick)
        parent = None if over is None else self._name(guild_id, over)
        doing = self._library.set_tag_parent(guild_id, TagKind.CHARACTER, name, parent, by=MOD)
        tag, above = shelf.tag(name), shelf.tag(parent) if parent else None
        if tag is None or (parent and above is None):
            self._refused(doing, NotFound)
            return
        tag, above = tag.stands_for, above.stands_for if above else None
        wanted = {above} if above else set[Tag]()
        if tag.parents == wanted or above is tag or above in shelf.below(tag):
            self._refused(doing, Conflict)
            return
        self._run(doing)
        tag.parents = wanted

    @rule(guild_id=guilds, pick=picks, nickname=st.sampled_from(("zolly", "qwibble")))
    def nickname(self, guild_id: int, pick: int, nickname: str) -> None:
        """Give it, or take it away again."""
        shelf, name = self._shelves[guild_id], self._name(guild_id, pick)
        tag = shelf.tag(name)
        if tag is None:
            doing = self._library.add_nickname(guild_id, TagKind.CHARACTER, name, nickname, by=MOD)
            self._refused(doing, NotFound)
            return
        tag = tag.stands_for
        change = (
            self._library.remove_nickname
            if nickname in tag.nicknames
            else self._library.add_nickname
        )
        self._run(change(guild_id, TagKind.CHARACTER, name, nickname, by=MOD))
        tag.nicknames ^= {nickname}
        kept = self._run(self._library.nicknames(guild_id, TagKind.CHARACTER, name))
        assert set(kept) == tag.nicknames

    # -- the rest

    @rule(guild_id=guilds, role=st.none() | picks, channel=st.none() | picks)
    def choose_settings(self, guild_id: int, role: int | None, channel: int | None) -> None:
        chosen = GuildSettings(role, channel)
        self._run(self._library.save_guild_settings(guild_id, chosen, MOD))
        self._shelves[guild_id].settings = chosen

    @rule()
    def reopen(self) -> None:
        self._run(self._opened.aclose())
        self.open()

    @precondition(lambda self: any(shelf.works for shelf in self._shelves.values()))
    @rule(guild_id=guilds, pick=picks)
    def reach_over(self, guild_id: int, pick: int) -> None:
        """Ids of the other server are as if they never were, whatever is done with them."""
        other = GUILDS[1 - GUILDS.index(guild_id)]
        work_id = self._one(other, pick, *WorkState)
        if work_id is None:
            return
        library = self._library
        for attempt in (
            library.work(guild_id, work_id),
            library.work(guild_id, work_id, ALL),
            library.excerpts(guild_id, work_id),
            library.passage(guild_id, work_id, ALL),
            library.quote(guild_id, "anything", ALL, work_id=work_id),
            library.similar(guild_id, work_id, ALL),
            library.publish(guild_id, work_id, by=MOD),
            library.edit(guild_id, work_id, WorkChanges(title="Mine"), by=MOD),
            library.remove(guild_id, work_id, by=MOD),
            library.restore(guild_id, work_id, by=MOD),
            library.discard(guild_id, work_id, by=MOD),
            library.take_down(guild_id, work_id, by=MOD, why=""),
        ):
            self._refused(attempt, NotFound)

    # -- what must hold

    @invariant()
    def each_server_sees_its_own(self) -> None:
        for guild_id, shelf in self._shelves.items():
            self._run(self._same(guild_id, shelf))

    async def _same(self, guild_id: int, shelf: Shelf) -> None:
        library = self._library
        published = shelf.of(WorkState.PUBLISHED)
        exported = [new async for new in library.export(guild_id)]
        expected = [shelf.works[number] for number in sorted(published)]
        assert [new.info for new in exported] == [shelf.info(kept) for kept in expected]
        assert [new.chapters for new in exported] == [kept.new.chapters for kept in expected]
        told = [
            [(one.text, one.chosen) for one in sorted(new.excerpts, key=lambda one: one.start)]
            for new in exported
        ]
        assert told == [kept.passages for kept in expected]
        drafts = await library.drafts(guild_id)
        assert {work.work_id for work in drafts} == set(shelf.of(WorkState.DRAFT))
        removed = await library.removed(guild_id)
        assert {work.work_id for work in removed} == set(shelf.of(WorkState.REMOVED))
        assert await library.guild_settings(guild_id) == shelf.settings

    async def _found(self, guild_id: int, request: SearchRequest) -> set[int]:
        answer = await self._library.search(guild_id, request, ALL)
        return {hit.work.work_id for hit in answer.hits}

    @rule(guild_id=guilds)
    def search(self, guild_id: int) -> None:
        self._run(self._finds(guild_id, self._shelves[guild_id]))

    async def _finds(self, guild_id: int, shelf: Shelf) -> None:
        published = set(shelf.of(WorkState.PUBLISHED))
        everything = await self._found(guild_id, SearchRequest("", limit=200))
        assert everything == published
        for number, kept in shelf.works.items():
            found = await self._found(guild_id, SearchRequest(kept.info.title or "", limit=200))
            assert (number in found) == (number in published)
            assert found <= published
        for author in AUTHORS:
            theirs = {n for n in published if author in shelf.works[n].info.authors}
            if theirs:
                named = Filters((NameFilter(NameField.AUTHOR, author),))
                assert await self._found(guild_id, SearchRequest("", named, limit=200)) == theirs
        for tag in shelf.tags:
            family = shelf.family(tag.stands_for)
            theirs = {n for n in published if family & set(shelf.works[n].cast)}
            if theirs:
                for name in (tag.name, *tag.nicknames):
                    if sum(name in each.nicknames for each in shelf.tags) > 1:
                        continue  # it stands for any of them
                    named = Filters((NameFilter(NameField.CHARACTER, name),))
                    found = await self._found(guild_id, SearchRequest("", named, limit=200))
                    assert found == theirs, (name, found, theirs)
                    in_words = await self._found(guild_id, SearchRequest(name, limit=200))
                    assert in_words == theirs, (name, in_words, theirs)
        for number in published:
            story = shelf.works[number].new.chapters[0].text
            quoted = await self._library.quote(guild_id, " ".join(story.split()[:5]), ALL)
            assert number in {hit.work.work_id for hit in quoted.hits}
