"""How well a work answers a query: its title as a whole, and its fields word by word.

The numbers here and in the other modules of the search were found by tests/bench/tune, with
1,320 queries over 100,000 works. Most lie on a plateau: halved or doubled, they change nothing
that those queries show. Where they do, a comment says by how many points of recall@1 (over the
mistyped classes, or "others").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from db.search.documents import popularity_of
from db.search.little import STOP_WORDS

# What a word is worth by the field it stands in. Titles and authors are what people type when
# they mean one work; tags are what they type when they mean any. In the order of `COLUMNS`,
# heaviest first within what may be compared.
FIELDS = (
    ("title", 1.0),
    ("author", 0.97),
    ("character", 0.95),
    ("fandom", 0.93),
    ("relationship", 0.94),
    ("tag", 0.90),
    ("nickname", 0.95),
    ("series", 0.95),
)
_BY_WEIGHT = sorted(range(len(FIELDS)), key=lambda at: -FIELDS[at][1])
_TITLE, _AUTHOR = 0, 1
FIRST_FIELD = 2  # in a row of `COLUMNS`
_NAMES = slice(3, None)  # the fields after the title

# Reordered words, an author typed with the title, or an author alone are a little less certain
# than the title as it is (REORDERED 1: -0.2, AUTHOR_ALONE 0.885: others -0.2).
REORDERED = 0.97
WITH_AUTHOR = 0.98
AUTHOR_ALONE = 0.985
# The query is how the title begins: half typed, and likelier the more of it there is.
BEGINS = 0.80
# Most queries are titles; where the title alone does not say, the fields weigh in
# (BOTH_COVER halved: -0.2, others -0.3; BOTH_TITLE 0.8: others -0.2; ALL_WORDS doubled: -0.2).
BOTH_TITLE, BOTH_COVER = 0.55, 0.45
COVER_BONUS, ALL_WORDS_BONUS, POPULARITY_BONUS = 0.25, 0.06, 0.03
INITIALS = 0.8  # a title called by its initials
ONE_NAME_BONUS = 0.05  # "spike buffy" is a pairing before it is two people
# Under these a work is not what was meant; nonsense finds nothing rather than something.
TITLE_ENOUGH = 0.64
COVER_ENOUGH = 0.62
# Of the letters typed; "lxgzn" is no "logan" (0.86: -0.7; without it 3% of nonsense is answered).
LIKE_ENOUGH = 0.68
FEW_WORDS = 2  # so few must all be found, or the title be alike
WORD_ENOUGH = 0.6  # words less alike than this are different words

Row = tuple[int, int, str, str, str, str, str, str, str, str]  # the columns of `COLUMNS`


@dataclass(frozen=True, slots=True)
class Slot:
    """One word of the query as typed, and the known words it may stand for.

    `options` are (word, certainty), the surest first: 1 for the word as typed. `weight` is the
    word's rarity: rare words tell more.
    """

    typed: str
    options: tuple[tuple[str, float], ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Scored:
    """How a work answers: `words` are the options found in it, None where none was.

    `fields` are the positions in `FIELDS` of the best field for each word.
    """

    docid: int
    score: float
    title: float
    kept: bool
    words: tuple[str | None, ...]
    fields: tuple[int, ...]

    def order(self) -> tuple[float, int]:
        """Sorts the better work first, of equals the likelier one."""
        return -self.score, self.docid

    def by_initials(self) -> "Scored":
        """The same for a work whose title's initials were typed."""
        return replace(self, title=INITIALS, score=INITIALS + self.score, kept=True)

    @property
    def complete(self) -> bool:
        """Whether every word was found."""
        return None not in self.words

    @property
    def names_only(self) -> bool:
        """Whether all of it was found in names of people, fandoms and tags."""
        return _TITLE not in self.fields and _AUTHOR not in self.fields


def score(slots: Sequence[Slot], row: Row, *, forgiving: bool) -> Scored:
    """Score one work. `forgiving` compares letters where a word is not found as it is."""
    texts = _texts(row)
    reached = total = surely = letters = 0.0
    words: list[str | None] = []
    fields: list[int] = []
    for slot in slots:
        total += slot.weight
        worth, word, at, certainty = _best(slot, texts)
        if word is None and forgiving:
            worth = _nearest(slot.typed, texts)
        words.append(word)
        if word is not None:
            fields.append(at)
        reached += worth * slot.weight
        letters += len(slot.typed)
        surely += len(slot.typed) * certainty
    cover = reached / total if total else 0.0
    meant = " ".join(word or slot.typed for word, slot in zip(words, slots, strict=True))
    title = _title(meant, row[2], row[3]) * (surely / letters if letters else 0.0)
    complete = None not in words
    told = all(
        word is not None or slot.typed in STOP_WORDS
        for word, slot in zip(words, slots, strict=True)
    )
    sum_ = max(title, BOTH_TITLE * title + BOTH_COVER * cover) + COVER_BONUS * cover
    sum_ += ALL_WORDS_BONUS * complete + POPULARITY_BONUS * popularity_of(row[0])
    if complete and len(words) > 1 and _in_one_name(words, row, texts):
        sum_ += ONE_NAME_BONUS
    return Scored(
        docid=row[0],
        score=sum_,
        title=title,
        kept=title >= TITLE_ENOUGH or (cover >= COVER_ENOUGH and (told or len(slots) > FEW_WORDS)),
        words=tuple(words),
        fields=tuple(fields),
    )


