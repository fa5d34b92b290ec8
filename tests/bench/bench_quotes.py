"""Finding passages: whole phrases, words near each other, and quotes with a wrong word.

Bodies of made-up words by Zipf's law, with turns of phrase that come back. A hit is a chapter
that was meant: one that holds the words. Times are of one page of answers, texts and works
loaded, in this process.
"""

import argparse
import json
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate, islice
from pathlib import Path

from db import adding, quotes
from db.connection import prepare_file
from db.models import (
    Chapter,
    NewWork,
    QuoteAnswer,
    QuoteMatch,
    Rating,
    Viewer,
    WorkInfo,
    Zone,
    ZoneKind,
)
from db.search import bodies
from db.texts import unpack

WORDS = 5_000  # of a body
VOCABULARY = 80_000
TURNS = 20_000  # of phrase, which make up a quarter of the text
EVERYTHING = Viewer(adult_ok=True)
_SYLLABLES = (
    "a an ar be ca da de do e en fa fo ga go ha he i in ka la le li lo ma me mi mo na ne ni no o "
    "or pa pe ra re ri ro sa se shi so ta te ti to tra u un va ve vi wa we wi ya ze"
).split()
_LITTLE = (
    "the and to a of he was his in she it her that had you with on at him as for they not but i "
    "be said from out up into one what all back no their then so me were this there like could "
    "them been who when down would over is eyes if my just do an by or know"
).split()


