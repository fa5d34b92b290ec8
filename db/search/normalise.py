"""One folding for works and queries, so that what is typed meets what is stored."""

import re
import unicodedata
from functools import lru_cache

from db.models import TagKind

# Dropped rather than turned into a space: "don't" is one word, typed with or without it.
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼ`´＇"))
# Letters that NFKD leaves whole but that people type as their plain look-alikes.
_LOOKALIKES = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h"}
)
# Cyrillic and Greek letters that look like Latin ones, where they stand among Latin ones.
_DOUBLES = str.maketrans("аеорсухіјѕһԁοανικτ", "aeopcyxijshdoavikt")
_LATIN, _DOUBLE = re.compile("[a-z]"), re.compile("[\u0370-\u04ff]")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces: each character is a token of its own.
_UNSPACED = re.compile(
    "([\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003134f])"
)


def normalise(text: str) -> str:
    """The words of a text, folded and joined by one space; "" if it holds none.

    NFKD, marks stripped, case folded, apostrophes dropped, everything that is no letter or
    digit a separator, one token per Han, Kana or Hangul character. Letters of other alphabets
    within a Latin word are taken for the Latin ones that they look like.
    """
    if text.isascii():
        return " ".join(_WORD.findall(text.translate(_APOSTROPHES).lower()))
    folded = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    # NFKD takes Hangul apart into letters; put syllables together again.
    folded = unicodedata.normalize("NFC", folded).casefold().translate(_LOOKALIKES)
    words = _WORD.findall(_UNSPACED.sub(r" \1 ", folded))
    return " ".join(word.translate(_DOUBLES) if _is_mixed(word) else word for word in words)


def _is_mixed(word: str) -> bool:
    """Whether Greek or Cyrillic letters stand among Latin ones; in linear time."""
    return _DOUBLE.search(word) is not None and any(
        _LATIN.search(letters) and _DOUBLE.search(letters) for letters in _LETTERS.findall(word)
    )


# Names recur from work to work; an import folds each of them once.
normalise_name = lru_cache(maxsize=8192)(normalise)


def name_key(name: str) -> str:
    """What makes two spellings the same name: case, marks and punctuation do not count.

    A name of nothing but punctuation keeps it, or every such name would be one.
    """
    return normalise_name(name) or name.strip().casefold()


def tag_key(kind: TagKind, name: str) -> str:
    """Like `name_key`; a relationship keeps its `/` (romantic) and `&` (not), as AO3 does."""
    if kind is not TagKind.RELATIONSHIP:
        return name_key(name)
    marked = name.replace("/", "\n/\n").replace("&", "\n&\n")
    return " ".join(part if part in "/&" else name_key(part) for part in marked.split("\n") if part)
