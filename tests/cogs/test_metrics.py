"""The figures for Prometheus: read with a strict parser, and true."""

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from cogs._health import Heart
from cogs._meter import BUCKETS, MOST_OPEN
from cogs._metrics import Metrics, _escaped, _metric
from cogs._settings import BadSettings
from sandbox import User
from tests.cogs.conftest import Rig
from tests.cogs.programs import until

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (-?\d+(?:\.\d+)?)")

Labels = tuple[tuple[str, str], ...]


@dataclass
class Family:
    """A metric: its type and its samples by name and labels."""

    kind: str
    samples: dict[tuple[str, Labels], float] = field(
        default_factory=dict[tuple[str, Labels], float]
    )

    def value(self, **labels: str) -> float:
        """The one sample that has these labels."""
        wanted = set(labels.items())
        (found,) = (v for (_, given), v in self.samples.items() if wanted <= set(given))
        return found


def parsed(text: str) -> dict[str, Family]:
    """The families of an exposition; anything that the format does not allow fails."""
    assert text.endswith("\n")
    families: dict[str, Family] = {}
    name = ""
    lines = text.split("\n")[:-1]
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("# HELP "):
            assert re.fullmatch(rf"# HELP {NAME} \S.*", line)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert before.startswith(f"# HELP {name} ")
            assert name not in families, "a metric stands in one place"
            assert kind in ("counter", "gauge", "histogram")
            assert (kind == "counter") == name.endswith("_total")
            families[name] = Family(kind)
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            family = families[name]
            allowed = (f"{name}_bucket", f"{name}_sum", f"{name}_count")
            assert match[1] in (allowed if family.kind == "histogram" else (name,))
            given = match[2] or ""
            labels = tuple(LABEL.findall(given))
            assert LABEL.sub("", given) == ""
            key = (match[1], labels)
            assert key not in family.samples, "a series stands once"
            family.samples[key] = float(match[3])
    for family_name, family in families.items():
        if family.kind == "histogram":
            _check_histogram(family_name, family)
    return families


def _check_histogram(name: str, family: Family) -> None:
    for kind in {dict(labels)["kind"] for _, labels in family.samples}:
        buckets = [
            (dict(labels)["le"], value)
            for (sample, labels), value in family.samples.items()
            if sample == f"{name}_bucket" and dict(labels)["kind"] == kind
        ]
        assert [float(edge) for edge, _ in buckets[:-1]] == list(BUCKETS)
        assert buckets[-1][0] == "+Inf"
        counts = [count for _, count in buckets]
        assert counts == sorted(counts)
        assert family.samples[f"{name}_count", (("kind", kind),)] == counts[-1]


@dataclass
class Scraper:
    """Asks for the figures as Prometheus would."""

    port: int
    session: aiohttp.ClientSession

    async def get(self, path: str = "/metrics", **headers: str) -> tuple[int, str, str]:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.session.get(url, headers=headers) as response:
            kind = response.headers.get("Content-Type", "")
            return response.status, kind, await response.text()

    async def families(self) -> dict[str, Family]:
        status, kind, text = await self.get()
        assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
        return parsed(text)


@pytest.fixture
async def scraper(rig: Rig) -> AsyncIterator[Scraper]:
    heart = Heart(rig.bot, rig.path)
    await heart._beat()
    metrics = Metrics(rig.bot, heart, rig.path)
    serving = asyncio.create_task(metrics.run(0))
    await until(lambda: metrics.port != 0)
    async with aiohttp.ClientSession() as session:
        yield Scraper(metrics.port, session)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def test_the_figures_are_true(rig: Rig, member: User, scraper: Scraper) -> None:
    found = await scraper.families()
    assert found["ficshelf_up"].value() == 1
    assert found["ficshelf_guilds"].value() == 2
    assert found["ficshelf_gateway_up"].value() == 1
    assert found["ficshelf_works"].value() == len(rig.ids) + 1
    assert found["ficshelf_library_bytes"].value(file="library") == rig.path.stat().st_size
    if sys.platform == "linux":
        assert found["process_resident_memory_bytes"].value() > 20_000_000
        assert found["process_open_fds"].value() > 5
    for name in ("gateway_latency", "event_loop_lag", "writer_probe"):
        assert 0 <= found[f"ficshelf_{name}_seconds"].value() < 10


