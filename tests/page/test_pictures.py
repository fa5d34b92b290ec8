"""The pictures of README and docs are those that `make pictures` takes."""

import re
from pathlib import Path

from tests.pictures.__main__ import DOCS, MOST_BYTES, PICTURES

ROOT = Path(__file__).parents[2]
_PICTURE = re.compile(r"""(?:\]\(|src=["'])(?:docs/)?([\w-]+\.png)""")


def test_the_pictures_shown_are_those_that_are_taken() -> None:
    pages = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
    shown = {name for page in pages for name in _PICTURE.findall(page.read_text(encoding="utf-8"))}
    taken = {f"{name}.png" for name in PICTURES}
    assert shown <= taken
    assert {file.name for file in DOCS.glob("*.png")} == taken


def test_the_pictures_are_small() -> None:
    for file in DOCS.glob("*.png"):
        assert file.stat().st_size <= MOST_BYTES, file.name
