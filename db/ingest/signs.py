"""What a paragraph looks like by itself; zones.py weighs it by where it stands."""

import re

LONGEST_SIGN_CHARS = 240  # of a line that is told by itself, but for a row of marks
SHORT_LINE_CHARS = 120

_NUMBER = (
    r"(?:\d{1,3}|[ivxlc]{1,7}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    r"(?:twenty|thirty|forty|fifty)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)"
)
_NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|final)"
# "Chapter" and "part" in the languages that fan fiction is most written in.
_DIVISION = (
    r"(?:chapter|chap\.?|ch\.|part|book|act|episode|section|volume|chapitre|partie|kapitel|teil|"
    r"cap[ií]tulo|capitolo|parte|hoofdstuk|deel|kapittel|rozdział|fejezet|luku|глава|часть|розділ)"
)
_HEADING = re.compile(
    rf"^[\W_]*(?:{_DIVISION}\s+(?:the\s+)?(?:{_NUMBER}|{_ORDINAL})|(?:{_ORDINAL}|{_NUMBER}\.?)\s+"
    rf"(?:chapter|part|fejezet|luku)|"
    r"prologue|epilogue|interlude|intermission|prolog|epilog|prólogo|epílogo|пролог|эпилог)"
    r"(?:\s*(?:of|/)\s*(?:\d{1,3}|\?))?"
    r"(?:[\W_]*$|\s*[.:–—-]+[\s*_]*(?P<title>\S.{0,90})$)",
    re.IGNORECASE,
)
_CJK_HEADING = re.compile(
    r"^[\W_]*第\s*[0-9０-９一二三四五六七八九十百]{1,5}\s*[章話回節幕部](?:[\s:：]+(?P<title>\S.{0,60}))?$"
    r"|^[\W_]*제?\s*\d{1,3}\s*[장화](?:[\s:：.]+(?P<ko>\S.{0,60}))?$"
)
_MARKED_HEADING = re.compile(r"^#{1,6}\s+(?P<text>\S.*?)[\s#]*$")
_BARE_NUMBER = re.compile(r"^[\W_]*(?P<number>\d{1,3}|[IVXLC]{1,7})[\W_]*$")
_NUMBERED = re.compile(r"^(?P<number>\d{1,2}|[IVXL]{1,5})[.):]\s+(?P<title>\S.{0,70})$")
_POINT_OF_VIEW = re.compile(
    r"^[\W_]*(?:\w+(?:['’]s?)?\s+){1,2}p\.?o\.?v\.?[\W_]*$|^[\W_]*p\.?o\.?v\.?\s*[:-]\s*\w+[\W_]*$",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^[\W_]+$")
_MARKS_AND_LETTERS = re.compile(r"^(?:[\W_]|[oO0xX](?=[\W_oO0xX]|$))+$")
_NAMED_BREAK = re.compile(
    r"^[\W_]*(?:scene|line|page|section)[ -]?break[\W_]*$|^[\W_]+break[\W_]+$|^<hr ?/?>$",
    re.IGNORECASE,
)
_NOTE_LABEL = (
    r"(?:(?:(?:author|writer|beta|translator)\W{0,3}s?\W{0,2}\s*|additional\s+|end\s*|chapter\s+"
    r"(?:end\s*)?)?notes?(?:\s+(?:for|to|on)\s+the\s+(?:chapter|story|work))?|a\s?[/.]\s?n\.?|"
    r"n\s?[/.]\s?a\.?|an|notes? (?:de l['’]auteure?|d['’]auteure?)|nota (?:de la autora|del autor|"
    r"dell['’]autor[ei]|da autora|do autor)|notas?(?: d[aeo]l? \w+)?|anmerkung(?:en)?|"
    r"примечани[ея]|от автора)"
)
_NOTE = re.compile(rf"^[\W_]*{_NOTE_LABEL}(?:\s*[:：–—-]|[\s*_\])]*$)", re.IGNORECASE)
# Amid a story only what no narrator writes: "Notes:" may be a heroine's own.
_NOTE_AMID = re.compile(
    r"^[\W_]*(?:(?:author|writer)\W{0,3}s?\W{0,2}\s*notes?|a\s?[/.]\s?n\.?)\s*[:：–—-]"
    r"|^[\W_]*[\[({]\W*(?:(?:author|writer)\W{0,3}s?\W{0,2}\s*notes?|a\s?[/.]\s?n\b|an:|note:)",
    re.IGNORECASE,
)
_SECTION = re.compile(
    rf"^[\W_]*(?:{_NOTE_LABEL}|disclaimers?|(?:chapter\s+)?summary)[\s:：*_#=~–—-]*$", re.IGNORECASE
)
_STORY_STARTS = re.compile(r"^[\W_]*(?:chapter|work|story)\s+text[\W_]*$", re.IGNORECASE)
_DISCLAIMER = re.compile(
    r"^[\W_]*(?:standard\s+|general\s+|usual\s+)?disclaimers?\s*[:：–—.*-]", re.IGNORECASE
)
_DISOWNS = re.compile(
    r"\bI\s+(?:do\s+not|don['’]?t|own)\s+(?:own\s+)?(?:any|nothing|the\s+\w+\s+characters|\w+ing\b|"
    r"[A-Z])|\bI\s+(?:do\s+not|don['’]?t)\s+own\b|\bno\s+(?:copyright\s+)?infringement\b|"
    r"\b(?:characters|rights)\b.{0,60}\bbelongs?\s+to\b|\bnot\s+making\s+(?:any\s+)?(?:money|profit)",
)
_ENDING = re.compile(
    r"^[\W_]*(?:the\s+)?(?:end|fin|finis|ende|fine|owari|конец|完|終|おわり)\b[\W_]*"
    r"(?:(?:of\s+)?(?:this\s+)?(?:part|chapter|book|story)(?:\s+\w+)?|for\s+now|\?)?[\W_]*$"
    r"|^[\W_]*(?:tbc|to be continued|à suivre|continuará|продолжение следует)[\W_]*$",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"\b(?:tbc|to be continued|à suivre|continuará|продолжение)\b", re.IGNORECASE
)
_END_OF_PART = re.compile(r"\bend\W+(?:of\s+)?(?:this\s+)?(?:part|chapter|book)\b", re.IGNORECASE)
_CHROME = re.compile(
    r"^[\W_]*(?:you must (?:be logged in|log ?in)|log ?in (?:to|\(register\))|"
    r"please (?:log in|login) to|(?:next|previous) chapter\W*$|report (?:this|abuse)\b|share this|"
    r"add (?:story )?to favou?rites|return to (?:top|archive)|back to (?:top|index)|"
    r"this story archived at|reviews?\W*\d+\W*$|posted originally on the archive of our own|"
    r"\(?see the end of the (?:chapter|work) for|please drop by the archive and comment|"
    r"disclaimer: all publicly recognizable characters|kudos\W*\d*$|bookmark(?:s|ed)?\W*\d*$)",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^[\W_]*(?:(?:written\s+|story\s+)?by|de|von|par|por)(?P<colon>\s*:)?\s+(?P<name>[^\n]{2,40}?)[*_\s]*$",
    re.IGNORECASE,
)
_QUOTED_TITLE_BY = re.compile(
    r"^[\"“«](?P<title>[^\"“”«»]{2,80})[\"”»],?\s+by\s+(?P<name>.{2,40})$"
)
_CREDIT = re.compile(r"^[-–—~―]{1,3}\s*(?P<who>[^\s\-–—~―].{1,80})$")
_QUOTED_CREDIT = re.compile(r"^[\"“«].{10,400}[\"”»]\s*[-–—―]{1,2}\s*[^\W\d_].{1,60}$", re.DOTALL)
_PLACEHOLDER = re.compile(
    r"\b(?:title|untitled|unnamed|unknown|no name|new document|document\s?\d*|draft|wip|tbd)\b",
    re.IGNORECASE,
)
_EMPTY_TITLE = re.compile(
    r"^\W*(?:untitled|no title|none|title|tbd|unknown|n/?a|new document|document\s?\d*)?\W*\d*\W*$",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"\d{3,4}\b|\d\s*(?::\d\d|[ap]\.?m\b)|\b(?:later|earlier|ago|before|after|morning|evening|night|"
    r"noon|midnight|yesterday|today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|"
    r"february|march|april|june|july|august|september|october|november|december)$",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "de", "del", "der", "des", "di", "du", "el", "en",
     "et", "for", "from", "in", "is", "la", "le", "les", "los", "nor", "of", "on", "or", "the",
     "to", "und", "with")
)  # fmt: skip
_QUOTES = '"“”«»„‘「『'
_NO_TITLE_ENDS = '.,;:"”。、，；：」』'
_DASHES = "-–—―"
_NARRATED = re.compile(
    r"\b(?:he|she|him|her|his|hers|they|them|their|himself|herself|said|asked|whispered|murmured)\b",
    re.IGNORECASE,
)
_TO_SOMEBODY = re.compile(
    r"\b(?:I|I['’]m|I['’]ve|I['’]ll|me|my|you|your|y['’]all|we|please|thanks?)\b|"
    r"\bthis (?:is|was|fic|story|chapter|takes)\b",
    re.IGNORECASE,
)

