"""What reading files costs, from the file to the stored work: `python -m tests.bench.bench_ingest`.

The texts are made up; their words are spread as in prose, a third of the paragraphs is speech.
"""

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from db.bulk import Given
from db.ingest.files import read
from db.ingest.gazetteer import Gazetteer, load_shipped
from db.library import Library
from tests.bench.bench_quotes import Corpus
from tests.bench.libraries import GUILD, spread

SEED = 5
RUNS = 40
AO3_BYTES = 200_000
EPUB_WORDS = 30_000
TEXT_BYTES = 5_000_000
FOLDER_FILES, FOLDER_FILE_BYTES = 1000, 30_000
ZIP_BYTES, TOME_BYTES = 200_000_000, 400_000
BEAT_S = 0.005


def story(corpus: Corpus, size: int) -> list[str]:
    """The paragraphs of one story, to the byte nearly."""
    found: list[str] = []
    while True:
        for one in corpus.body().split("\n\n"):
            if size < 0:
                return found
            found.append(one)
            size -= len(one) + 2


def ao3_page(number: int, told: Sequence[str]) -> bytes:
    """An AO3 download in HTML, of five chapters."""
    part = len(told) // 5
    chapters = "".join(
        f'<div class="meta group"><h2 class="heading">Chapter {n + 1}</h2></div>'
        '<div class="userstuff">'
        + "".join(f"<p>{escape(one)}</p>" for one in told[n * part : (n + 1) * part])
        + "</div>"
        for n in range(5)
    )
    return f"""<!DOCTYPE html><html><head><title>Log {number}</title></head><body>
<div id="preface"><p class="message"><b>Log {number}</b><br/>Posted originally on the
<a href="http://archiveofourown.org/">Archive of Our Own</a> at
<a href="http://archiveofourown.org/works/{number}">http://archiveofourown.org/works/{number}</a>.
</p><div class="meta"><dl class="tags"><dt>Rating:</dt><dd><a>Teen And Up Audiences</a></dd>
<dt>Fandom:</dt><dd><a>Cowboy Bebop</a></dd><dt>Language:</dt><dd>English</dd>
<dt>Stats:</dt><dd>Published: 2020-01-01
Words: 1 Chapters: 5/5</dd></dl><h1>Log {number}</h1><div class="byline">by <a rel="author">quay
</a></div></div></div><div id="chapters" class="userstuff">{chapters}</div>
<div id="afterword"><p class="message">Please</p></div></body></html>""".encode()


