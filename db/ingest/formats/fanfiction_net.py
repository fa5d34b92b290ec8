"""FanFiction.net's and FictionPress's story pages, as a browser saves them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NoReturn, cast

from lxml import etree
from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.decoding import mend
from db.ingest.formats.fields import Fields, work_info
from db.ingest.formats.headings import chapter_name
from db.ingest.pages import Pages, classes, first_of, having_class, line_of
from db.ingest.source import Source
from db.models import Chapter, NewWork, WorkInfo, ZoneKind
from db.vocabulary import LANGUAGES

ASK = "Open the story in a browser, save that page, and add the file."
_SITES = {"fanfiction": "FanFiction.net", "fictionpress": "FictionPress"}
_HOSTS = {"fanfiction": "www.fanfiction.net", "fictionpress": "www.fictionpress.com"}
# What such a site says where a story should be, and what to tell; the first that fits is taken.
_NO_STORIES = (
    ("story not found", "has no story there: it was deleted, or its link is mistyped."),
    ("unable to locate story", "has no story there: it was deleted, or its link is mistyped."),
    ("chapter text not found", "has lost the text of this chapter."),
    ("chapter not found", "has no chapter there: the story has fewer, or the link is mistyped."),
    ("does not have any chapters", "has this story without a chapter."),
    ("category for this story", "shows no stories of this fandom any more."),
)

# The sites' own genres, which is how they are told from characters.
_GENRES = frozenset(
    ("adventure", "angst", "crime", "drama", "family", "fantasy", "friendship", "general",
     "horror", "humor", "hurt/comfort", "mystery", "parody", "poetry", "romance", "sci-fi",
     "spiritual", "supernatural", "suspense", "tragedy", "western", "biography", "essay", "fable",
     "historical", "kids", "life", "manga", "mythology", "play", "religion", "song",
     "thriller", "war", "work", "young adult")
)  # fmt: skip
# Languages of FanFiction.net's that AO3 writes in their own script.
_MORE_LANGUAGES = {
    "afrikaans": "af", "albanian": "sq", "arabic": "ar", "bulgarian": "bg", "catalan": "ca",
    "croatian": "hr", "czech": "cs", "danish": "da", "farsi": "fa", "filipino": "fil",
    "greek": "el", "hebrew": "he", "hindi": "hi", "icelandic": "is", "indonesian": "id",
    "korean": "ko", "latin": "la", "lithuanian": "lt", "malay": "ms", "norwegian": "no",
    "punjabi": "pa", "romanian": "ro", "serbian": "sr", "thai": "th", "turkish": "tr",
    "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip
_COUNTED = ("chapters", "words", "reviews", "favs", "follows", "id", "updated", "published")
_STORY = re.compile(
    r"(?:https?:)?//(?:www\.|m\.)?(fanfiction|fictionpress)\.(?:net|com)/s/(\d+)(?:/(\d{1,5}))?"
)
_SITE = re.compile(r"(?:https?:)?//(?:www\.|m\.)?(fanfiction\.net|fictionpress\.com)(?:/|$)")
_SITE_TITLE = re.compile(
    r"(?P<page>.*?)\s*[|–-]\s*(?P<site>fanfiction|fictionpress)(?:\.net|\.com)?$", re.IGNORECASE
)
# "The Lamp Chapter 2: The Rope, a cowboy bebop fanfic": what goes on after the story's title.
_TITLE_REST = re.compile(
    r"(?:\s+ch(?:apter)?\s+\d{1,5}\b.*)?(?:,\s+an?\s.{1,150}fanfic)?$", re.IGNORECASE
)
_FANDOM = re.compile(
    r"(?:https?://[^/]+)?/(?:anime|book|cartoon|comic|game|misc|movie|play|tv)/[^/?#]+/?$"
)
_CROSSOVER_LINK = re.compile(r"/([^/?#]+)-Crossovers/\d+/\d+/?$", re.IGNORECASE)
_CROSSOVER = re.compile(r"\s+crossovers?$", re.IGNORECASE)
_OTHER_SIGNS = re.compile(r"[\W_]+")
_PAIRING = re.compile(r"\[([^\[\]]{1,500})\]")
_COUNTS = re.compile(rf",?\s*\b(?:{'|'.join(_COUNTED)}):", re.IGNORECASE)
_NUMBER = re.compile(r"\bid\s*:\s*(\d{1,12})")
# The mobile site has no list of chapters.
_HEADING = re.compile(r"Chapter\s(\d{1,5}):\s?(.{0,200})$")
_PLACE = re.compile(r"\bCh\s+(\d{1,5})\s+of\s+(\d{1,5})\b")


def read_page(page: HtmlElement) -> Source | None:
    """A story's page: a chapter, or more of them where a browser's add-on put them together.

    Raises:
        UnreadableFile: it is a page of the site, but no story.
    """
    profile = page.get_element_by_id("profile_top", None)
    site = _site(page)
    stories = _stories(page)
    if site is None and (profile is None or not stories):
        return None
    site = site or "fanfiction"
    if not stories:
        _refuse(page, _SITES[site], is_story=profile is not None)
    above = _said(stories[0], "preceding") if profile is None else line_of(profile)
    info, problems = _info(page, profile, stories[0], above, site)
    number, names = _contents(page, stories[0], above)
    chapters = tuple(
        _chapter(story, names[at - 1] if at <= len(names) else "", at)
        for at, story in enumerate(stories, number)
    )
    if len(stories) < len(names):
        here = f"chapter {number}" if len(stories) == 1 else f"{len(stories)}"
        end = "" if len(stories) == 1 else " chapters"
        problem = f"This page holds {here} of {len(names)}{end}; add the others after it."
        problems = (*problems, problem)
    return Source(NewWork(info, chapters), f"{_SITES[site]} page", problems=problems)


def take_profile(line: str, fields: Fields) -> bool:
    """Take in the grey line under a summary; whether it is one.

    "Rated: Fiction T - English - Romance/Drama - [Spike S., Faye V.] Jet B. - Chapters: 5 - …",
    or, on the mobile site, "Rated: T, English, Romance & Drama, Jet B., Words: 12k+, …".
    """
    line = " ".join(line.split())
    if not line.casefold().startswith("rated:"):
        return False
    dash = " - "
    parts = re.split(r"\s-\s", line)
    if len(parts) == 1:
        dash = ", "
        counts = _COUNTS.search(line)
        parts = _outside_brackets(line[: counts.start()] if counts else line)
    people: list[str] = []
    for place, part in enumerate(parts):
        label, colon, value = part.partition(":")
        kind = label.strip().casefold()
        if colon and kind in ("rated", "language", "genre", "characters"):
            if kind == "characters":
                people.append(value)
            elif kind == "genre":
                fields.add("genre", ", ".join(_genres(value) or [value]))
            else:
                fields.add(label, value.strip())
        elif colon and kind == "status":
            fields.add("status", value)
        elif colon and kind in _COUNTED:
            continue
        elif kind == "complete":
            fields.add("status", "complete")
        elif genres := _genres(part):
            fields.add("genre", ", ".join(genres))
        elif _language(kind) or (place == 1 and kind.replace(" ", "").isalpha()):
            fields.add("language", part)
        else:
            people.append(part)
    # A name may hold the dash that parts the line.
    _take_people(dash.join(people), fields)
    return True


def _language(name: str) -> str | None:
    return LANGUAGES.get(name) or _MORE_LANGUAGES.get(name)


def _outside_brackets(line: str) -> list[str]:
    """The parts between commas; those in a pairing's brackets part nothing."""
    parts = [""]
    for piece in re.split(r"(\[[^\[\]]*\])", line):
        if piece.startswith("["):
            parts[-1] += piece
        else:
            first, *others = piece.split(",")
            parts[-1] += first
            parts += others
    return [part.strip() for part in parts if part.strip()]


