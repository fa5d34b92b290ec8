"""What a paragraph looks like by itself; zones.py weighs it by where it stands."""

import re

_NUMBER = (
    r"(?:\d{1,3}|[ivxlc]{1,7}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty(?:[- ]\w+)?)"
)
_HEADING = re.compile(
    rf"^[\W_]*(?:(?:chapter|chap\.?|ch\.|part|book|act|episode|interlude|section|letter|day)\s+"
    rf"(?:the\s+)?{_NUMBER}|prologue|epilogue|interlude|chapitre\s+{_NUMBER}|"
    rf"cap[ií]tulo\s+{_NUMBER}|kapitel\s+{_NUMBER})"
    r"(?:[\s*_~]*$|\s*[.:–—-]+\s*(?P<title>.{0,90})$|\s*(?:of|/)\s*\d+\W*$)",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"^[\W_]*(?P<number>\d{1,3}|[IVXLC]{1,7})[\W_]*$")
_BREAK = re.compile(r"^(?:[\W_]|[oO0xX](?=[\W_oO0xX]|$)){1,70}$")
_WORDLESS = re.compile(r"^[^\w]+$")
_NOTE = re.compile(
    r"^[\W_]*(?:(?:author|writer|beta|translator)\W{0,3}s?\W{0,2}\s*notes?|notes?|a\s?/\s?n|an)"
    r"(?=\s*[:–—-]|[*_\]) ]*$)(?:\s*[:–—-]|[*_\])]*$)",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^[\W_]*(?:standard\s+)?disclaimers?\s*[:–—.*-]|"
    r"^(?![\"“«‘']).{0,60}\b(?:do(?:es)?n['’]t|do(?:es)? not)\s+(?:own|belong to)\b.{0,160}$",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"^[\W_]*(?:the\s+)?(?:end|fin|finis|ende|fine)\b[\W_]*(?:(?:of\s+(?:part|chapter|book)"
    r"\s+\w+)|for\s+now|\?)?[\W_]*$|^[\W_]*(?:tbc|to be continued|à suivre|continuará)[\W_]*$",
    re.IGNORECASE,
)
_END_OF_PART = re.compile(r"\bof\s+(?:part|chapter|book)\b", re.IGNORECASE)
_UNFINISHED = re.compile(r"\b(?:tbc|to be continued|à suivre|continuará)\b", re.IGNORECASE)
_CHROME = re.compile(
    r"^(?:you must (?:be logged in|log ?in)|log ?in (?:to|\(register\))|please (?:log in|login) to|"
    r"(?:next|previous) chapter\W*$|report (?:this|abuse)|share this|add (?:story )?to favou?rites|"
    r"return to (?:top|archive)|back to (?:top|index)|this story archived at|reviews?\W*\d*$)",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^[\W_]*(?:(?:written )?by|an?\s.{3,40}\sfic by|de|von|par)\s*:?\s+"
    r"(?P<name>[^\n]{2,40}?)[*_\s]*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"^\s*[-–—~―]{1,3}\s*\S.{1,80}$")
_QUOTED_CREDIT = re.compile(r"^[\"“«].{10,400}[\"”»]\s*[-–—―]{1,2}\s*\S.{1,60}$", re.DOTALL)
_PLACEHOLDER = re.compile(
    r"\b(?:title|untitled|unnamed|unknown|no name|new document|document\d*|draft|wip|test)\b",
    re.IGNORECASE,
)
_NO_TITLE_STARTS = "\"“«‘'-–—(「『"
_NO_TITLE_ENDS = '.,;:"”。、，；：」』'
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "de", "des", "du", "en", "et", "for", "from", "in",
     "la", "le", "les", "los", "of", "on", "or", "the", "to", "with")
)  # fmt: skip

# What writers say to readers and narrators do not; each counts once.
_TO_READERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\breview(?:s|ed|ers?|ing)?\b",
        r"\bfics?\b|\bfan ?fic(?:tion)?(?:\.net)?\b|\bff\.net\b",
        r"\bchapters?\b",
        r"\bread(?:ers?|ing) (?:this|my|the story|and review)\b",
        r"\bthank(?:s| you) (?:so much |all )?(?:for|to)\b.{0,30}\b(?:read|review|beta|kudos)",
        r"\bflames?(?: will|d|rs)\b|\bconstructive\b|\bcriticism\b",
        r"\booc\b|\boc\b|\bau\b",
        r"\bbeta(?:-?read(?:er|ed))?\b|\bbeta'd\b",
        r"\bposted?\b|\bupdat(?:e|es|ed|ing)\b",
        r"\b(?:my|this|the) (?:site|website|profile|blog|lj|journal)\b",
        r"\bone-?shot\b|\bpairing\b",
        r"[:;=]-?[)(D](?!\w)|\blol\b|<3|\^_\^",
        r"\bfirst (?:fic|story|attempt)\b|\bsequel\b|\bprequel\b",
        r"\b(?:comments?|feedback|kudos)\b",
        r"\bI (?:wrote|own|hope (?:you|this)|actually|decided)\b",
        r"\b(?:episode|season|session|canon)\b|\bspoilers?\b",
        r"\bficathon\b|\bchallenge\b|\bprompt\b",
        r"\b(?:lemons?|limes?|lemony|fluff|angst)\b",
        r"\byou guys\b|\benjoy\b!?",
        r"\bsong\b.{0,60}\bby\b|\blisten(?:ing)? to\b.{0,40}\bversion\b|\blyrics\b",
    )
)
_ADDRESS = re.compile(r"\b(?:I|I['’]\w+|my|me|you|your|please|thanks?)\b", re.IGNORECASE)
# An unlabelled note must speak to its readers in at least this many ways.
TELLING = 2