class Corpus:
    """Bodies of any number, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.words = [*_LITTLE]
        known = set(self.words)
        while len(self.words) < VOCABULARY:
            parts = self._chance.choices(_SYLLABLES, k=self._chance.choice((2, 2, 3, 3, 4)))
            word = "".join(parts)
            if word not in known and len(word) > 2:
                known.add(word)
                self.words.append(word)
        # As in English fiction: ten words are .28 of a text, fifty .5. A body has some 1,500
        # different words, where one of fiction has 1,100: rather too many, for the index's size.
        self._sums = list(accumulate((rank + 5) ** -1.25 for rank in range(VOCABULARY)))
        self._turns = [self._draw(self._chance.randrange(2, 6)) for _ in range(TURNS)]
        self._turn_sums = list(accumulate(1 / (rank + 2.7) for rank in range(TURNS)))

    def _draw(self, count: int) -> list[str]:
        return self._chance.choices(self.words, cum_weights=self._sums, k=count)

    def body(self) -> str:
        """A text of sentences in paragraphs, with quotes as in print."""
        chance = self._chance
        words = self._draw(WORDS * 3 // 4)
        sentences: list[str] = []
        at = count = 0
        while count < WORDS:
            length = chance.randrange(4, 22)
            sentence = words[at : at + length]
            at += length
            if chance.random() < 0.9:
                [turn] = chance.choices(self._turns, cum_weights=self._turn_sums)
                place = chance.randrange(len(sentence) + 1)
                sentence[place:place] = turn
            count += len(sentence)
            said = " ".join(sentence).capitalize()
            if chance.random() < 0.3:
                said = f"“{said},” she said"
            sentences.append(said + chance.choice((". ", ". ", "? ", ".\n\n", "!\n\n")))
            if at >= len(words):
                words, at = self._draw(WORDS), 0
        return "".join(sentences).rstrip()

    def works(self, count: int) -> Iterator[NewWork]:
        """Works of one body each."""
        for number in range(count):
            text = self.body()
            zones = (Zone(ZoneKind.BODY, 0, len(text)),)
            yield NewWork(
                WorkInfo(f"Work {number}", authors=(f"a{number % 997}",), rating=Rating.GENERAL),
                (Chapter(None, text, WORDS, zones, (0,)),),
            )


def run(count: int, asked: int = 200) -> dict[str, object]:
    """One size: the index's own building and size, and each kind of quote."""
    corpus = Corpus(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library.sqlite3"
        prepare_file(path)
        conn = sqlite3.connect(path, isolation_level=None)
        text_bytes, store_s = _store(conn, corpus, count)
        grown_bytes = _index_bytes(conn)
        began = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        bodies.rebuild_bodies(conn)
        conn.execute("COMMIT")
        build_s = time.perf_counter() - began
        index_bytes = _index_bytes(conn)
        report: dict[str, object] = {
            "bodies": count,
            "text_mb": round(text_bytes / 1e6, 1),
            "index_mb": round(index_bytes / 1e6, 1),
            "index_share": round(index_bytes / text_bytes, 3),
            "index_share_as_grown": round(grown_bytes / text_bytes, 3),
            "rebuild_words_per_s": round(count * WORDS / build_s),
            "add_bodies_per_s": round(count / store_s),
            "one_work_ms": _one_work(conn, corpus),
            "quotes": _quotes(conn, count, asked),
            "about_500k_words_ms": _about(conn, corpus),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        conn.close()
    return report


def _index_bytes(conn: sqlite3.Connection) -> int:
    (size,) = conn.execute(
        "SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'search_bod*'"
    ).fetchone()
    return int(size)


def _store(conn: sqlite3.Connection, corpus: Corpus, count: int) -> tuple[int, float]:
    text_bytes, took = 0, 0.0
    works = corpus.works(count)
    while batch := list(islice(works, 100)):
        text_bytes += sum(len(one.text.encode()) for work in batch for one in work.chapters)
        began = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        adding.add_works(conn, 0, batch, by=None, now=datetime.now(UTC))
        conn.execute("COMMIT")
        took += time.perf_counter() - began
    return text_bytes, took


def _one_work(conn: sqlite3.Connection, corpus: Corpus) -> dict[str, float]:
    """What it takes to index one more body and to take it out, within a transaction."""
    times: dict[str, list[float]] = {"index": [], "unindex": []}
    for (work_id,) in conn.execute("SELECT work_id FROM works LIMIT 30").fetchall():
        for name, change in (
            ("unindex", bodies.unindex_bodies),
            ("index", bodies.index_bodies),
        ):
            began = time.perf_counter()
            conn.execute("BEGIN IMMEDIATE")
            change(conn, [work_id])
            conn.execute("COMMIT")
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: round(statistics.median(each), 2) for name, each in times.items()}


def _quotes(conn: sqlite3.Connection, count: int, asked: int) -> dict[str, object]:
    chance = random.Random(2)
    report: dict[str, object] = {}
    kinds: dict[str, Callable[[list[str]], list[str]]] = {
        **{f"phrase of {n}": list for n in range(3, 9)},
        "near, 3 of 12": lambda words: chance.sample(words, 3),
        "near, 5 of 12": lambda words: chance.sample(words, 5),
        "4, one letter wrong": lambda words: _letter_wrong(chance, words),
        "8, one letter wrong": lambda words: _letter_wrong(chance, words),
        "5, one word wrong": lambda words: _word_wrong(chance, words),
        "8, one word wrong": lambda words: _word_wrong(chance, words),
        "12, two words wrong": lambda words: _word_wrong(chance, _word_wrong(chance, words)),
    }
    for name, change in kinds.items():
        length = 12 if " of 12" in name else int(name.removeprefix("phrase of ").split(",")[0])
        times: list[float] = []
        found = 0
        for _ in range(asked):
            work_id = chance.randrange(count) + 1
            words = _words(conn, work_id)
            at = chance.randrange(len(words) - length)
            said = change(words[at : at + length])
            began = time.perf_counter()
            answer = quotes.find(conn, 0, " ".join(said), EVERYTHING)
            times.append((time.perf_counter() - began) * 1000)
            found += _is_there(conn, said, words[at : at + length], answer, work_id)
        times.sort()
        report[name] = {
            "found": round(found / asked, 3),
            "p50_ms": round(statistics.median(times), 2),
            "p95_ms": round(times[int(0.95 * (len(times) - 1))], 2),
            "worst_ms": round(times[-1], 1),
        }
    return report


def _is_there(
    conn: sqlite3.Connection,
    said: Sequence[str],
    meant: Sequence[str],
    answer: QuoteAnswer,
    work_id: int,
) -> bool:
    """Whether the first page has the work, or for what is said in many, one that says it too."""
    shown = [hit.work.work_id for hit in answer.hits]
    if work_id in shown:
        return True
    if answer.match is QuoteMatch.EXACT:
        phrase = f" {' '.join(said)} "
        return bool(shown) and all(phrase in f" {' '.join(_words(conn, w))} " for w in shown)
    wanted = set(said if answer.match is QuoteMatch.NEAR else meant)
    return any(wanted <= set(bodies.words_of(hit.text)) for hit in answer.hits)


def _letter_wrong(chance: random.Random, words: list[str]) -> list[str]:
    """Two letters of the longest word swapped, or one left out."""
    at = max(range(len(words)), key=lambda place: len(words[place]))
    word = words[at]
    cut = chance.randrange(1, max(2, len(word) - 1))
    swapped = word[:cut] + word[cut : cut + 2][::-1] + word[cut + 2 :]
    shorter = word[:cut] + word[cut + 1 :]
    wrong = swapped if swapped != word and chance.random() < 0.5 else shorter
    return [*words[:at], wrong, *words[at + 1 :]]


def _word_wrong(chance: random.Random, words: list[str]) -> list[str]:
    at = chance.randrange(len(words))
    return [*words[:at], chance.choice(_LITTLE), *words[at + 1 :]]


def _words(conn: sqlite3.Connection, work_id: int) -> list[str]:
    (text,) = conn.execute("SELECT text FROM chapters WHERE work_id = ?", (work_id,)).fetchone()
    return bodies.words_of(unpack(text))


def _about(conn: sqlite3.Connection, corpus: Corpus) -> dict[str, float]:
    """`/fic excerpt about:` in a work of 500,000 words: in 100 chapters, and in one."""
    chance = random.Random(3)
    parts = [corpus.body() for _ in range(100)]
    report: dict[str, float] = {}
    for name, texts in (("100 chapters", parts), ("1 chapter", ["\n\n".join(parts)])):
        chapters = tuple(
            Chapter(None, text, len(text.split()), (Zone(ZoneKind.BODY, 0, len(text)),), (0,))
            for text in texts
        )
        info = WorkInfo(f"Long in {name}", authors=(name,), rating=Rating.GENERAL)
        conn.execute("BEGIN IMMEDIATE")
        [outcome] = adding.add_works(
            conn, 0, [NewWork(info, chapters)], by=None, now=datetime.now(UTC)
        )
        conn.execute("COMMIT")
        words = bodies.words_of(parts[70])
        for kind in ("exact", "near", "loose"):
            times: list[float] = []
            for _ in range(10):
                at = chance.randrange(len(words) - 12)
                wanted = {
                    "exact": words[at : at + 5],
                    "near": chance.sample(words[at : at + 12], 4),
                    "loose": chance.sample(words, 5),
                }[kind]
                began = time.perf_counter()
                quotes.nearest(conn, 0, outcome.work_id or 0, " ".join(wanted))
                times.append((time.perf_counter() - began) * 1000)
            report[f"{name}, {kind}"] = round(statistics.median(times), 1)
    return report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=2_000)
    parser.add_argument("--quotes", type=int, default=200, help="of each kind")
    options = parser.parse_args()
    print(json.dumps(run(options.bodies, options.quotes), indent=1))