# What writers say to readers and narrators do not; each counts once. Words of fandom are matched
# as they are written, since "au" is French and "oc" a syllable.
_TO_READERS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"\breview(?:s|ed|ers?|ing)?\b|\bR ?& ?R\b", re.IGNORECASE),
        (r"\bfics?\b|\bfan ?fic(?:tion)?(?:\.net)?\b|\bff\.net\b|\bao3\b", re.IGNORECASE),
        (r"\bchapters?\b|\bch\. ?\d", re.IGNORECASE),
        (r"\bread(?:ers?|ing) (?:this|my|the story|and review)\b", re.IGNORECASE),
        (r"\bthank(?:s| you)\b.{0,40}\b(?:read|review|beta|kudos)", re.IGNORECASE),
        (r"\bflames?(?: will|d|rs)\b|\bconstructive\b|\bcriticism\b", re.IGNORECASE),
        (r"\bOOC\b|\bOCs?\b|\bAU\b|\bPOV\b|\bWIP\b|\bOTP\b", 0),
        (r"\bbeta(?:-?read(?:er|ed)?|['’]d|ed)?\b", re.IGNORECASE),
        (r"\b(?:post(?:ed|ing)|updat(?:e|es|ed|ing))\b", re.IGNORECASE),
        (r"\b(?:my|this|the) (?:site|website|profile|blog|lj|livejournal|tumblr)\b", re.IGNORECASE),
        (r"\bone-?shot\b|\bdrabbles?\b|\bpairing\b|\bcrossover\b", re.IGNORECASE),
        (r"[:;=]-?[)(DP](?!\w)|\blol\b|<3|\^_+\^|\bXD\b", 0),
        (r"\bfirst (?:fic|story|attempt)\b|\bsequel\b|\bprequel\b", re.IGNORECASE),
        (r"\b(?:comments?|feedback|kudos)\b", re.IGNORECASE),
        (r"\bI (?:wrote|own|actually|decided)\b|\bdon['’]t own\b", re.IGNORECASE),
        (r"\bI(?: (?:do|really))? hope (?:you|this)\b", re.IGNORECASE),
        (r"\b(?:episode|season|session) (?:\d|one|two|three|four|five|six)\b", re.IGNORECASE),
        (r"\bcanon\b|\bspoilers?\b", re.IGNORECASE),
        (r"\b(?:takes place|is set|was set) (?:a|some|just|in|after|before)\b", re.IGNORECASE),
        (r"\bficathon\b|\bchallenge\b|\bprompt\b|\bgift for\b|\bdedicated to\b", re.IGNORECASE),
        (r"\b(?:lemons?|limes?|lemony|fluff|angst|smut)\b", re.IGNORECASE),
        (r"\byou guys\b|\benjoy[!.]|\blet me know what\b|\bstay tuned\b", re.IGNORECASE),
        (r"\bsong\b.{0,60}\bby\b|\blisten\b.{0,40}\bversion\b|\blyrics\b|\btitle\b", re.IGNORECASE),
        (r"https?://|\bwww\.", re.IGNORECASE),
    )
)  # fmt: skip
_READ_CHARS = 2000  # of a paragraph; what speaks to readers does so soon