def to_readers(text: str) -> int:
    """How many signs there are that the writer speaks to readers; `TELLING` are enough."""
    return sum(bool(sign.search(text)) for sign in _TO_READERS)


def speaks_to_readers(text: str) -> bool:
    """Plainly a note, label or not: the signs are enough, and somebody is spoken to.

    Stories too hold reviews of fleets and chapters of guilds, but there nobody says "you".
    """
    count = to_readers(text)
    return count > TELLING or (count == TELLING and bool(_ADDRESS.search(text)))


def heading_title(text: str) -> str | None:
    """The chapter's title if the line is a chapter heading ("" if it gives none), else None."""
    match = _HEADING.match(text) if len(text) <= 120 else None
    return (match["title"] or "").strip(" *_#") if match else None


def bare_number(text: str) -> int | None:
    """The number that stands alone on a line, in digits or Roman; None if it is no such line."""
    match = _BARE_NUMBER.match(text) if len(text) <= 12 else None
    if match is None:
        return None
    number = match["number"]
    return int(number) if number.isdigit() else _roman(number)


def is_break(text: str) -> bool:
    """A line of nothing but marks, or o and x among them; a lone ellipsis may be speech."""
    if len(text) > 70 or not _BREAK.match(text) or text.strip(" .…!?\"“”'") == "":
        return False
    return bool(_WORDLESS.match(text)) or len(text.replace(" ", "")) >= 3


def is_note(text: str) -> bool:
    """Begins as a note does: "A/N:", "Author's Note –"."""
    return bool(_NOTE.match(text[:80]))


def is_disclaimer(text: str) -> bool:
    """Begins as a disclaimer, or is a short one: "I don't own …"."""
    return bool(_DISCLAIMER.match(text[:240])) and len(text) < 1200


def is_ending(text: str) -> bool:
    """ "END.", "The end... for now.", "TBC"."""
    return len(text) <= 60 and bool(_ENDING.match(text))


def is_unfinished(text: str) -> bool:
    """Whether an ending says that more is to come."""
    return bool(_UNFINISHED.search(text))


def is_end_of_part(text: str) -> bool:
    """Whether an ending is a chapter's, and says nothing of the work."""
    return bool(_END_OF_PART.search(text))


def is_chrome(text: str) -> bool:
    """A site's own words around a story."""
    return len(text) <= 160 and bool(_CHROME.match(text))


def byline(text: str) -> str | None:
    """The author's name, if the line is "By …"."""
    match = _BYLINE.match(text) if len(text) <= 60 and "\n" not in text else None
    if match is None or match["name"][-1] in '.,;:!?"”':
        return None
    return match["name"].strip(" *_") if len(match["name"].split()) <= 4 else None


def is_credit(text: str) -> bool:
    """A line under a quotation: "- Song – by Somebody"."""
    return len(text) <= 90 and bool(_CREDIT.match(text))


def is_quotation(text: str) -> bool:
    """A quotation with its source on the same line."""
    return bool(_QUOTED_CREDIT.match(text))


def is_title_like(text: str) -> bool:
    """Short, of capitalised words, and not a sentence or speech."""
    text = text.strip("*_# ")
    if (
        not 2 <= len(text) <= 80
        or "\n" in text
        or text[0] in _NO_TITLE_STARTS
        or text[-1] in _NO_TITLE_ENDS
    ):
        return False
    words = re.findall(r"[^\W\d_][\w'’]*", text)
    if not words or len(words) > 12:
        return False
    big = [word for word in words if word.casefold() not in _SMALL_WORDS]
    return bool(big) and all(word[0].isupper() or not word[0].islower() for word in big)


def is_placeholder(text: str) -> bool:
    """ "Avant Title", "Untitled": what stands where a title should be."""
    return len(text.split()) <= 4 and bool(_PLACEHOLDER.search(text))


def _roman(text: str) -> int | None:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    total = 0
    for here, after in zip(text, [*text[1:], " "], strict=True):
        value = values[here]
        total += -value if values.get(after, 0) > value else value
    return total
