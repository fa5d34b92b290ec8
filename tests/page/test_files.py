"""What the page is made of: small files without a build step, and nobody's but this machine's."""

import re
import zlib
from pathlib import Path

import pytest

from sandbox.server import PAGE

FILES = sorted(file for file in PAGE.rglob("*") if file.is_file())
MOST_BYTES = 150_000
NAMESPACE = "http://www.w3.org/2000/svg"  # a name, which nothing is asked of
_ADDRESS = re.compile(r"(?:https?:|wss?:)?//[\w.-]+\.\w{2,}[\w/.-]*")
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")
_MARKUP = re.compile(
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval)\b"
)
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", re.DOTALL | re.MULTILINE)


def name(file: Path) -> str:
    return file.relative_to(PAGE).as_posix()


def test_all_of_it_is_light_as_it_is_sent() -> None:
    sizes = {name(file): len(zlib.compress(file.read_bytes())) for file in FILES}
    assert sum(sizes.values()) <= MOST_BYTES, sizes


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_file_asks_nobody_else(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert _ADDRESS.findall(text.replace(NAMESPACE, "")) == []
    code = _COMMENT.sub("", text)
    assert "style=" not in code, "the page's policy forbids inline styles"
    assert _MARKUP.findall(code) == [], "elements are made by dom.js"
    if file.suffix == ".css":
        assert "@import" not in code
        assert re.findall(r"url\((?!['\"]?data:)", code) == []
    if file.suffix == ".js":
        for module in _IMPORT.findall(code):
            target = PAGE / module.lstrip("/") if module[0] == "/" else file.parent / module
            assert target.is_file(), module


def test_every_file_is_used() -> None:
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    reached: set[Path] = set()
    waiting = [PAGE / path.lstrip("/") for path in re.findall(r'(?:href|src)="(/[^"]+)"', index)]
    while waiting:
        file = waiting.pop().resolve()
        if file not in reached:
            reached.add(file)
            if file.suffix == ".js":
                modules = _IMPORT.findall(file.read_text(encoding="utf-8"))
                waiting += [
                    PAGE / module.lstrip("/") if module[0] == "/" else file.parent / module
                    for module in modules
                ]
    assert [name(file) for file in FILES if file.resolve() not in reached] == ["index.html"]


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", index) == []
    assert "<style" not in index
    assert re.findall(r"\son\w+=", index) == []
