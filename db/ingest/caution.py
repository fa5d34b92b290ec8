"""A safety net: what a text's own words say against its rating and warnings.

It only ever raises, and a moderator sees why and may set it back. Words that stories for everybody
use in other senses ("came", "hard", "cock an eyebrow") count only in the company of others; so do
those of an infirmary or a fight.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.models import ArchiveWarning, Rating, WorkInfo
from db.sketches import plain_words

# In order; what is not rated stands outside of it.
_ORDER = (Rating.GENERAL, Rating.TEEN, Rating.MATURE, Rating.EXPLICIT)
# How many such words, how many different ones, and how many in 1,000 words.
EXPLICIT_WORDS, EXPLICIT_KINDS, EXPLICIT_SHARE = 12, 4, 0.8
MATURE_WORDS, MATURE_KINDS, MATURE_SHARE = 4, 3, 0.2
GORE_WORDS, GORE_KINDS, GORE_SHARE = 8, 4, 0.5
ASSAULT_WORDS = 2

_SEXUAL = frozenset(
    b"cock cocks cunt pussy clit clitoris penis vagina orgasm orgasmed orgasms erection erections "
    b"nipple nipples cum cumming blowjob dildo lube lubed foreplay masturbate masturbated "
    b"masturbating ejaculated ejaculate semen testicles balls scrotum anus rimming deepthroat "
    b"threesome fucking fuck fucked thrusted thrusting thrusts moaned moaning moans aroused "
    b"arousal naked".split()
)
# Of those, what is said in other senses too: beside it there has to be what is not.
_SEXUAL_ELSEWHERE = frozenset(
    b"cock cocks balls fucking fuck fucked thrusting thrusts moaned moaning moans naked".split()
)
_GORE = frozenset(
    b"gore entrails intestines disembowelled disemboweled disembowel decapitated decapitate "
    b"beheaded severed mutilated mutilation dismembered dismember gutted eviscerated flayed "
    b"tortured torture torturing gouged impaled maimed bloodied innards viscera".split()
)
_ASSAULT = frozenset(b"rape raped rapes raping rapist rapists noncon dubcon".split())
_ANY = _SEXUAL | _GORE | _ASSAULT
_CHILD = re.compile(
    r"\b(?:1[0-7]|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
    r"(?:-|\s)years?(?:-|\s)old\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Caution:
    """What a text seems to need at least, and why; the words themselves are not said."""

    rating: Rating | None = None
    rating_reason: str = ""
    warnings: tuple[tuple[ArchiveWarning, str], ...] = ()


def caution_of(body: str, words: Sequence[bytes] | None = None) -> Caution:
    """What the words of a story speak for; `words` are those of it, if they are told already."""
    words = plain_words(body) if words is None else words
    found = Counter([word for word in words if word in _ANY])
    sexual = Counter({word: count for word, count in found.items() if word in _SEXUAL})
    plainly = sum(count for word, count in sexual.items() if word not in _SEXUAL_ELSEWHERE)
    gore = Counter({word: count for word, count in found.items() if word in _GORE})
    assault = sum(count for word, count in found.items() if word in _ASSAULT)
    rating: Rating | None = None
    if plainly >= MATURE_WORDS:
        for wanted, limits in (
            (Rating.EXPLICIT, (EXPLICIT_WORDS, EXPLICIT_KINDS, EXPLICIT_SHARE)),
            (Rating.MATURE, (MATURE_WORDS, MATURE_KINDS, MATURE_SHARE)),
        ):
            if _is_much(sexual, len(words), *limits):
                rating = wanted
                break
    warnings: list[tuple[ArchiveWarning, str]] = []
    if _is_much(gore, len(words), GORE_WORDS, GORE_KINDS, GORE_SHARE):
        warnings.append((ArchiveWarning.VIOLENCE, _said(gore.total(), "violent", len(words))))
    if assault >= ASSAULT_WORDS:
        warnings.append((ArchiveWarning.NON_CON, f"words for rape: {assault}"))
    if rating is Rating.EXPLICIT and _CHILD.search(body):
        warnings.append((ArchiveWarning.UNDERAGE, "an age under 18 beside explicit words"))
    reason = _said(sexual.total(), "explicit", len(words)) if rating else ""
    return Caution(rating, reason, tuple(warnings))


def raised(info: WorkInfo, caution: Caution) -> tuple[WorkInfo, tuple[str, ...]]:
    """A work's info with what the caution raises, and sentences for the moderator.

    What is not rated stays so, as it shows in age-restricted channels only.
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
    missing = [one for one in caution.warnings if one[0] not in info.warnings]
    if missing and ArchiveWarning.CHOSE_NOT_TO_WARN not in info.warnings:
        kept = [one for one in info.warnings if one is not ArchiveWarning.NONE_APPLY]
        info = replace(info, warnings=(*kept, *(warning for warning, _ in missing)))
        said += [
            f"The warning “{warning}” was added ({reason}); take it away if that is wrong."
            for warning, reason in missing
        ]
    return info, tuple(said)


def _is_much(found: Counter[bytes], words: int, least: int, kinds: int, share: float) -> bool:
    count = found.total()
    return count >= least and len(found) >= kinds and count >= share * words / 1000


def _said(count: int, what: str, words: int) -> str:
    return f"{what} words: {count:,} in {words:,}"