def to_readers(text: str) -> int:
    """How many signs there are that the writer speaks to readers."""
    return sum(bool(sign.search(text[:_READ_CHARS])) for sign in _TO_READERS)


def is_address(text: str) -> bool:
    """Whether a paragraph without a label plainly speaks to readers.

    Long ones hold such words by chance, so they need more of them; speech is never one.
    """
    if text[0] in _QUOTES or not _TO_SOMEBODY.search(text[:_READ_CHARS]):
        return False
    needed = 2 + (len(text) > 250) + (len(text) > 1200)
    return to_readers(text) >= needed and spoken_share(text) < 0.3


def is_narrated(text: str) -> bool:
    """Speech, or told of a third person, or long without a word to readers."""
    if text[0] in _QUOTES or text[0] in "–—―" or len(text) > 1200:
        return True
    return bool(_NARRATED.search(text)) or (len(text) > 300 and not to_readers(text))


_QUOTE = re.compile(r"[\"“”«»]")


def spoken_share(text: str) -> float:
    """The share of a text that stands in quotes, roughly."""
    parts = _QUOTE.split(text)
    return sum(map(len, parts[1::2])) / max(1, len(text))


def heading_title(text: str) -> str | None:
    """The chapter's title if the line is a chapter heading ("" if it gives none), else None."""
    if len(text) > SHORT_LINE_CHARS:
        return None
    if match := _HEADING.match(text):
        title = (match["title"] or "").strip(" *_#")
        # "Chapter 2 - of the book, that is." is a sentence.
        return None if title[-1:] in (".", ",", ";") and not title.endswith("...") else title
    if match := _CJK_HEADING.match(text):
        return (match["title"] or match["ko"] or "").strip()
    return None


