"""Bytes into text, in what fics are really saved as; and what is no text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.errors import UnreadableFile
from db.ingest.decoding import decode, mend
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer

NO_NAMES = Gazetteer([])
PROSE = (
    "“You’re late,” said Zoë, and “who’d have thought it?” – he didn’t know… “Never mind,” "
    "she said — it was café weather, and it’s always “tomorrow” with him.\r\n\r\n"
)
PLAIN = PROSE.translate(str.maketrans("“”’–—…", '""\'--.'))


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac-roman"],
)
def test_typographic_prose(encoding: str) -> None:
    assert decode((PROSE * 3).encode(encoding)) == PROSE * 3


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_plain_prose(encoding: str) -> None:
    text = PLAIN * 3
    if encoding == "ascii":
        text = text.replace("ë", "e").replace("é", "e")
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Огни в гавани гасли один за другим, и никто не пришёл их зажечь. " * 8, "cp1251"),
        ("港の灯りが一つずつ消えていった。誰も灯しに来なかった。" * 8, "shift_jis"),
    ],
)
def test_other_scripts_in_old_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_one_wrong_byte_costs_one_character() -> None:
    data = "“Zoë”, she said. ".encode() * 50
    broken = data[:400] + b"\xff" + data[400:]
    assert decode(broken).count("Zoë") >= 49


@pytest.mark.parametrize(
    ("mangled", "right"),
    [
        ("Itâ€™s late,\nhe said.", "It’s late,\nhe said."),
        ("caf\xc3\xa9 weather", "café weather"),
        ("Tom &amp; Zoe", "Tom & Zoe"),
        ("plain, and nothing to mend", "plain, and nothing to mend"),
        ("“quotes” stay ‘curly’ – ﬁne", "“quotes” stay ‘curly’ – ﬁne"),
        ("a\xa0no-break indent", "a\xa0no-break indent"),
    ],
)
def test_mangled_characters_are_mended(mangled: str, right: str) -> None:
    assert mend(mangled) == right


@given(st.text(st.characters(codec="utf-8")))
@example("\x85")
def test_mending_keeps_the_lines(text: str) -> None:
    assert len(mend(text).split("\n")) == len(text.split("\n"))


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_utf_8_is_never_changed(text: str) -> None:
    text = f"It was late. {text}"
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x05\x06" + b"\x00" * 18, "zip"),
        (b"%PDF-1.7\n1 0 obj\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "picture"),
        (b"\x1f\x8b\x08" + bytes(50), "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "Word"),
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "no words"),
        (b"\xef\xbb\xbf \n", "no words"),
        (b"* * * 1234 ...", "no words"),
        (bytes(1000), "not look like text"),
        (b"It was late. \x00\x00\x01\x02" * 100, "not look like text"),
        (bytes(range(256)) * 20, "not look like text"),
        (b"\xff\xfe\x00\xd8", "damaged"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said) as refusal:
        read("story.txt", data, NO_NAMES)
    sentence = str(refusal.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("name", ["story.txt", "STORY.MD", "story.epub", "story", ""])
def test_the_ending_decides_nothing(name: str) -> None:
    [reading] = read(name, b"It was late, and nobody came.", NO_NAMES)
    assert reading.work.info.words == 6


@given(st.binary(max_size=4000))
@example(b"\xff\xfe\x00")
@example(b"\x00\x00\xfe\xff\xff\xff\xff\xff")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        outcome = [reading.text for reading in read("story.txt", data, NO_NAMES)]
    except UnreadableFile as error:
        outcome = [str(error)]
    assert len(outcome) == 1
    assert outcome[0]
