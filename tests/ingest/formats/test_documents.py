"""Word, OpenDocument and RTF files as programs really write them, and any e-book."""

import pytest

from db.errors import UnreadableFile
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer
from db.ingest.reading import Reading
from db.models import SeriesPart, ZoneKind
from tests.ingest.formats.documents import (
    docx,
    docx_of,
    epub,
    odt,
    odt_of,
    packed,
    rtf_of,
    word_paragraph,
)

NO_NAMES = Gazetteer([])
LINES = [
    "The Lamp", "By quay", "The lamp had been out for three nights.",
    "“Somebody rowed it,” she said. “Ferries don’t row themselves.”",
    "Zoë looked at the oars, which were dry – and at the rope.",
]  # fmt: skip


def reading(data: bytes) -> Reading:
    [found] = read("a.bin", data, NO_NAMES)
    return found


def body(found: Reading) -> list[str]:
    return [
        line
        for chapter in found.work.chapters
        for zone in chapter.zones
        if zone.kind is ZoneKind.BODY
        for line in chapter.text[zone.start : zone.end].split("\n")
        if line.strip()
    ]


@pytest.mark.parametrize("data", [docx_of(LINES), odt_of(LINES), rtf_of(LINES)])
def test_plain_paragraphs(data: bytes) -> None:
    found = reading(data)
    assert (found.work.info.title, found.work.info.authors) == ("The Lamp", ("quay",))
    assert body(found) == LINES[2:]


# -- Word --------------------------------------------------------------------------------------
STYLES = (
    '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="berschrift1"/></w:style>'
    '<w:style w:styleId="Round"><w:basedOn w:val="Round"/></w:style>'
    '<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
)


def test_headings_of_any_language_and_styles_based_on_them_part_chapters() -> None:
    data = docx(
        word_paragraph("The Wet Rope ... 7", "TOC1")
        + word_paragraph("Chapter 1", "berschrift1")
        + word_paragraph("It was late.", "Round")
        + word_paragraph("The Wet Rope", "Mine")
        + word_paragraph("It was early."),
        styles=STYLES,
    )
    found = reading(data)
    assert [one.title for one in found.work.chapters] == [None, "The Wet Rope"]
    assert body(found) == ["It was late.", "It was early."]


def test_what_was_deleted_hidden_or_noted_is_no_story() -> None:
    data = docx(
        "<w:p><w:r><w:t>She </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>always </w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr>"
        "<w:t>secretly </w:t></w:r><w:r><w:rPr><w:rStyle w:val='Secret'/></w:rPr><w:t>(todo) </w:t>"
        "</w:r><w:hyperlink><w:r><w:t>rowed</w:t></w:r></w:hyperlink><w:r><w:tab/></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:footnoteReference/></w:r>"
        "<w:sdt><w:sdtContent><w:r><w:t>home,</w:t><w:br/><w:t>co</w:t><w:noBreakHyphen/>"
        "<w:t>workers said.</w:t></w:r></w:sdtContent></w:sdt></w:p>",
        styles=STYLES,
    )
    assert body(reading(data)) == ["She always rowed\thome,", "co-workers said."]