def heading_number(text: str) -> int | None:
    """The number that a heading counts with: 2 of "Chapter Two", "II." and "Part 2"."""
    if (number := bare_number(text)) is not None:
        return number
    if heading_title(text) != "":
        return None
    for word in re.findall(r"\d+|[^\W\d_]+", text)[1:]:
        if word.isdigit():
            return int(word)
        if word.casefold() in _NUMBER_WORDS:
            return _NUMBER_WORDS.index(word.casefold()) + 1
        if re.fullmatch(r"[IVXLC]+", word.upper()):
            return _value(word.upper())
    return None


def marked_heading(text: str) -> tuple[int, str] | None:
    """Level and text of a Markdown heading: "## One"."""
    match = _MARKED_HEADING.match(text) if text[0] == "#" and len(text) < 200 else None
    return (len(text) - len(text.lstrip("#")), match["text"].strip(" *_")) if match else None


def bare_number(text: str) -> int | None:
    """The number that stands alone on a line, in digits or Roman; None if it is no such line."""
    match = _BARE_NUMBER.match(text) if len(text) <= 12 else None
    return _value(match["number"]) if match else None


def numbered_title(text: str) -> tuple[int, str] | None:
    """Number and title of "2. The Long Road"; None where what follows is a sentence."""
    match = _NUMBERED.match(text) if len(text) <= 80 else None
    if match is None or not is_title_like(match["title"]):
        return None
    return _value(match["number"]), match["title"]


def is_point_of_view(text: str) -> bool:
    """ "Buffy's POV": whose eyes the next scene sees with."""
    return len(text) <= 40 and bool(_POINT_OF_VIEW.match(text))


def is_break(text: str) -> bool:
    """A line of nothing but marks, or o and x among them; a lone ellipsis may be speech."""
    if text[0] not in "oO0xX" and text[0].isalpha() and text[0].casefold() not in "slp":
        return False  # soon told: most lines are words
    if len(text) < 40 and _NAMED_BREAK.match(text):
        return True
    if len(text) > 200:
        return bool(_MARKS.match(text))
    bare = "".join(text.split())
    if not bare.strip(".…!?,;:-–—" + _QUOTES + "’'") and not (
        len(bare) >= 3 and bare[0] in _DASHES
    ):
        # Punctuation alone may be speech: "...", "?!", "—". Three dashes or more are a line.
        return len(bare) == 1 and bare in _DASHES
    if _MARKS.match(text):
        return True
    if not _MARKS_AND_LETTERS.match(text) or len(bare) < 3:
        return False
    # "oOo", "x-x-x", "XXX" read the same both ways; "Ooo." and "xoxo" do not.
    return bare == bare[::-1] and not (bare.isdigit())