def _in_one_name(words: Sequence[str | None], row: Row, texts: Sequence[str]) -> bool:
    """Whether one name of a person, a pairing, a fandom or a tag holds all the words."""
    needles = [f" {word} " for word in words]
    return any(
        all(needle in name for needle in needles)
        for field, text in zip(row[_NAMES], texts[1:], strict=True)
        if all(needle in text for needle in needles)  # few get here
        for name in f" {field} ".replace("\n", " \n ").split("\n")
    )


def likeness(slots: Sequence[Slot], one: Scored, title: str) -> float:
    """How much of what was typed is in the work as it was typed, from 0 to 1, by letters.

    However well corrected words fit a work: where a third of the letters had to be changed,
    other words were meant, or none.
    """
    typed = " ".join(slot.typed for slot in slots)
    kept = sum(
        len(slot.typed) - _slips(slot.typed, word)
        for slot, word in zip(slots, one.words, strict=True)
        if word is not None
    )
    # A little word that is not there changes nothing.
    letters = sum(
        len(slot.typed)
        for slot, word in zip(slots, one.words, strict=True)
        if word is not None or slot.typed not in STOP_WORDS
    )
    alike = max(fuzz.ratio(typed, title), fuzz.token_sort_ratio(typed, title)) / 100
    return max(alike, kept / letters if letters else 0.0)


def _slips(typed: str, word: str) -> float:
    if word.startswith(typed):
        return 0.0
    # Letters in the wrong order are all there.
    return 0.5 if sorted(typed) == sorted(word) else OSA.distance(typed, word)


def matched_in(words: Sequence[str | None], row: Row) -> tuple[str, ...]:
    """The names of all fields in which any of the words stands."""
    return tuple(
        name
        for (name, _), text in zip(FIELDS, _texts(row), strict=True)
        if any(f" {word} " in text for word in words if word)
    )


def _texts(row: Row) -> list[str]:
    """The fields with spaces around every word; authors' names also without their spaces."""
    texts = [f" {text} ".replace("\n", " ") for text in row[2:]]
    if " " in row[3]:
        texts[_AUTHOR] += "".join(f"{name.replace(' ', '')} " for name in row[3].split("\n"))
    return texts


def _best(slot: Slot, texts: Sequence[str]) -> tuple[float, str | None, int, float]:
    """The worth, the word, its field and its certainty; an unfound word is as surely meant."""
    worth, found, field, sure = 0.0, None, 0, 1.0
    for word, certainty in slot.options:
        if certainty <= worth:
            break
        needle = f" {word} "
        for at in _BY_WEIGHT:
            if needle in texts[at]:
                if certainty * FIELDS[at][1] > worth:
                    worth, found, field, sure = certainty * FIELDS[at][1], word, at, certainty
                break
    return worth, found, field, sure


def _nearest(word: str, texts: Sequence[str]) -> float:
    """The worth of the likest word of any field, 0 if none is alike."""
    near = process.extractOne(
        word, "".join(texts).split(), scorer=OSA.normalized_similarity, score_cutoff=WORD_ENOUGH
    )
    return near[1] * FIELDS[_AUTHOR][1] if near is not None else 0.0


def _title(text: str, title: str, authors: str) -> float:
    """How alike the query is to the title, or to the title with an author, or to an author."""
    best = fuzz.ratio(text, title)
    if " " in text and best < 100:
        best = max(best, REORDERED * fuzz.token_sort_ratio(text, title))
    if best < 100 and title.startswith(text):
        best = max(best, 100 * (BEGINS + (1 - BEGINS) * len(text) / len(title)))
    if best < 100 * WITH_AUTHOR:
        for author in authors.split("\n"):
            if author:
                best = max(
                    best,
                    AUTHOR_ALONE * fuzz.ratio(text, author),
                    WITH_AUTHOR * fuzz.ratio(text, f"{title} {author}"),
                    WITH_AUTHOR * fuzz.ratio(text, f"{author} {title}"),
                )
    return best / 100
