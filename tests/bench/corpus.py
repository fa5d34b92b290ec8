"""A made-up library of any size, streamed, the same for the same seed: skewed as real ones are.

Titles are words of our own in the shapes that titles of fan fiction have; words, names, fandoms,
authors and tags follow power laws, so that a few are everywhere and most are rare. About one
title in twenty is in another language.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from db.ingest import write_line
from db.models import ArchiveWarning, Category, NewWork, Rating, SeriesPart, Status, WorkInfo
from tests.bench import words
from tests.bench.tags import FREEFORMS

# How often a title has each shape. n noun, v verb, a adjective, d adverb, N name, P place,
# # a number; after it s plural or third person, g -ing, p past, k participle, r -er, y -ly,
# u un-, l -less. Each is drawn anew.
_SHAPES = """
16 the <n> of <n>|10 the <a> <n>|12 <a> <n>|7 <n> and <n>|5 <n> & <n>|4 <n>|3 <ns>|5 <n> of <P>
8 the <n> and the <n>|7 <a> <n>, <a> <n>|4 <a> and <a>
9 a <n> of <ns> and <ns>|6 <N> and the <a> <n>
8 <n> like <n>|6 <vg> the <n>|7 <vg> in <P>|6 the <n> <vg> <n>|9 what the <n> <vp>|5 <v> me <d>
9 where the <n> meets the <n>|9 all the <ns> we never <vp>|7 the <ns> that we <vp> in <P>
6 five times <N> <vp> <N> (and one time <he> didn't)|4 <#> times <N> <vp> the <n>
4 the <#> <ns> of <N>|3 <#> <ns>|4 <n>, <n>, <n>|6 <d> <a>|5 <d> <vg>|5 <ns> in the <n>
7 a <n> for <N>|6 how to <v> a <n>|4 how <N> <vp> the <n> (and <vp> it)|5 <N>'s <n>|4 <N>, <vg>
7 if you <v> the <n>, <v> me|6 when the <ns> <v> <d>
6 before the <n> <vs>|4 after <P>
5 until the <n> <vs> us|6 i <vp> you in the <n>|6 you are the <n> i <vp>
5 we were <a> once|6 don't <v> the <n>|5 let the <n> <v>
6 (i think i <vp>) your <n>|5 no <n> without <n>|4 not <a>, just <vg>|5 <vk> by the <n>|5 <au> <ns>
4 the <vr> and the <n>|4 <vr> of <ns>|3 <vrs>|3 <nl>|4 <nl> <ns>|4 <ay> <vk>|4 <vg>, <vg>, <vk>
5 <n> (the <a> remix)|4 <n>: a <N> <n>|4 <n>; or, the <n> of <N>|3 untitled <n> <n>|4 <P>, <d>|3 <N>
5 the <a>, <a> <n> of <N>|5 every <n> is a <n> you haven't <vk> yet|4 in the <n> of the <a> <n>
4 <n> is just another word for <n>|4 there's a <n> in <P> where the <ns> <v>|4 to <v>, to <v>
4 <n>/<n>|3 <n> + <n>|4 so <vp> the <n>|4 once upon a <a> <n>|4 someone <vp> the <n>...|3 <vg>!
4 dear <N>, your <n> is <vg>|3 who <vp> the <n>?|4 <ns> we <v> when nobody <vs>|4 <vk>, <vk> and <a>
3 [<n>] <vg> [<n>]|4 and the <n> will <v> what the <n> has <vk>|3 of <ns> & <ns>|3 <a> as <n>
""".replace("\n", "|").strip("|")  # fmt: skip
_SMALL = frozenset("a an and as by for if in is of or the to us".split())
_WITH_V = frozenset("leaf life wolf werewolf wife knife half loaf elf shelf thief".split())
_PLURALS = {
    "man": "men", "woman": "women", "child": "children", "foot": "feet", "tooth": "teeth",
    "goose": "geese", "hero": "heroes", "echo": "echoes", "potato": "potatoes",
}  # fmt: skip
_NUMBERS = "two three four seven nine ten twelve thirteen twenty forty 100 101 1001 99 5 3".split()
_FIRST_DAY = date(2008, 1, 1)
_PEOPLE_OF_A_FANDOM = (6, 20)
_OFTEN_ALONE = "Spike Jack Alice Angel Rose".split()  # known by their first names, in two fandoms
_SUFFIXES = ("", "", "", " (TV)", " (Anime)", " (Video Game)", " - All Media Types", " (Comics)")
Draw = Callable[[], str]


class Skewed:
    """Draws places 0, 1, … of a list by Zipf's law: the n-th as often as 1/n**exponent."""

    def __init__(self, chance: random.Random, size: int, exponent: float = 1.0) -> None:
        self._chance = chance
        self._places = range(size)
        self._sums = list(accumulate((rank + 1) ** -exponent for rank in range(size)))

    def draw(self) -> int:
        """A place in the list."""
        return self._chance.choices(self._places, cum_weights=self._sums)[0]


def _ending(word: str, ending: str) -> str:
    """A regular verb with "ing", "ed" or "er"."""
    if word.endswith("ie") and ending == "ing":
        return word[:-2] + "ying"
    if word.endswith("e") and not (ending == "ing" and word.endswith(("ee", "ye", "oe"))):
        return word[:-1] + ending
    if word.endswith("y") and word[-2] not in "aeiou" and ending != "ing":
        return word[:-1] + "i" + ending
    if re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxyh]", word):
        return word + word[-1] + ending
    return word + ending