def is_note(text: str) -> bool:
    """Begins as a note does: "A/N:", "Author's Note –", "Notes" alone."""
    return bool(_NOTE.match(text[:80]))


def is_note_amid(text: str) -> bool:
    """A note by a label that no narrator writes."""
    return bool(_NOTE_AMID.match(text[:80]))


def is_section(text: str) -> bool:
    """A label alone on its line, which what follows belongs to: "Notes:", "Summary"."""
    return len(text) <= 60 and bool(_SECTION.match(text))


def starts_story(text: str) -> bool:
    """ "Chapter Text", "Work Text:": what AO3's pages say between notes and story."""
    return len(text) <= 40 and bool(_STORY_STARTS.match(text))


def is_disclaimer(text: str) -> bool:
    """Labelled as a disclaimer, or a short paragraph that disowns: "I don't own …"."""
    if _DISCLAIMER.match(text[:60]):
        return True
    return len(text) < 600 and text[0] not in _QUOTES and bool(_DISOWNS.search(text))


def is_labelled_disclaimer(text: str) -> bool:
    """Begins with the word itself."""
    return bool(_DISCLAIMER.match(text[:60]))


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
    return len(text) <= LONGEST_SIGN_CHARS and bool(_CHROME.match(text))


def byline(text: str) -> str | None:
    """The author's name, if the line is "By …"."""
    match = _BYLINE.match(text) if len(text) <= 60 and "\n" not in text else None
    if match is None or match["name"][-1] in '.,;:!?"”' or len(match["name"].split()) > 4:
        return None
    return match["name"].strip(" *_") or None


def title_and_author(text: str) -> tuple[str, str] | None:
    """Both, of a line like "“The Long Road” by quaylight"."""
    match = _QUOTED_TITLE_BY.match(text.strip("*_# ")) if len(text) <= 130 else None
    return (match["title"].strip(), match["name"].strip()) if match else None


def is_credit(text: str) -> bool:
    """A line under a quotation: "- Song – by Somebody"; speech after a dash ends otherwise."""
    match = _CREDIT.match(text) if len(text) <= 90 else None
    if match is None or match["who"][-1] in ".!?…,;:":
        return False
    return match["who"].lstrip("\"“*_'‘")[:1].isupper()


def is_quotation(text: str) -> bool:
    """A quotation with its source on the same line."""
    return len(text) <= 500 and bool(_QUOTED_CREDIT.match(text))


def is_title_like(text: str) -> bool:
    """Short, of capitalised words, and not a sentence, speech, date or place and date."""
    text = text.strip("*_# ")
    if not 2 <= len(text) <= 80 or "\n" in text or text[0] in _QUOTES + _DASHES + "'(":
        return False
    if text[-1] in _NO_TITLE_ENDS or _DATELINE.search(text) or is_point_of_view(text):
        return False
    if heading_title(text) is not None:
        return False
    words = re.findall(r"[^\W\d_][\w'’]*", text)
    if not words or len(words) > 12:
        return False
    big = [word for word in words if word.casefold() not in _SMALL_WORDS]
    return bool(big) and words[0][0].isupper() and all(not word[0].islower() for word in big)


def is_placeholder(text: str) -> bool:
    """ "Avant Title", "Untitled", "Chapter 1": what stands where a title should be."""
    if heading_title(text) is not None or bare_number(text) is not None:
        return True
    return len(text.split()) <= 3 and bool(_PLACEHOLDER.search(text))


def is_empty_title(text: str) -> bool:
    """A placeholder that is of no use even as a suggestion: "Untitled"."""
    return bool(_EMPTY_TITLE.match(text)) or heading_title(text) is not None


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    total = 0
    for here, after in zip(number, [*number[1:], " "], strict=True):
        value = values[here]
        total += -value if values.get(after, 0) > value else value
    return total
