"""A safety net: what a text's own words say against its rating and warnings.

It only ever raises, and a moderator sees why and may set it back. Two things keep it off ordinary
stories. Words that have other senses count only as they stand ("his …", "severed … head"), and
what counts has to come together, several kinds of it within some pages: a hospital, a curse or an
old book's "aroused" and "ejaculated" never do, while one scene in a long novel does.

A death is not told from prose, where people are dead in dreams, memories, and for a chapter; only
an author's tag speaks for it.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from db.models import ArchiveWarning, Rating, WorkInfo
from db.sketches import plain_words

# In order; what is not rated stands outside of it.
_ORDER = (Rating.GENERAL, Rating.TEEN, Rating.MATURE, Rating.EXPLICIT)

WINDOW_WORDS = 1000  # what "together" is: two or three pages
NEAR_WORDS = 300  # how far from a scene an age still speaks of who is in it


@dataclass(frozen=True, slots=True)
class Limits:
    """What has to come together in a window: plain words, and with them others that go along."""

    plain: int
    plain_kinds: int
    all: int = 0
    all_kinds: int = 0


EXPLICIT = Limits(plain=8, plain_kinds=2, all=14, all_kinds=5)
MATURE = Limits(plain=3, plain_kinds=2, all=7, all_kinds=4)
GORE = Limits(plain=6, plain_kinds=4)
ASSAULT = Limits(plain=3, plain_kinds=1)
HARM = Limits(plain=3, plain_kinds=1)


def _kinds(text: str) -> dict[bytes, bytes]:
    """Words by their kind, which is the first of each line: inflections are no variety."""
    lines = [line.encode().split() for line in text.strip().splitlines()]
    return {word: line[0] for line in lines for word in line}


# Said of hardly anything else.
_PLAIN = _kinds(
    """
    clit clits clitoris
    cumming
    blowjob blowjobs handjob handjobs
    dildo dildos
    deepthroat deepthroated deepthroating
    orgasm orgasms orgasmed orgasming
    masturbate masturbates masturbated masturbating masturbation
    cunnilingus
    fellatio
    precum precome
    """
)
# Said of the body where somebody's; else of guns, cats, surgery, and a man's name.
_BODY = _kinds(
    """
    cock cocks
    dick dicks
    cunt cunts
    pussy pussies
    penis penises
    vagina vaginas
    nipple nipples
    erection erections
    arousal
    testicles scrotum
    anus
    cum
    """
)
_WHOSE = frozenset(b"his her my your their hard thick aching leaking throbbing erect slick".split())
# What goes along with them, and means nothing alone.
_ALONG = _kinds(
    """
    moan moans moaned moaning
    thrust thrusts thrusting thrusted
    naked
    aroused
    lube lubed
    semen
    foreplay
    climax climaxed climaxing
    threesome
    straddle straddled straddling straddles
    writhe writhed writhing
    whimper whimpered whimpering
    thighs
    hips
    groin crotch
    balls
    breasts
    panties
    """
)
_GORE = _kinds(
    """
    gore
    entrails innards viscera
    intestines
    disembowel disembowelled disemboweled disembowelling disemboweling
    eviscerate eviscerated eviscerating
    decapitate decapitated decapitating decapitation
    behead beheaded beheading
    dismember dismembered dismembering dismemberment
    flayed flaying
    gouged gouging
    impaled impaling
    mutilate mutilated mutilating mutilation
    maimed maiming
    torturer torturers
    """
)
# Done to ropes, feelings and houses too: they count where a part of the body follows.
_CUT = _kinds(
    """
    severed severing
    slit slitting slashed slashing
    tore tearing ripped ripping
    crushed crushing shattered
    hacked hacking sawed sawing
    """
)
_PARTS = frozenset(
    b"head heads hand hands arm arms leg legs finger fingers ear ears limb limbs throat throats "
    b"belly stomach tongue skull spine heart flesh intestines eyeball eyeballs".split()
)
_REACH = 4  # words from the one to the other: "slit the man's throat", where "s" is one
_ASSAULT = _kinds("rape raped rapes raping rapist rapists\nnoncon dubcon")
_PLUNDER = (b"and", b"pillage"), (b"and", b"pillaged"), (b"and", b"pillaging"), (b"and", b"plunder")
_HARM = _kinds("suicide suicides suicidal")
_NOT_HARM = frozenset(b"mission missions run runs squad bomber bombers pact door doors".split())
_YOUNG = frozenset(
    b"10 11 12 13 14 15 16 17 ten eleven twelve thirteen fourteen fifteen sixteen seventeen".split()
)
_UNDERAGE = frozenset(b"underage preteen preteens".split())

_SEXUAL = _PLAIN.keys() | _BODY.keys() | _ALONG.keys()
_ANY = frozenset(
    _SEXUAL | _GORE.keys() | _CUT.keys() | _ASSAULT.keys() | _HARM.keys() | _YOUNG | _UNDERAGE
) | {b"self"}

# An author's own tags that say what an archive warning says. "Past", "implied" and "temporary"
# ones, and deaths that are not said to be a main character's, are no reason.
_TAGGED = {
    ArchiveWarning.MAJOR_DEATH: re.compile(r"major character deaths?|death ?fic"),
    ArchiveWarning.VIOLENCE: re.compile(r"graphic (?:depictions of )?violence"),
    ArchiveWarning.NON_CON: re.compile(
        r"rape|non-?con(?:sensual)?(?: sex)?|rape/non-?con(?: elements)?"
    ),
    ArchiveWarning.UNDERAGE: re.compile(r"underage(?: sex)?"),
}
_HARM_TAG = re.compile(r"suicid|self[- ]harm", re.IGNORECASE)

Hit = tuple[int, bytes]  # the number of a word in the text, and its kind


@dataclass(frozen=True, slots=True)
class Caution:
    """What a text seems to need at least, and why; the words themselves are not said."""

    rating: Rating | None = None
    rating_reason: str = ""
    warnings: tuple[tuple[ArchiveWarning, str], ...] = ()
    harm_reason: str = ""  # of suicide and self-harm, which AO3 has tags for and no warning


def caution_of(body: str, words: Sequence[bytes] | None = None) -> Caution:
    """What the words of a story speak for; `words` are those of it, if they are told already."""
    words = plain_words(body) if words is None else words
    found = [(at, word) for at, word in enumerate(words) if word in _ANY]
    if not found:
        return Caution()
    plain = _standing(found, words, _is_plain)
    along = [(at, _ALONG[word]) for at, word in found if word in _ALONG]
    rating, reason = None, ""
    for wanted, limits in ((Rating.EXPLICIT, EXPLICIT), (Rating.MATURE, MATURE)):
        if _come_together(plain, along, limits):
            rating, reason = wanted, _said(plain, "explicit", len(words))
            break
    warnings: list[tuple[ArchiveWarning, str]] = []
    gore = _standing(found, words, _is_gore)
    if _come_together(gore, (), GORE):
        warnings.append((ArchiveWarning.VIOLENCE, _said(gore, "violent", len(words))))
    assault = _standing(found, words, _is_assault)
    if _come_together(assault, (), ASSAULT):
        warnings.append((ArchiveWarning.NON_CON, f"words for rape: {len(assault):,}"))
    if rating is not None and _names_an_age(found, words, [at for at, _ in plain]):
        warnings.append((ArchiveWarning.UNDERAGE, "an age under 18 beside explicit words"))
    harm = _standing(found, words, _is_harm)
    harm_reason = f"{len(harm):,} times" if _come_together(harm, (), HARM) else ""
    return Caution(rating, reason, tuple(warnings), harm_reason)


def raised(info: WorkInfo, caution: Caution) -> tuple[WorkInfo, tuple[str, ...]]:
    """A work's info with what the caution and its own tags raise, and sentences on that for the
    moderator.

    What is not rated stays so, as it shows in age-restricted channels only; who chose not to warn
    has warned of everything.
    """
    said: list[str] = []
    if (wanted := caution.rating) is not None:
        if info.rating is Rating.NOT_RATED:
            said.append(f"It reads like {wanted} ({caution.rating_reason}).")
        elif _ORDER.index(info.rating) < _ORDER.index(wanted):
            said.append(
                f"The rating was raised from {info.rating} ({caution.rating_reason}); set it back "
                "if that is wrong."
            )
            info = replace(info, rating=wanted)
    reasons = dict(caution.warnings) | _tagged(info.tags)
    missing = {one: reason for one, reason in reasons.items() if one not in info.warnings}
    if missing and ArchiveWarning.CHOSE_NOT_TO_WARN not in info.warnings:
        kept = [one for one in info.warnings if one is not ArchiveWarning.NONE_APPLY]
        info = replace(info, warnings=(*kept, *missing))
        said += [
            f"The warning “{warning}” was added ({reason}); take it away if that is wrong."
            for warning, reason in missing.items()
        ]
    if caution.harm_reason and not any(map(_HARM_TAG.search, info.tags)):
        said.append(
            f"It speaks of suicide or self-harm ({caution.harm_reason}) and no tag does; add one "
            "if readers should know."
        )
    return info, tuple(said)


def _tagged(tags: Sequence[str]) -> dict[ArchiveWarning, str]:
    return {
        warning: f"it has the tag “{tag}”"
        for warning, pattern in _TAGGED.items()
        for tag in tags
        if pattern.fullmatch(tag.casefold().strip())
    }


Standing = Callable[[Sequence[bytes], int], bytes | None]  # the kind of a word, if it counts


def _standing(found: Sequence[Hit], words: Sequence[bytes], kind_of: Standing) -> list[Hit]:
    return [(at, kind) for at, _ in found if (kind := kind_of(words, at)) is not None]


def _is_plain(words: Sequence[bytes], at: int) -> bytes | None:
    word, before = words[at], words[at - 1] if at else b""
    if word in _PLAIN:
        return _PLAIN[word]
    kind = _BODY.get(word)
    # "Ann's …" is told into "ann" and "s", as is "it's Dick": that one is a man's name.
    mine = before in _WHOSE or (before == b"s" and kind != b"dick")
    return kind if mine else None


def _is_gore(words: Sequence[bytes], at: int) -> bytes | None:
    kind = _CUT.get(words[at])
    if kind is None:
        return _GORE.get(words[at])
    return None if _PARTS.isdisjoint(words[at + 1 : at + 1 + _REACH]) else kind


def _is_assault(words: Sequence[bytes], at: int) -> bytes | None:
    # What armies and comic Vikings do is a phrase.
    return None if tuple(words[at + 1 : at + 3]) in _PLUNDER else _ASSAULT.get(words[at])


def _is_harm(words: Sequence[bytes], at: int) -> bytes | None:
    after = words[at + 1] if at + 1 < len(words) else b""
    if words[at] == b"self":
        return b"self" if after.startswith(b"harm") else None
    return None if after in _NOT_HARM else _HARM.get(words[at])


def _names_an_age(found: Sequence[Hit], words: Sequence[bytes], scene: Sequence[int]) -> bool:
    """Whether an age under 18 stands in or beside a scene, not elsewhere in a life."""
    for at, word in found:
        years = word in _YOUNG and tuple(words[at + 1 : at + 3]) in (
            (b"years", b"old"), (b"year", b"old"), (b"year", b"olds"),
        )  # fmt: skip
        if years or word in _UNDERAGE:
            first = bisect_left(scene, at - NEAR_WORDS)
            if bisect_right(scene, at + NEAR_WORDS) - first >= MATURE.plain:
                return True
    return False


def _come_together(plain: Sequence[Hit], along: Sequence[Hit], limits: Limits) -> bool:
    """Whether some window holds as much as the limits say, and of as many kinds."""
    if len(plain) < limits.plain or len(plain) + len(along) < limits.all:
        return False
    kinds = {kind for _, kind in plain}
    window: Counter[bytes] = Counter()
    hits = sorted([*plain, *along])
    first = counted = 0
    for last, (at, kind) in enumerate(hits):
        window[kind] += 1
        counted += kind in kinds
        while hits[first][0] <= at - WINDOW_WORDS:
            gone = hits[first][1]
            window[gone] -= 1
            counted -= gone in kinds
            first += 1
        held = last - first + 1
        if counted >= limits.plain and held >= limits.all:
            present = {one for one, count in window.items() if count}
            if len(present & kinds) >= limits.plain_kinds and len(present) >= limits.all_kinds:
                return True
    return False


def _said(hits: Sequence[Hit], what: str, words: int) -> str:
    together = f", {_fullest(hits):,} of them within {WINDOW_WORDS:,}"
    return f"{what} words: {len(hits):,} in {words:,}{together if words > WINDOW_WORDS else ''}"


def _fullest(hits: Sequence[Hit]) -> int:
    most = first = 0
    for last, (at, _) in enumerate(hits):
        while hits[first][0] <= at - WINDOW_WORDS:
            first += 1
        most = max(most, last - first + 1)
    return most