def _genres(part: str) -> list[str]:
    found = re.split(r"/|\s&\s", part.replace("Hurt/Comfort", "Hurt-Comfort"))
    names = [one.strip().replace("Hurt-Comfort", "Hurt/Comfort") for one in found]
    return names if all(name.casefold() in _GENRES for name in names) else []


def _take_people(said: str, fields: Fields) -> None:
    # Until 2013 a story had two characters at most: "Spike S. & Faye V."
    names = [name.strip() for name in re.split(r"[\[\],]|\s&\s", said)]
    fields.add("characters", ", ".join(filter(None, names)))
    for pairing in _PAIRING.findall(said):
        together = [name.strip() for name in pairing.split(",")]
        fields.add("relationships", "/".join(filter(None, together)))


# -- what is where -----------------------------------------------------------------------------
def _site(page: HtmlElement) -> str | None:
    """Which of the two sites the page says it is of."""
    for url in _own_addresses(page):
        if match := _SITE.match(url):
            return match[1].partition(".")[0]
    title = first_of(page.iter("title"))
    match = _SITE_TITLE.match(line_of(title)[:1000]) if title is not None else None
    return match["site"].casefold() if match else None


def _own_addresses(page: HtmlElement) -> Iterator[str]:
    for link in page.iter("link"):
        if link.get("rel") in ("canonical", "alternate"):
            yield link.get("href") or ""
    for meta in page.iter("meta"):
        if meta.get("property") == "og:url":
            yield meta.get("content") or ""


