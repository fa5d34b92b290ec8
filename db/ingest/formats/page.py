"""Any page of HTML: its main text, as much of it as may be story."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from db.errors import UnreadableFile
from db.ingest.pages import classes, first_of, line_of, paragraphs_of
from db.ingest.source import Manuscript
from db.models import WorkInfo

ORIGIN = "page"
NO_PERSON = (
    "The site asked whether you are a person, and the page came without the story. Open the story "
    "in a browser, save that page, and add the file."
)
_ASKED = re.compile(r"^(?:just a moment|attention required|checking your browser|access denied)")
# Where sites keep the text itself, the likeliest first: by id or class.
_HOLDERS = (
    "storytext", "story-text", "story_text", "storycontent", "chapter-content", "chapter-inner",
    "chapter_content", "userstuff", "bbWrapper", "entry-content", "post-content", "post-body",
    "post_body", "article-body", "story-body", "chapter-body", "entry-text", "entrytext",
    "story", "chapter",
)  # fmt: skip
_HOLDING_TAGS = ("article", "main")
_AROUND_TAGS = frozenset(("nav", "header", "footer", "aside", "form"))
_AROUND = re.compile(
    r"^(?:nav(?:bar|igation)?|menu|sidebar|side-bar|comments?|comment-?list|footer|breadcrumbs?|"
    r"share|sharing|social|related|respond|cookie\S*|advert\S*|jp-relatedposts|disqus_thread|"
    r"skip-link|screen-reader-text|site-header|site-footer|toolbar|pagination|post-meta)$",
    re.IGNORECASE,
)
# Of all that a page says, how much a holder has to say to be taken for the text.
HOLDER_SHARE = 0.5
PROGRAM = re.compile(r"word|libreoffice|openoffice|pandoc|google|abiword|pages", re.IGNORECASE)
# What a site puts after its pages' titles.
_SITE = re.compile(r"\s+[|–—-]\s+[^|–—]{2,60}$|\s*[|»]\s*[^|»]{2,60}$")


def read_page(page: HtmlElement) -> Manuscript:
    """What a page says, its menus and comments left out.

    Raises:
        UnreadableFile: a guard of the site stands where the story should.
    """
    title = first_of(page.iter("title"))
    said = line_of(title) if title is not None else ""
    if _ASKED.match(said.casefold()):
        raise UnreadableFile(NO_PERSON)
    names = {key: value for meta in page.iter("meta") for key, value in _named(meta)}
    candidates = [names.get("og:title", ""), _SITE.sub("", said)]
    body = first_of(page.iter("body"))
    text = "\n\n".join(paragraphs_of(_main(body if body is not None else page), mark_headings=True))
    author = names.get("author", "")
    by_program = PROGRAM.search(names.get("generator", "")) is not None
    return Manuscript(
        text,
        ORIGIN,
        WorkInfo(
            title=None,
            authors=(author,) if author and not by_program else (),
            source_url=_address(page, names),
        ),
        tuple(dict.fromkeys(one for one in candidates if one and len(one) <= 200)),
    )


def _named(meta: HtmlElement) -> Iterator[tuple[str, str]]:
    content = " ".join((meta.get("content") or "").split())
    for key in ("name", "property"):
        if (name := meta.get(key)) and content:
            yield name.casefold(), content


def _address(page: HtmlElement, names: dict[str, str]) -> str | None:
    links = [one.get("href") or "" for one in page.iter("link") if one.get("rel") == "canonical"]
    for url in (*links, names.get("og:url", "")):
        if re.match(r"https?://[^\s/]+\.[^\s/]+/\S", url):
            return url
    return None


def _main(body: HtmlElement) -> HtmlElement:
    """The part of a page that holds its text; all of it where no part surely does."""
    for around in [one for one in body.iter() if _is_around(one)]:
        if around is not body and around.getparent() is not None:
            around.drop_tree()
    whole = len(line_of(body))
    for name in (*_HOLDERS, *_HOLDING_TAGS):
        holders = [
            one
            for one in body.iter("div", "section", "td", "article", "main", "blockquote")
            if name in (one.tag, one.get("id")) or name in classes(one)
        ]
        if len(holders) == 1 and len(line_of(holders[0])) >= HOLDER_SHARE * whole:
            return holders[0]
    return body


def _is_around(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str):
        return False
    if element.tag in _AROUND_TAGS:
        # A page's own header may hold a story's title; what stands in an article stays.
        return not any(one.tag in _HOLDING_TAGS for one in element.iterancestors())
    return any(_AROUND.match(name) for name in (element.get("id") or "", *classes(element)))
