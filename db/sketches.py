"""What a text is recognised by when only part of it is the same: a sample of its phrases.

Of all runs of six words those are kept whose hash says so, so that two texts that share a passage
keep the same ones of it (FracMinHash). What share of one sample lies in the other tells what share
of the text does: a work in progress lies whole in its longer copy, where a measure of both
together would see little.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

RUN = 6  # words of a phrase; five in a row are shared by chance now and then
# One phrase in so many is kept: of short texts more, or a few paragraphs would keep none.
RATES = ((128, 1), (2048, 8))  # texts of fewer phrases, and their rate
LONG_RATE = 128
FIRST_RATE = 8
_RATE_BITS = LONG_RATE - 1  # of a hash; they say at which rates it is kept

_MARKS = "“”‘’«»—–…\xa0"
_LOWER = bytes.maketrans(
    string.ascii_uppercase.encode() + string.punctuation.encode() + string.digits.encode(),
    string.ascii_lowercase.encode() + b" " * len(string.punctuation) + string.digits.encode(),
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A text's sample: hashes of 32 bits in order, of one phrase in `rate`."""

    rate: int = 1
    hashes: tuple[int, ...] = ()

    def at(self, rate: int) -> frozenset[int]:
        """What a sample at a coarser rate would hold."""
        if rate <= self.rate:
            return frozenset(self.hashes)
        return frozenset(one for one in self.hashes if not one & (rate - 1))


def sketch(body: str | Sequence[bytes]) -> Sketch:
    """The sample of a story, given as its text or the words of it.

    Case, punctuation and quotation marks do not count.
    """
    words = plain_words(body) if isinstance(body, str) else body
    phrases = max(0, len(words) - RUN + 1)
    rate = next((rate for fewer, rate in RATES if phrases < fewer), LONG_RATE)
    known = {word: crc32(word) for word in set(words)}
    marks = [known[word] for word in words]
    # Which are kept is told by three words of the six, and first by the first of them alone,
    # which is quicker to tell.
    first, others = min(rate, FIRST_RATE) - 1, rate // FIRST_RATE - 1 if rate > FIRST_RATE else 0
    found: set[int] = set()
    for at in [at for at, mark in enumerate(marks[:phrases]) if not mark & first]:
        second = 3 * marks[at + 1] + 5 * marks[at + 2]
        if not second & others:
            key = (marks[at] % FIRST_RATE + FIRST_RATE * second) & _RATE_BITS
            found.add(crc32(b" ".join(words[at : at + RUN])) & ~_RATE_BITS | key)
    return Sketch(rate, tuple(sorted(found)))


def containment(part: Sketch, whole: Sketch) -> float:
    """What share of one text lies in another, from 0 to 1; 0 for one without phrases."""
    rate = max(part.rate, whole.rate)
    wanted = part.at(rate)
    return len(wanted & whole.at(rate)) / len(wanted) if wanted else 0.0


def plain_words(text: str) -> list[bytes]:
    """The words of a text in bytes of small letters: ten times as fast to tell as by a pattern."""
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    return text.encode("utf-8", "replace").translate(_LOWER).split()