def _story_address(page: HtmlElement) -> re.Match[str] | None:
    links = (link.get("href") or "" for link in page.iter("a"))
    for addresses in (_own_addresses(page), links):
        for url in addresses:
            if match := _STORY.match(url):
                return match
    return None


def _stories(page: HtmlElement) -> list[HtmlElement]:
    """The blocks that hold story text, in order."""
    for wanted in ({"storytext", "storycontent"}, {"storytextp"}):
        found: list[HtmlElement] = []
        walker = etree.iterwalk(page, events=("start",))
        for _, node in walker:
            if wanted.intersection((node.get("id"), *classes(node))):
                found.append(node)
                walker.skip_subtree()
        if found:
            return found
    return []


def _refuse(page: HtmlElement, site: str, *, is_story: bool) -> NoReturn:
    warnings = [line_of(one) for one in having_class(page, "gui_warning")]
    said = " ".join(warnings or [line_of(page)]).casefold()
    for mark, sentence in _NO_STORIES:
        if mark in said:
            raise UnreadableFile(f"{site} {sentence} {ASK}")
    if is_story:
        raise UnreadableFile(f"This page of {site} came without the story's text. {ASK}")
    if re.match(r"just a moment|attention required|checking your", said):
        raise UnreadableFile(f"{site} asked whether you are a person and gave no story. {ASK}")
    raise UnreadableFile(f"This is a page of {site}, but no story. {ASK}")


def _said(story: HtmlElement, axis: str) -> str:
    """What the page says before a story ("preceding") or after it ("following")."""
    texts = cast("list[str]", story.xpath(f"{axis}::text()[not(parent::script|parent::style)]"))
    return mend(" ".join("".join(texts).split()))


# -- the work ----------------------------------------------------------------------------------
def _info(
    page: HtmlElement, profile: HtmlElement | None, story: HtmlElement, above: str, site: str
) -> tuple[WorkInfo, tuple[str, ...]]:
    fields = Fields()
    whole = profile if profile is not None else page
    at = above.rfind("Rated:")
    line = above[at:] if at >= 0 else ""
    number = _NUMBER.search(line)
    if number:  # below it old pages go on with the list of chapters
        line = line[: number.end()]
    # A full line says what is complete, and of the others nothing.
    if take_profile(line, fields) and number and not fields.first("status"):
        fields.add("status", "in-progress")
    _take_fandoms(page, fields, site)
    url = _story_address(page)
    host, story_id = (url[1], url[2]) if url else (site, number[1] if number else None)
    info, problems = work_info(
        fields,
        title=_title(page, profile, story),
        authors=_authors(whole),
        summary=_summary(profile),
        source_url=f"https://{_HOSTS[host]}/s/{story_id}" if story_id else None,
        language=_MORE_LANGUAGES.get(fields.first("language").casefold()),
    )
    return _dated(info, whole), problems


def _title(page: HtmlElement, profile: HtmlElement | None, story: HtmlElement) -> str | None:
    for holder in (
        profile,
        *(page.get_element_by_id(one, None) for one in ("content", "gui_table1i")),
    ):
        if holder is None:
            continue
        bold = first_of(holder.iter("b"))
        if bold is not None and all(one is not story for one in bold.iterancestors()):
            return line_of(bold)
    title = first_of(page.iter("title"))
    match = _SITE_TITLE.match(line_of(title)[:1000]) if title is not None else None
    return _TITLE_REST.sub("", match["page"]) if match else None