def epub(path: Path, number: int, told: Sequence[str]) -> None:
    """An e-book of ten chapters."""
    part = -(-len(told) // 10)
    names = [f"c{n}.xhtml" for n in range(10)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles>'
            "</container>",
        )
        items = "".join(
            f'<item id="{one}" href="{one}" media-type="application/xhtml+xml"/>' for one in names
        )
        refs = "".join(f'<itemref idref="{one}"/>' for one in names)
        book.writestr(
            "c.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Log {number}</dc:title>'
            "<dc:creator>quay</dc:creator><dc:language>en</dc:language></metadata><manifest>"
            f"{items}</manifest><spine>{refs}</spine></package>",
        )
        for n, name in enumerate(names):
            said = "".join(f"<p>{escape(one)}</p>" for one in told[n * part : (n + 1) * part])
            book.writestr(
                name,
                '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>'
                f"<h2>Chapter {n + 1}</h2>{said}</body></html>",
            )


class Beat:
    """How late a heartbeat of 5 ms comes while something else runs."""

    def __init__(self) -> None:
        self.lags: list[float] = []

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            due = time.perf_counter() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self.lags.append((time.perf_counter() - due) * 1000)


def resident_mib() -> float:
    """The memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


async def _one_by_one(folder: Path, files: Sequence[Path]) -> dict[str, float]:
    """Milliseconds from a file to its stored work, each file alone, the reader running."""
    times: list[float] = []
    async with Library.open(folder / "one.sqlite3") as library:
        await library.warm_ingest()
        for file in files:
            began = time.perf_counter()
            async for batch in library.read_files(GUILD, [Given(file, file.name)]):
                await library.add_items(GUILD, batch.items, by=None)
            times.append((time.perf_counter() - began) * 1000)
    return spread(times[2:])


async def _many(folder: Path, files: Sequence[Path], readers: int) -> dict[str, object]:
    """A folder, or a zip, read at once."""
    beat = Beat()
    async with Library.open(folder / f"many-{files[0].stem}.sqlite3", readers=readers) as library:
        await library.warm_ingest()
        before = most = resident_mib()
        beating = asyncio.create_task(beat.run())
        began = time.perf_counter()
        added = 0
        async for batch in library.read_files(GUILD, [Given(file, file.name) for file in files]):
            added += len(await library.add_items(GUILD, batch.items, by=None))
            most = max(most, resident_mib())
        seconds = time.perf_counter() - began
        beating.cancel()
    return {
        "works": added,
        "works_per_s": round(added / seconds),
        "parent_grew_mib": round(most - before),
        "loop_lag": spread(beat.lags),
    }


def _text(corpus: Corpus) -> float:
    """MB/s of plain text, in this process."""
    data = "\n\n".join(story(corpus, TEXT_BYTES)).encode()
    gazetteer = Gazetteer(load_shipped()[0])
    read("warm.txt", data[:10_000], gazetteer)
    began = time.perf_counter()
    read("large.txt", data, gazetteer)
    return round(len(data) / (time.perf_counter() - began) / 1e6, 1)


def run(*, large: bool = True) -> dict[str, object]:
    """All of it; without `large`, without the zip of 200 MB."""
    corpus = Corpus(SEED)
    chance = random.Random(SEED)
    found: dict[str, object] = {"text_mb_per_s": _text(corpus)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages, books, mixed = list[Path](), list[Path](), list[Path]()
        for number in range(RUNS):
            pages.append(folder / f"ao3-{number}.html")
            pages[-1].write_bytes(ao3_page(number, story(corpus, AO3_BYTES)))
            books.append(folder / f"book-{number}.epub")
            epub(books[-1], number, story(corpus, EPUB_WORDS * 6))
        found["ao3_html_ms"] = asyncio.run(_one_by_one(folder, pages))
        (folder / "one.sqlite3").unlink()
        found["epub_ms"] = asyncio.run(_one_by_one(folder, books))
        for number in range(FOLDER_FILES):
            told = story(corpus, FOLDER_FILE_BYTES)
            kind = chance.choice(("txt", "html", "epub"))
            mixed.append(folder / f"mixed-{number}.{kind}")
            if kind == "txt":
                heading = f"Log {number}\n\nby quay {number}\n\n"
                mixed[-1].write_text(heading + "\n\n".join(told), encoding="utf-8")
            elif kind == "html":
                mixed[-1].write_bytes(ao3_page(1000 + number, told))
            else:
                epub(mixed[-1], 1000 + number, told)
        found["folder"] = asyncio.run(_many(folder, mixed, readers=2))
        if large:
            found["zip_of_200_mb"] = asyncio.run(_many(folder, [_zip(folder, corpus)], readers=1))
    return found


def _zip(folder: Path, corpus: Corpus) -> Path:
    path = folder / "shelf.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        number = size = 0
        while size < ZIP_BYTES:
            told = "\n\n".join(story(corpus, TOME_BYTES))
            text = f"Tome {number}\n\nby quay {number}\n\n{told}"
            archive.writestr(f"{number}.txt", text)
            size += len(text)
            number += 1
    return path


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description="What reading files costs.")
    parser.add_argument("--small", action="store_true", help="without the zip of 200 MB")
    options = parser.parse_args()
    print(json.dumps(run(large=not options.small), indent=1))


if __name__ == "__main__":
    main()
