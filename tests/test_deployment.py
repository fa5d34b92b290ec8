"""What the bot is run with elsewhere: the image's recipe, the systemd unit, the owner's manual."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot import EX_CONFIG, EX_FAILED, EX_UNAVAILABLE
from cogs._settings import Settings
from cogs._stopping import LAST_SECONDS, LEAVE_SECONDS

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs" / "ficshelf.service"
_OF_OURS = re.compile(r"^\s*(?:from|import) ((?:bot|cogs|db|sandbox|tests)[\w.]*)", re.MULTILINE)
MANUAL = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with what they say, its lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    joined = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    lines = joined.replace("\\\n", " ").splitlines()
    parts = [line.split(maxsplit=1) for line in lines if line.strip()]
    return [(name, rest) for name, rest in parts]


def copied() -> list[str]:
    """What is copied from the project."""
    found: list[str] = []
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            found += shlex.split(rest)[:-1]
    return found


def test_every_file_that_the_image_copies_is_there_and_not_ignored() -> None:
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    for pattern in copied():
        matches = [each.relative_to(ROOT).as_posix() for each in ROOT.glob(pattern)]
        assert matches, pattern
        assert set(matches) & kept, pattern
    assert all((ROOT / each).exists() for each in kept)


def test_the_image_holds_all_that_the_program_imports(tmp_path: Path) -> None:
    """By hand what the recipe does, but for its packages."""
    for name in copied():
        if name == "requirements*.txt":
            continue
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path)
    for command in (["--help"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-B", str(tmp_path / "bot.py"), *command],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == (0 if command == ["--help"] else EX_CONFIG), done.stderr
        assert "Traceback" not in done.stderr
    # What it imports only when it is asked to.
    files = [file for room in ("cogs", "db") for file in (tmp_path / room).rglob("*.py")]
    assert len(files) > 50
    modules = {
        module.replace(".", "/")
        for file in files
        for module in _OF_OURS.findall(file.read_text(encoding="utf-8"))
    }
    assert {
        each
        for each in modules
        if not ((tmp_path / f"{each}.py").exists() or (tmp_path / each).is_dir())
    } == set()
    assert list((tmp_path / "db" / "migrations").glob("*.sql"))


def test_the_image_is_run_safely() -> None:
    said: dict[str, list[str]] = {}
    for name, rest in instructions():
        said.setdefault(name, []).append(rest)
    assert said["USER"] == ["10001:10001"]
    assert said["VOLUME"] == ["/data"]
    assert said["STOPSIGNAL"] == ["SIGTERM"]
    assert said["ENTRYPOINT"] == ['["python", "/app/bot.py"]']  # no shell between, to eat signals
    assert "--healthcheck" in said["HEALTHCHECK"][0]
    assert any("--require-hashes" in run for run in said["RUN"])
    assert not any("TOKEN" in rest for name in ("ENV", "ARG") for rest in said[name])


def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT, encoding="utf-8")
    return parser


def test_the_unit_fits_the_program() -> None:
    service = unit()["Service"]
    command = shlex.split(service["ExecStart"])
    assert command[1].endswith("/bot.py")
    assert command[2] == "run"
    library = Path(command[command.index("--library") + 1])
    assert library.parent == Path("/var/lib") / service["StateDirectory"]
    never = {int(code) for code in service["RestartPreventExitStatus"].split()}
    assert never == {EX_UNAVAILABLE, EX_CONFIG}
    assert EX_FAILED not in never
    assert float(service["TimeoutStopSec"]) > LEAVE_SECONDS + LAST_SECONDS
    for key in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "MemoryDenyWriteExecute"):
        assert service[key] == "yes"
    assert service["ProtectSystem"] == "strict"


def test_systemd_understands_the_unit() -> None:
    if not (program := shutil.which("systemd-analyze")):
        pytest.skip("there is no systemd-analyze here")
    done = subprocess.run(
        [program, "verify", str(UNIT)], capture_output=True, text=True, check=False
    )
    complaints = [
        line
        for line in done.stderr.splitlines()
        if "ficshelf" in line and "is not executable" not in line  # it is not installed here
    ]
    assert complaints == []


def test_the_manual_names_what_there_is() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", MANUAL, re.MULTILINE)}
    assert {0, 2, EX_FAILED, EX_UNAVAILABLE, EX_CONFIG} <= codes
    sections = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))
    for section, key in re.findall(r"`(log|metrics|discord|health)\.(\w+)`", MANUAL):
        if key != "shards":
            assert key in sections[section]
    for section, key in re.findall(r"\[(\w+)\] (\w+) =", MANUAL):
        assert key in getattr(Settings(), section).model_dump()
    for link in re.findall(r"\]\(([\w.-]+\.md)\)", MANUAL):
        assert (ROOT / "docs" / link).exists()


def test_the_manual_names_the_figures_that_are_served() -> None:
    source = (ROOT / "cogs" / "_metrics.py").read_text(encoding="utf-8")
    served = set(re.findall(r'"((?:ficshelf|process)_\w+)"', source))
    served |= {
        f"ficshelf_{each}" for each in re.findall(r'\("((?!process)\w+_seconds)", "', source)
    }
    named = set(re.findall(r"`((?:ficshelf|process)_\w+)", MANUAL))
    assert served == named