def _authors(whole: HtmlElement) -> list[str]:
    for link in whole.iter("a"):
        if re.search(r"/u/\d", link.get("href") or "") and line_of(link):
            return [line_of(link)]
    return []


def _summary(profile: HtmlElement | None) -> str | None:
    if profile is None:
        return None
    blocks = [one for one in profile.iterchildren("div") if line_of(one)]
    told = first_of(one for one in blocks if "xcontrast_txt" in classes(one))
    told = told if told is not None else first_of(blocks)
    return line_of(told) if told is not None else None


def _dated(info: WorkInfo, whole: HtmlElement) -> WorkInfo:
    """With its dates, each told by the word before it."""
    days: dict[str, date] = {}
    for span in whole.iter("span"):
        if (told := _day(span)) is None:
            continue
        before, parent = span.getprevious(), span.getparent()
        label = before.tail if before is not None else parent.text if parent is not None else ""
        word = (label or "").rstrip(": \t\r\n").rpartition(" ")[2].casefold()
        days.setdefault("published" if word.endswith("published") else "updated", told)
    # A story that was never updated has one date.
    return replace(info, published=days.get("published"), updated=days.get("updated"))


def _day(span: HtmlElement) -> date | None:
    try:
        return datetime.fromtimestamp(int(span.get("data-xutime") or ""), UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def _take_fandoms(page: HtmlElement, fields: Fields, site: str) -> None:
    holder = page.get_element_by_id("pre_story_links", None)
    links = list(holder.iter("a")) if holder is not None else []
    if site == "fictionpress":
        # Its shelves are genres.
        fields.values["fandoms"] = ["Original Work"]
        if links:
            fields.add("genre", line_of(links[-1]))
        return
    if not links:
        links = [one for one in page.iter("a") if _is_fandom(one.get("href") or "")][:1]
    if not links:
        return
    said = line_of(links[-1])
    if _CROSSOVER.search(said):
        slug = _CROSSOVER_LINK.search(links[-1].get("href") or "")
        names = _CROSSOVER.sub("", said).split(" + ")
        fields.values["fandoms"] = _crossed(names, slug[1] if slug else "")
    else:
        fields.values["fandoms"] = [said]


def _is_fandom(address: str) -> bool:
    return bool(_FANDOM.match(address) or _CROSSOVER_LINK.search(address))


def _crossed(parts: Sequence[str], slug: str) -> list[str]:
    """The two fandoms of a crossover, whose names may hold the sign between them.

    The link tells them apart: "Rosario-Vampire-and-Trigun" is "Rosario + Vampire + Trigun".
    """
    for cut in range(1, len(parts)):
        both = [" + ".join(parts[:cut]), " + ".join(parts[cut:])]
        slugs = (_OTHER_SIGNS.sub("-", one).strip("-") for one in both)
        if "-and-".join(slugs).casefold() == slug.casefold():
            return both
    return list(parts)


# -- chapters ----------------------------------------------------------------------------------
def _contents(page: HtmlElement, story: HtmlElement, above: str) -> tuple[int, list[str]]:
    """Which chapter the page is of, from 1, and what the chapters are called."""
    address = _story_address(page)
    number = max(int(address[3]) if address and address[3] else 1, 1)
    for listing in page.iter("select"):
        if listing.get("name") == "chapter" or listing.get("id") == "chap_select":
            options = list(listing.iter("option"))
            here = [at for at, one in enumerate(options, 1) if one.get("selected") is not None]
            if options:
                return (here or [min(number, len(options))])[0], [line_of(one) for one in options]
    heading = _HEADING.search(above[-300:])
    place = _PLACE.search(_said(story, "following")) or _PLACE.search(above)
    if heading is None and place is None:
        return number, []
    number = max(int(heading[1] if heading else place[1] if place else number), 1)
    names = [""] * max(number, int(place[2]) if place else number)
    names[number - 1] = heading[0] if heading else ""
    return number, names if len(names) > 1 or heading else []


def _chapter(story: HtmlElement, heading: str, number: int) -> Chapter:
    text = Pages()
    text.say(heading, ZoneKind.HEADING)
    text.add(story)
    return text.chapter(chapter_name(heading, number))