async def test_interactions_are_counted_by_what_came_of_them(
    rig: Rig, member: User, moderator: User, scraper: Scraper
) -> None:
    for _ in range(3):
        card = (await member.command("fic show", work="twelfth boat")).message
    await member.command("fic show", work="no such thing at all")
    await member.forced.command("daily status")
    await member.autocomplete("fic search", focused="query", query="sp")
    await member.press(card, "Excerpt")
    await member.forced.press(card, "made-up:1")
    form = (await moderator.command("library add")).form
    await moderator.submit(form, {})
    broken = rig.library.random_work

    async def breaking(*_: object) -> None:
        raise ZeroDivisionError

    rig.library.random_work = breaking  # type: ignore[method-assign,assignment]
    await member.command("fic random")
    rig.library.random_work = broken  # type: ignore[method-assign]
    await member.command("help")
    await until(lambda: not rig.bot.meter._open)  # nothing is kept of what is over
    found = await scraper.families()
    counted = found["ficshelf_interactions_total"]
    for kind, command, outcome, number in (
        ("command", "fic show", "ok", 3),
        ("command", "fic show", "refused", 1),
        ("command", "daily status", "refused", 1),
        ("autocomplete", "fic search", "ok", 1),
        ("control", "excerpt", "ok", 1),
        ("control", "unknown", "refused", 1),
        ("command", "library add", "ok", 1),
        ("form", "add-form", "refused", 1),
        ("command", "fic random", "error", 1),
    ):
        value = counted.value(kind=kind, command=command, outcome=outcome)
        assert value == number, (kind, command, outcome, value)
    times = found["ficshelf_first_response_seconds"].samples
    name = "ficshelf_first_response_seconds_count"
    assert times[name, (("kind", "command"),)] == 8
    assert times[name, (("kind", "autocomplete"),)] == 1
    assert found["ficshelf_errors_total"].value() == 1


async def test_a_late_answer_is_told_from_a_refusal(
    rig: Rig, member: User, scraper: Scraper
) -> None:
    await member.fault("status", route="POST /interactions/*/*/callback", status=404, code=10062)
    await member.command("help")
    found = await scraper.families()
    counted = found["ficshelf_interactions_total"]
    assert counted.value(kind="command", command="help", outcome="late") == 1


async def test_what_is_never_answered_is_not_kept_for_ever(rig: Rig) -> None:
    from types import SimpleNamespace

    import discord

    meter = rig.bot.meter
    kind = discord.InteractionType.ping
    for number in range(MOST_OPEN + 5):
        meter.received(SimpleNamespace(id=number, type=kind, data=None))  # type: ignore[arg-type]
    assert len(meter._open) == MOST_OPEN
    assert meter.interactions["other", "unknown", "unanswered"] == 5


async def test_only_this_machines_names_are_answered(scraper: Scraper) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", ""):
        status, _, text = await scraper.get(Host=host)
        assert status == 403, host
        assert "ficshelf_" not in text


async def test_there_is_nothing_but_the_figures(scraper: Scraper) -> None:
    assert (await scraper.get("/"))[0] == 404
    assert (await scraper.get("/metrics/x"))[0] == 404
    async with scraper.session.post(f"http://127.0.0.1:{scraper.port}/metrics") as response:
        assert response.status == 405
    assert (await scraper.get(Host=f"localhost:{scraper.port}"))[0] == 200


async def test_a_taken_port_is_said(rig: Rig, scraper: Scraper) -> None:
    other = Metrics(rig.bot, Heart(rig.bot, rig.path), rig.path)
    with pytest.raises(BadSettings, match=r"Choose another “metrics\.port”"):
        await other.run(scraper.port)


def test_labels_are_escaped() -> None:
    nasty = 'a"b\\c\nd'
    text = "\n".join([*_metric("x", "gauge", "A.", [({"l": nasty}, 1.5)]), ""])
    ((_, (label,)),) = parsed(text)["x"].samples
    assert label == ("l", _escaped(nasty))
