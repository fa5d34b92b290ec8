"""Text for Discord: escaped, cut to Discord's lengths, and inert whatever it holds.

A work's title, names, summary and passages were written by strangers. `escape` makes them safe
inside Markdown; `plain` is for places that show no Markdown (labels, options, choices). Both take
one pass over the text. Lengths are counted in UTF-16 units, the stricter of the ways that
Discord's clients and servers count.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

URL_LIMIT_UNITS = 512  # of a link button
ELLIPSIS = "…"
_ZERO_WIDTH_SPACE = "\u200b"

# Beside the letters that a name may need (ZWJ and ZWNJ stay), Unicode has characters that turn
# the reading direction or cannot be seen; nothing that is shown here needs them.
_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
    "\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
)
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_MARKS_IN_A_ROW = 4  # more combining marks than any script stacks spill over other lines

# Active anywhere in a line. Discord takes a backslash before any of them.
_ALWAYS = frozenset("\\*_~`|[]<>#")
_AT_LINE_START = frozenset("-+")
# What `escape` may have to do something about, in one line.
_ACTIVE = re.compile(r"[\\*_~`|\[\]<>#:@\n]|^[-+\d]")
_NUMBERED = re.compile(r"(\d{1,20})([.)])")
_LINK_SAFE = "/:?&=#%+,;@~!$'*"  # what may stand in a link as it is; no brackets or spaces


def length(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def clean(text: str, *, lines: bool = False, enough: int | None = None) -> str:
    """The text without what is invisible, turns the direction, or is no character at all.

    White space becomes single spaces; with `lines`, line ends stay, at most two in a row. Of a
    text that is longer, only a beginning that is longer than `enough` need come back.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    out: list[str] = []
    gap = newlines = marks = 0
    for char in text:
        if char in _LINE_ENDS:
            newlines += char != "\r"
            gap = 1
        elif char.isspace():
            gap = 1
        elif char in _INVISIBLE:
            continue
        elif (kind := unicodedata.category(char)) in ("Cc", "Co") or char >= "\U000e0000":
            continue  # controls, private use, tags and variation supplements
        else:
            if kind in ("Mn", "Me") and not gap:
                marks += 1
                if marks > _MARKS_IN_A_ROW:
                    continue
            else:
                marks = 0
            if gap and out:
                out.append("\n" * min(newlines, 2) if lines and newlines else " ")
            gap = newlines = 0
            out.append("\ufffd" if kind == "Cs" else char)
            if enough is not None and len(out) > enough:
                break
    return "".join(out)


def plain(text: str, limit: int) -> str:
    """One clean line of at most `limit` units, for labels and options, which show no Markdown."""
    return _fitting(clean(text, enough=limit), limit)


def escape(text: str, limit: int | None = None, *, lines: bool = False) -> str:
    """The text for a place that shows Markdown: nothing in it is active there.

    With `limit`, at most that many units, backslashes included, cut between characters and
    ended with an ellipsis. Without `lines` it is one line.
    """
    text = clean(text, lines=lines, enough=limit)
    if not _ACTIVE.search(text, 0, len(text) if limit is None else limit):
        return text if limit is None else _fitting(text, limit)
    return _assembled(_escaped(text), limit)


def title(named: str, limit: int) -> str:
    """A title as `escape` gives it; a word for one of which nothing can be seen."""
    return escape(named, limit) or "Untitled"


def quoted(text: str, limit: int) -> str:
    """A passage as a block quote of at most `limit` units, its paragraphs kept."""
    pieces = _escaped(clean(text, lines=True, enough=limit))
    return "> " + _assembled(("\n> " if p == "\n" else p for p in pieces), limit - 2)


