"""A made-up library of any size, the same for the same seed: skewed as real ones are.

Titles are drawn from words of our own; names, fandoms and tags follow a power law, so that a few
are everywhere and most are rare. A part is in other scripts.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from db.ingest import write_line
from db.models import ArchiveWarning, Category, NewWork, Rating, Status, WorkInfo

_NOUNS = (
    "ash anchor arrow atlas autumn banner beacon bell bird blade bone book bridge candle "
    "cathedral chain circle city clock compass coast crown dancer dawn debt desert door dragon "
    "dream dust echo ember empire engine feather fire flood flower forest fox garden gate ghost "
    "glass gravity harbour heart heaven hunger island ivory journey key king knife lantern "
    "letter library light lion mirror moon morning mountain night oath ocean orchard paper path "
    "pearl phoenix promise queen rain raven river road rose ruin salt sea season secret shadow "
    "shore silence silver sky smoke snow song sparrow spring star stone storm stranger summer "
    "sword thief thorn thread throne tide tower train vampire violet voice wall war water "
    "whisper wind window winter wire witch wolf wonder world wound"
).split()
_ADJECTIVES = (
    "ancient bitter black blue borrowed bright broken burning careful cold crimson crooked "
    "distant early empty endless fallen false first forgotten fragile frozen gentle golden "
    "green hidden hollow hungry last late little lonely long lost nameless narrow new old open "
    "pale patient perfect quiet red restless second sharp silent simple slow small soft strange "
    "stolen sudden sweet tender terrible tired true unquiet violent warm white wicked wild worn "
    "young"
).split()
_PLACES = (
    "Paris Mars Ganymede Tokyo London Avalon Sunnydale Venice Prague Dublin Cairo Lisbon Kyoto Oslo"
).split()
_SYLLABLES = (
    "an ar bel cor da dri el fa gal har il jo ka lin mar ne or pen quin ri sa tor ul vex wyn xa "
    "yor zel"
).split()
_UNSPACED = (
    "星の下で", "雨と君", "夜の図書館", "最後の約束", "夏の終わり",
    "너의 이름", "바다의 노래", "Тихий океан", "Последний снег", "Белая ночь", "Η μεγάλη θάλασσα",
)  # fmt: skip
_TAGS = (
    "Fluff", "Angst", "Hurt/Comfort", "Slow Burn", "Alternate Universe", "Fix-It", "Found Family",
    "Enemies to Lovers", "Friends to Lovers", "Coffee Shop", "Pining", "Canon Divergence",
    "Post-Canon", "Case Fic", "Time Travel", "Major Character Injury", "Humour", "Missing Scene",
)  # fmt: skip
_SHARED_NAMES = ("Spike", "Jack", "Alice", "Angel", "Rose")  # people of several fandoms


class _Skewed:
    """Draws from a list by Zipf's law: the n-th as often as 1/n of the first."""

    def __init__(self, chance: random.Random, size: int, exponent: float = 1.0) -> None:
        self._chance = chance
        self._places = range(size)
        self._sums = list(accumulate(1 / (rank + 1) ** exponent for rank in range(size)))

    def draw(self) -> int:
        return self._chance.choices(self._places, cum_weights=self._sums)[0]


def _name(chance: random.Random, parts: int) -> str:
    return " ".join(
        "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 2, 3)))).capitalize()
        for _ in range(parts)
    )


def title(chance: random.Random) -> str:
    """One made-up title."""
    noun, other = (word.capitalize() for word in chance.choices(_NOUNS, k=2))
    adjective, second = (word.capitalize() for word in chance.choices(_ADJECTIVES, k=2))
    place = chance.choice(_PLACES)
    shapes = {
        f"The {adjective} {noun}": 9,
        f"{noun} and {other}": 9,
        f"{adjective} {noun}, {second} {other}": 7,
        f"A {noun} in {place}": 7,
        f"The {noun} of {place}": 8,
        f"What the {noun} Said to the {other}": 7,
        f"{adjective} as {noun}": 4,
        f"{place}, {adjective}": 3,
        f"Five Times the {noun} Was {adjective}": 5,
        f"Before the {noun}": 4,
        noun: 3,
        f"All the {adjective} {other}s of {place}": 6,
        f"{chance.choice(_UNSPACED)} {chance.randrange(100)}": 2,
    }
    return chance.choices(list(shapes), weights=list(shapes.values()))[0]


def works(count: int, seed: int = 1) -> Iterator[NewWork]:
    """That many works of metadata, as an import would bring them."""
    chance = random.Random(seed)
    fandom_count = max(20, count // 250)
    cast: list[tuple[str, list[str]]] = []
    for number in range(fandom_count):
        people = [_name(chance, 2) for _ in range(chance.randrange(6, 20))]
        people[0] = f"{_SHARED_NAMES[number % 5]} {_name(chance, 1)}" if number < 15 else people[0]
        cast.append(
            (f"{chance.choice(_ADJECTIVES)} {chance.choice(_NOUNS)} {number}".title(), people)
        )
    authors = [_name(chance, chance.choice((1, 1, 2))) for _ in range(max(50, count // 6))]
    fandoms, writers = _Skewed(chance, fandom_count, 0.9), _Skewed(chance, len(authors), 0.7)
    tags = _Skewed(chance, len(_TAGS))
    first = date(2008, 1, 1)
    for number in range(count):
        fandom, people = cast[fandoms.draw()]
        present = chance.sample(people, k=min(len(people), chance.randrange(1, 5)))
        published = first + timedelta(days=chance.randrange(6500))
        pair = "/".join(present[:2])
        yield NewWork(
            WorkInfo(
                title=title(chance),
                authors=(authors[writers.draw()],),
                fandoms=(fandom,),
                relationships=(pair,) if len(present) > 1 else (),
                characters=tuple(present),
                tags=tuple(dict.fromkeys(_TAGS[tags.draw()] for _ in range(chance.randrange(5)))),
                rating=chance.choices(list(Rating), weights=(30, 35, 15, 15, 5))[0],
                warnings=(ArchiveWarning.NONE_APPLY,),
                categories=(chance.choice(list(Category)),),
                language="en",
                status=chance.choices(list(Status), weights=(70, 25, 5))[0],
                summary=f"{title(chance)}. {title(chance)}.",
                published=published,
                updated=published + timedelta(days=chance.randrange(400)),
                source_url=f"https://example.org/works/{seed * 10_000_000 + number}",
                words=int(chance.lognormvariate(8.2, 1.1)),
            )
        )


def write_jsonl(path: Path, count: int, seed: int = 1) -> None:
    """The same as a file that `add` reads."""
    with path.open("w", encoding="utf-8") as file:
        for work in works(count, seed):
            file.write(write_line(work) + "\n")