def test_a_text_box_is_said_once_and_tables_row_by_row() -> None:
    box = f"<w:txbxContent>{word_paragraph('Boxed words.')}</w:txbxContent>"
    data = docx(
        "<w:p><w:r><mc:AlternateContent><mc:Choice>" + box + "</mc:Choice><mc:Fallback>" + box
        + "</mc:Fallback></mc:AlternateContent><w:t>Around it.</w:t></w:r></w:p>"
        + f"<w:tbl><w:tr><w:tc>{word_paragraph('One cell.')}</w:tc><w:tc>"
        + f"{word_paragraph('Two cells.')}</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    assert body(reading(data)) == ["Around it.", "Boxed words.", "One cell.", "Two cells."]


def test_a_drawn_line_and_three_stars_part_scenes() -> None:
    line = "<w:p><w:pPr><w:pBdr><w:bottom/></w:pBdr></w:pPr></w:p>"
    data = docx(
        word_paragraph("It was late.") + line + word_paragraph("It was early.")
        + word_paragraph("***") + word_paragraph("It was noon.")
    )  # fmt: skip
    [chapter] = reading(data).work.chapters
    assert len(chapter.scenes) == 3


def test_the_name_that_a_document_was_given_is_offered() -> None:
    data = docx(word_paragraph("It was late, and nobody came."), title="The Lamp")
    assert reading(data).title_candidates == ("The Lamp",)
    data = docx(word_paragraph("It was late, and nobody came."), title="Document1")
    assert reading(data).title_candidates == ()


# -- OpenDocument ------------------------------------------------------------------------------
def test_opendocuments_headings_spaces_and_notes() -> None:
    found = reading(
        odt(
            '<t:tracked-changes><t:p>old words</t:p></t:tracked-changes><t:h t:outline-level="1">'
            'Chapter 1</t:h><t:p>It<t:s t:c="2"/>was <t:span>late<t:note><t:p>noted</t:p></t:note>'
            '</t:span>.</t:p><t:p t:style-name="P9">The Wet Rope</t:p><t:p>It was<t:line-break/>'
            'early.<t:span t:style-name="T1">hidden</t:span></t:p>',
            '<s:style s:name="P9" s:parent-style-name="Heading_20_1"/>'
            '<s:style s:name="T1"><s:text-properties t:display="none"/></s:style>',
        )
    )
    assert [one.title for one in found.work.chapters] == [None, "The Wet Rope"]
    assert body(found) == ["It  was late.", "It was", "early."]


# -- what is refused ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packed({"[Content_Types].xml": "", "word/document2.xml": "<x/>"}), "no text document"),
        (packed({"[Content_Types].xml": "", "word/document.xml": "<w"}), "damaged"),
        (
            packed(
                {
                    "word/document.xml": '<!DOCTYPE d [<!ENTITY a "b">]><d xmlns:w="w">&a;</d>',
                }
            ),
            "entities",
        ),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "no text document"),
        (
            packed(
                {
                    "mimetype": "application/vnd.oasis.opendocument.text",
                    "META-INF/manifest.xml": "<m><encryption-data/></m>",
                    "content.xml": "x",
                }
            ),
            "password",
        ),
        (rb"{\rtf1 " + b"{" * 5000, "damaged"),
        (rb"{\rtf1 }", "no words"),
        (docx_of([]), "no words"),
        (packed({"mimetype": "application/epub+zip"}), "damaged"),
        (epub({"a.xhtml": ""}), "no words"),
        (
            packed(
                {
                    "mimetype": "application/epub+zip",
                    "META-INF/container.xml": "<c/>",
                    "META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="adept"/></e>',
                    "a.opf": "<package/>",
                }
            ),
            "DRM",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        reading(data)


# -- any e-book --------------------------------------------------------------------------------
METADATA = (
    '<dc:title>The Lamp</dc:title><dc:creator opf:role="aut">quay</dc:creator>'
    '<dc:creator opf:role="trl">tide</dc:creator><dc:language>en-GB</dc:language>'
    "<dc:subject>Fog</dc:subject><dc:subject>FanFiction</dc:subject>"
    "<dc:description>&lt;p&gt;A lamp goes out.&lt;/p&gt;&lt;p&gt;Somebody rows.&lt;/p&gt;"
    "</dc:description><dc:source>https://example.org/works/3</dc:source>"
    "<dc:date>2019-03-01T00:00:00+00:00</dc:date>"
    '<meta name="calibre:series" content="Harbour Lights"/>'
    '<meta name="calibre:series_index" content="2.0"/>'
)


def test_what_a_package_declares() -> None:
    found = reading(
        epub(
            {"cover.xhtml": "<p>The Lamp by quay</p>", "a.xhtml": "<h1>One</h1><p>It was late.</p>",
             "b.xhtml": "<h1>Two</h1><p>It was early.</p>"},
            metadata=METADATA,
        )
    )  # fmt: skip
    info = found.work.info
    assert (info.title, info.authors, info.language) == ("The Lamp", ("quay",), "en")
    assert info.tags == ("Fog",)
    assert info.summary == "A lamp goes out.\n\nSomebody rows."
    assert info.source_url == "https://example.org/works/3"
    assert info.series == (SeriesPart("Harbour Lights", 2),)
    assert [one.title for one in found.work.chapters] == ["One", "Two"]
    assert body(found) == ["It was late.", "It was early."]


def test_the_contents_part_a_page_at_its_anchors() -> None:
    page = (
        '<div><h2 id="one">Chapter 1: The Lamp</h2><p>It was late.</p>'
        '<h2 id="two">Chapter 2</h2><p>It was early.</p></div>'
    )
    contents = [("The Lamp", "a.xhtml#one"), ("Chapter 2", "a.xhtml#two")]
    found = reading(epub({"a.xhtml": page}, contents=contents))
    assert [one.title for one in found.work.chapters] == ["The Lamp", None]
    assert body(found) == ["It was late.", "It was early."]


def test_pages_that_a_program_cut_are_one_chapter() -> None:
    pages = {
        "t_split_000.xhtml": "<h2>The Lamp</h2><p>It was late.</p>",
        "t_split_001.xhtml": "<p>And later still.</p>",
        "t_split_002.xhtml": "<h2>The Rope</h2><p>It was early.</p>",
    }
    contents = [("The Lamp", "t_split_000.xhtml"), ("The Rope", "t_split_002.xhtml")]
    found = reading(epub(pages, contents=contents))
    assert [one.title for one in found.work.chapters] == ["The Lamp", "The Rope"]
    assert body(found) == ["It was late.", "And later still.", "It was early."]


def test_of_a_book_of_one_page_the_text_tells_its_parts() -> None:
    page = (
        "<h1>The Lamp</h1><p>by quay</p><h2>Chapter 1</h2><p>It was late.</p>"
        "<h2>Chapter 2</h2><p>It was early.</p>"
    )
    found = reading(epub({"a.xhtml": page}, metadata="<dc:title>Unknown</dc:title>"))
    assert (found.work.info.title, found.work.info.authors) == ("The Lamp", ("quay",))
    assert [one.title for one in found.work.chapters] == [None, None]
    assert body(found) == ["It was late.", "It was early."]