def _escaped(text: str) -> Iterator[str]:
    """Each character of clean text, escaped where it would be active."""
    line_start, before = True, ""
    list_mark = -1
    for index, char in enumerate(text):
        if line_start and char.isdigit() and (number := _NUMBERED.match(text, index)):
            list_mark = number.end() - 1  # of "1.", which would start a list
        after = text[index + 1 : index + 2]
        if index == list_mark or char in _ALWAYS or (line_start and char in _AT_LINE_START):
            yield f"\\{char}"
        elif char == ":" and not after.isspace():
            yield "\\:"  # :emoji:, https://
        elif char == "(" and before == "]":
            yield "\\("  # else the target of a link that may begin far before
        elif char == "@":
            yield f"@{_ZERO_WIDTH_SPACE}"  # @everyone lights up even behind a backslash
        else:
            yield char
        line_start, before = char == "\n", char


def _assembled(pieces: Iterator[str], limit: int | None) -> str:
    """The pieces in a row, those that fit in `limit` units with an ellipsis if not all do."""
    out: list[str] = []
    used = fitting = 0
    for piece in pieces:
        used += length(piece)
        if limit is not None and used > limit:
            kept = out[:fitting]
            while kept and kept[-1].strip() in ("", ">"):
                kept.pop()
            return "".join(kept) + ELLIPSIS
        out.append(piece)
        if limit is None or used < limit:  # leaves room for the ellipsis
            fitting = len(out)
    return "".join(out)


def link(label: str, url: str | None) -> str:
    """A masked link around a label that is escaped already; only the label without a good URL.

    Discord looks for a label's end without heeding backslashes, so brackets in it become ones
    that mean nothing: else the link could break.
    """
    target = safe_url(url)
    bare = label.replace("\\[", "［").replace("\\]", "］")
    return f"[{bare}](<{target}>)" if target else label


def safe_url(url: str | None) -> str | None:
    """The address, fit for a masked link or a link button; None if it is not http(s) or too long.

    Whatever could end the link early is percent-encoded.
    """
    if not url or len(url := url.strip()) > URL_LIMIT_UNITS:
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        target = quote(url, safe=_LINK_SAFE)
    except ValueError:  # a bad port, a lone surrogate
        return None
    # A name before an @ is how links are made to look like another site's.
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    if not host.isascii():
        return None
    return target if len(target) <= URL_LIMIT_UNITS else None


def names(values: Iterable[str], limit: int) -> str:
    """Escaped names, parted by commas; those beyond `limit` units (40 or more) are counted."""
    every = [value for value in values if any(map(clean, value))]  # some of it can be seen
    shown: list[str] = []
    used = 0
    for left, value in zip(range(len(every), 0, -1), every, strict=True):
        reserve = len(f", and {left - 1} more") if left > 1 else 0
        if not shown:
            shown.append(escape(value, limit - reserve))
            used = length(shown[0])
            continue
        escaped = escape(value, 2 * limit)  # too long in any case, if that cuts it
        used += 2 + length(escaped)
        if used + reserve > limit:
            return f"{', '.join(shown)}, and {left} more"
        shown.append(escaped)
    return ", ".join(shown)


def lines_within(lines: Iterable[str], limit: int) -> str:
    """As many whole lines of Markdown as fit in `limit` units."""
    shown: list[str] = []
    used = -1
    for line in lines:
        used += 1 + length(line)
        if used > limit:
            break
        shown.append(line)
    return "\n".join(shown)


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 work`, `1,200 works`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(values: Iterable[str], word: str = "and") -> str:
    """Words as a sentence lists them: `a, b and c`."""
    every = list(values)
    return (
        f" {word} ".join([", ".join(every[:-1]), every[-1]]) if len(every) > 1 else "".join(every)
    )


def _fitting(text: str, limit: int) -> str:
    if length(text) <= limit:
        return text
    if text.isascii():
        return text[: limit - 1].rstrip() + ELLIPSIS
    used = 0
    for index, char in enumerate(text):
        used += 1 + (char > "\uffff")
        if used > limit - 1:
            return text[:index].rstrip() + ELLIPSIS
    return text