def _plural(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    if word in _WITH_V:
        return re.sub("fe?$", "ves", word)
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


class Titles:
    """Makes titles, the same ones for the same chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        shapes = [line.strip().partition(" ") for line in _SHAPES.split("|")]
        self._shapes = [re.split(r"<(.*?)>", shape) for _, _, shape in shapes]
        self._sums = list(accumulate(int(weight) for weight, _, _ in shapes))
        irregular = [tuple(forms.split("/")) for forms in words.IRREGULAR]
        known = {forms[0] for forms in irregular}
        verbs = [(v, _ending(v, "ed"), _ending(v, "ed")) for v in words.VERBS if v not in known]
        for at, (verb, past, participle) in enumerate(irregular):  # among the most frequent
            verbs.insert(at * 2, (verb, past, participle))
        self._verbs = verbs
        self._lists: dict[str, Sequence[str]] = {
            "n": words.NOUNS, "a": words.ADJECTIVES, "d": words.ADVERBS, "N": words.NAMES,
            "P": [place.replace("-", " ") for place in words.PLACES], "#": _NUMBERS,
            "h": ("he", "she", "they"),
        }  # fmt: skip
        self._skews = {kind: Skewed(chance, len(of), 0.7) for kind, of in self._lists.items()}
        self._skews["v"] = Skewed(chance, len(verbs), 0.6)
        self._others = [
            (things.replace("\n", "").split("|"), frames.replace("\n", "").split("|"), language)
            for language, (things, frames) in words.OTHERS.items()
        ]

    def english(self) -> str:
        """A title in English, in one of the ways that people write them."""
        parts = self._chance.choices(self._shapes, cum_weights=self._sums)[0]
        drawn = [self._word(part[0], part[1:]) if at % 2 else part for at, part in enumerate(parts)]
        return self._written(re.sub(r"\ba (?=[aeio])", "an ", "".join(drawn)))

    def foreign(self) -> tuple[str, str]:
        """A title in another language, and which."""
        things, frames, language = self._chance.choice(self._others)
        a, b = self._chance.sample(things, 2)
        title = self._chance.choice(frames).format(a=a, b=b)
        if self._chance.random() < 0.5:  # else nearly all would be alike at a million
            c, d = self._chance.sample(things, 2)
            parted = self._chance.choice((": ", ", ", " — ", " / "))
            title += parted + self._chance.choice(frames).format(a=c, b=d)
        return title[0].upper() + title[1:], language

    def _word(self, kind: str, form: str) -> str:
        place = self._skews[kind].draw()
        if kind == "v":
            verb, past, participle = self._verbs[place]
            if form in ("g", "r", "rs"):
                return _ending(verb, "ing" if form == "g" else "er") + form[1:]
            return {"p": past, "k": participle, "s": _plural(verb)}.get(form, verb)
        word = self._lists[kind][place]
        if kind == "n" and form:
            return _plural(word) if form == "s" else word + "less"
        if kind == "a" and form:
            return "un" + word if form == "u" else re.sub("(?<=[^aeiou])y$", "i", word) + "ly"
        return word

    def _written(self, text: str) -> str:
        style = self._chance.random()
        if style < 0.25:
            return text
        if style < 0.4:
            return re.sub(r"[^\W\d_]", lambda m: m[0].upper(), text, count=1)
        if style < 0.41:
            return text.upper()
        keeps_small = style < 0.8
        made = [
            word if keeps_small and at and word in _SMALL
            else re.sub(r"[^\W\d_]", lambda m: m[0].upper(), word, count=1)
            for at, word in enumerate(text.split(" "))
        ]  # fmt: skip
        return " ".join(made)


def _coined(chance: random.Random) -> str:
    return "".join(chance.choices(words.SYLLABLES, k=chance.choice((2, 2, 3)))).capitalize()


def _surname(chance: random.Random) -> str:
    if chance.random() < 0.4:
        return _coined(chance)
    return chance.choice(words.SURNAME_STARTS) + chance.choice(words.SURNAME_ENDS)


def _fandoms(chance: random.Random, count: int) -> list[tuple[str, list[str]]]:
    """Fandoms with their casts, no two of one name."""
    given = Skewed(chance, len(words.NAMES), 0.5)
    made: dict[str, list[str]] = {}
    while len(made) < count:
        noun, other = (word.capitalize() for word in chance.choices(words.NOUNS, k=2))
        adjective = chance.choice(words.ADJECTIVES).capitalize()
        place = chance.choice(words.PLACES).replace("-", " ")
        name = chance.choice(
            (f"{adjective} {noun}", f"The {noun} of {place}", f"{noun}{other.lower()}",
             f"{_coined(chance)} {noun}", f"The {adjective} {noun}s", f"{_coined(chance)}",
             f"{place} {noun}", f"{chance.choice(words.NAMES)} {_surname(chance)}",
             f"{noun} & {other}", f"{_coined(chance)}: {adjective} {noun}")
        ) + chance.choice(_SUFFIXES)  # fmt: skip
        if name in made:
            continue
        people: dict[str, None] = {}
        if len(made) < 2 * len(_OFTEN_ALONE):
            people[f"{_OFTEN_ALONE[len(made) % 5]} {_surname(chance)}"] = None
        for _ in range(chance.randrange(*_PEOPLE_OF_A_FANDOM)):
            first = words.NAMES[given.draw()] if chance.random() < 0.6 else _coined(chance)
            alone = chance.random() < 0.12
            people[first if alone else f"{first} {_surname(chance)}"] = None
        made[name] = list(people)
    return list(made.items())


def _authors(chance: random.Random, count: int) -> list[str]:
    """Pseuds, no two the same."""
    nouns, adjectives = Skewed(chance, len(words.NOUNS), 0.4), words.ADJECTIVES
    made: dict[str, None] = {}
    while len(made) < count:
        noun, other = words.NOUNS[nouns.draw()], words.NOUNS[nouns.draw()]
        name = chance.choice(words.NAMES)
        adjective = chance.choice(adjectives)
        made[
            chance.choice(
                (f"{noun}_of_the_{other}", f"{adjective}_{noun}", f"{noun}and{other}", name,
                 f"{name.lower()}{chance.randrange(100)}", f"{adjective}{noun}",
                 f"{name} {_surname(chance)}", f"{adjective.capitalize()} {noun.capitalize()}",
                 f"{_coined(chance)}{_coined(chance).lower()}", f"{noun}{chance.randrange(3000)}",
                 f"{_coined(chance).lower()}_{noun}", f"the{adjective}{other}", _coined(chance),
                 f"{name}{_surname(chance)}", f"x{noun}x{other}",
                 f"ao3user{chance.randrange(9999)}")
            )
        ] = None  # fmt: skip
    return list(made)


def works(count: int, seed: int = 1) -> Iterator[NewWork]:
    """That many works of metadata, as an import would bring them; never all in memory."""
    chance = random.Random(seed)
    titles = Titles(chance)
    fandoms = _fandoms(chance, max(20, count // 250))
    authors = _authors(chance, max(50, count // 6))
    fandom_skew, author_skew = Skewed(chance, len(fandoms), 0.9), Skewed(chance, len(authors), 0.7)
    tag_skew = Skewed(chance, len(FREEFORMS), 0.8)
    people_skews = {size: Skewed(chance, size, 0.8) for size in range(1, 25)}
    for number in range(count):
        title, language = titles.foreign() if chance.random() < 0.05 else (titles.english(), "en")
        chosen = dict.fromkeys(
            fandom_skew.draw() for _ in range(chance.choices((1, 2, 3), weights=(92, 7, 1))[0])
        )
        present: dict[str, None] = {}
        for at in chosen:
            people = fandoms[at][1]
            skew = people_skews[len(people)]
            present |= dict.fromkeys(people[skew.draw()] for _ in range(chance.randrange(1, 5)))
        cast = list(present)
        pairs = [chance.choice("//&").join(cast[:2])] if len(cast) > 1 else []
        if len(cast) > 3 and chance.random() < 0.3:
            pairs.append("/".join(sorted((cast[0], cast[3]))))
        tags = [FREEFORMS[tag_skew.draw()] for _ in range(chance.randrange(7))]
        if chance.random() < 0.25:  # most of the freeforms there are, only one work has
            tags.append(f"{chance.choice(words.ADJECTIVES)} {chance.choice(words.NOUNS)} verse")
        names = dict.fromkeys(
            authors[author_skew.draw()] for _ in range(1 + (chance.random() < 0.06))
        )
        published = _FIRST_DAY + timedelta(days=chance.randrange(6500))
        yield NewWork(
            WorkInfo(
                title=title,
                authors=tuple(names),
                fandoms=tuple(fandoms[at][0] for at in chosen),
                relationships=tuple(pair.replace("&", " & ") for pair in pairs),
                characters=tuple(cast),
                tags=tuple(dict.fromkeys(tags)),
                rating=chance.choices(list(Rating), weights=(28, 37, 15, 14, 6))[0],
                warnings=(chance.choices(list(ArchiveWarning), weights=(25, 55, 9, 5, 3, 3))[0],),
                categories=(chance.choice(list(Category)),),
                language=language,
                status=chance.choices(list(Status), weights=(80, 18, 2))[0],
                summary=f"{titles.english()}. {titles.english()}.",
                series=(SeriesPart(titles.english(), chance.randrange(1, 6)),)
                if chance.random() < 0.08
                else (),
                published=published,
                updated=published + timedelta(days=int(chance.expovariate(1 / 90))),
                source_url=f"https://archive.example/works/{seed * 10_000_000 + number}",
                words=int(chance.lognormvariate(8.2, 1.1)),
            )
        )


def write_jsonl(path: Path, count: int, seed: int = 1) -> None:
    """The same as a file that `add` reads."""
    with path.open("w", encoding="utf-8") as file:
        for work in works(count, seed):
            file.write(write_line(work) + "\n")
