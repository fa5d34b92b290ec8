"""What is logged, how, and what never is."""

import contextlib
import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs._logs import JsonFormatter, RedactingFormatter, set_up_logging
from cogs._settings import BadSettings, LogSettings
from sandbox import Sandbox
from tests.cogs.programs import Home, ended, told_to_stop
from tests.cogs.stops import works

FORMATTERS = (RedactingFormatter, JsonFormatter)
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gh3xYz.abcdefghijklmnopqrstuvwxyz0123456789AB"
INTERACTION = "aW50ZXJhY3Rpb246" + "x" * 150
SHORT = "kW8" * 12
SESSION = "f" * 32


def record(text: str, *arguments: object, error: Exception | None = None) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("x", logging.DEBUG, "f", 1, text, arguments, trace)


def raised(text: str) -> Exception:
    try:
        raise ValueError(text)  # noqa: TRY301  # for its traceback
    except ValueError as error:
        return error


@pytest.fixture
def _own_logging() -> Iterator[None]:
    """Give back what `set_up_logging` takes over."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield
    for handler in root.handlers:
        with contextlib.suppress(OSError):  # /dev/full
            handler.close()
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


# Redaction


@pytest.mark.fault(20)
@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"logging in with {TOKEN}", TOKEN),
        (f"Authorization: Bot {TOKEN}", TOKEN),
        (f"POST https://discord.com/api/v10/interactions/12/{SHORT}/callback", SHORT),
        (f"PATCH http://127.0.0.1/api/v10/webhooks/12/{SHORT}/messages/1", SHORT),
        (f"{{'id': '1', 'token': '{SHORT}', 'type': 2}}", SHORT),
        (f'{{"id": "1", "token": "{SHORT}"}}', SHORT),
        (repr(f'{{"token": "{SHORT}"}}'), SHORT),
        (json.dumps(json.dumps({"token": SHORT})), SHORT),
        (f"bucket 12+34+{INTERACTION}", INTERACTION),
        (f'{{"session_id": "{SESSION}"}}', SESSION),
        (f"has connected to Gateway (Session ID: {SESSION}).", SESSION),
        (f"has successfully RESUMED session {SESSION}.", SESSION),
        ("the very password", "very password"),
    ],
)
def test_secrets_are_redacted(formatter: type[RedactingFormatter], line: str, secret: str) -> None:
    shown = formatter(["very password"])
    for each in (
        record("%s", line),
        record(line.replace("%", "%%")),
        record("%r", {"line": line}),
        record("failed", error=raised(line)),
    ):
        said = shown.format(each)
        assert secret not in said
        assert "[redacted]" in said


@pytest.mark.parametrize(
    "line",
    [
        "Daily post 12 is out in server 1573439354288734213",
        "Refused in 'fic search' (server 1573439354288734213, user 1573439354288734214): NotFound",
        "#12 “Сто лет одиночества и ещё немного слов подряд” was read",
        "あ" * 80,
        "https://archiveofourown.org/works/12345678/chapters/87654321?view_adult=true",
    ],
)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert RedactingFormatter().format(record("%s", line)).endswith(f" x: {line}")


@given(st.text(max_size=300))
def test_no_text_can_pass_for_a_line(text: str) -> None:
    plain = RedactingFormatter().format(record("typed %s", text))
    assert len(plain.splitlines()) == 1
    assert "\x1b" not in plain
    traced = RedactingFormatter().format(record("failed", error=raised(text))).splitlines()
    assert all(line.startswith("    ") for line in traced[1:])
    parsed = json.loads(JsonFormatter().format(record("typed %s", text)))
    assert set(parsed) == {"time", "level", "logger", "message"}


def test_a_json_line_says_when_where_and_what() -> None:
    made = record("so %s", "it goes", error=raised("why"))
    line = JsonFormatter().format(made)
    assert "\n" not in line
    parsed = json.loads(line)
    at = datetime.fromisoformat(parsed["time"])
    assert at.utcoffset() == UTC.utcoffset(None)
    assert abs(at.timestamp() - made.created) < 0.001
    assert (parsed["level"], parsed["logger"], parsed["message"]) == ("DEBUG", "x", "so it goes")
    assert parsed["traceback"].startswith("Traceback (most recent call last):\n")
    assert parsed["traceback"].endswith("ValueError: why")


# Where to


@pytest.mark.usefixtures("_own_logging")
def test_a_large_file_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "bot.log"
    set_up_logging(LogSettings(file=str(file), rotate_mib=1, keep=2))
    for _ in range(35):
        logging.getLogger("x").warning("y %s", "z " * 60_000)
    kept = sorted(each.name for each in tmp_path.iterdir())
    assert kept == ["bot.log", "bot.log.1", "bot.log.2"]
    assert all(each.stat().st_size <= 1024 * 1024 for each in tmp_path.iterdir())


@pytest.mark.usefixtures("_own_logging")
def test_what_the_file_does_not_take_goes_to_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    link = tmp_path / "bot.log"
    link.symlink_to("/dev/full")
    set_up_logging(LogSettings(file=str(link), rotate_mib=1), [TOKEN])
    logging.getLogger("x").warning("the disk is full, %s", TOKEN)
    logging.getLogger("x").warning("two %s", "many", "arguments")
    assert "x: the disk is full, [redacted]" in said.getvalue()
    assert "Traceback" not in said.getvalue()


@pytest.mark.usefixtures("_own_logging")
def test_a_lost_connection_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings())
    error = ConnectionRefusedError("nobody is there")
    logging.getLogger("discord.client").error(
        "Attempting a reconnect in %.2fs", 1.5, exc_info=error
    )
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "WARNING discord.client: Attempting a reconnect in 1.50s (Conn" in lines[0]


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"The log .* cannot be written: No such file"):
        set_up_logging(LogSettings(file=str(tmp_path / "nowhere" / "bot.log")))


async def test_a_wrong_log_file_is_78(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[log]\nfile = 'nowhere/bot.log'\n")
    code, _, err = await ended(["run"], tmp_path, DISCORD_TOKEN="x" * 20)
    assert (code, err.count("\n")) == (78, 1)


# The real program


@pytest.mark.fault(20)
async def test_nothing_secret_is_logged_at_debug(tmp_path: Path) -> None:
    async with Sandbox(port=0, serve_page=False) as sandbox:
        home = Home(tmp_path, sandbox)
        home.configure("[log]\nlevel = 'DEBUG'\nformat = 'json'\nfile = 'bot.log'\n")
        async with home.started() as process:
            await sandbox.bot_ready(20)
            await _whole_session(home)
            sessions = set(sandbox._gateway.sessions)
            tokens = set(sandbox._control._actions._interactions._by_token)
            end = await told_to_stop(process)
    assert end.flaws == []
    assert end.said == ""  # all of it is in the file
    log = (tmp_path / "bot.log").read_text(encoding="utf-8")
    parsed = [json.loads(line) for line in log.splitlines()]
    messages = "\n".join(line["message"] for line in parsed)
    for happened in ("/callback", "/webhooks/", "INTERACTION_CREATE", "RESUMED", "rate limited"):
        assert happened in messages
    assert any("traceback" in line for line in parsed)
    assert len(tokens) >= 10
    assert sessions
    for secret in (sandbox.bot_token, *tokens, *sessions):
        assert secret not in log
        assert secret[: len(secret) // 2] not in log


async def _whole_session(home: Home) -> None:
    """Everything that brings a token anywhere near the log."""
    moderator, member = home.user("moderator"), home.user("member")
    await member.command("fic search", query="spike")
    imported = await moderator.command("library import", file=works("One", "Two"))
    assert "2 added" in imported.message.text
    form = (await moderator.command("library add")).form
    assert (await moderator.submit(form, {"text": "A story.\n\nIt was short."})).messages
    await member.autocomplete("fic show", focused="work", work="on")
    dark = member.at("after-dark")
    card = (await dark.command("fic show", work="One")).message
    await dark.press(card, "More like this")
    await moderator.command("daily setup", channel="daily-rec", time="9:00", timezone="UTC")
    await moderator.command("daily now")
    for kind, route in (
        ("rate_limit", "PATCH /webhooks/*"),
        ("reset", "PATCH /webhooks/*"),
        ("reset", "POST /interactions/*"),
    ):
        await moderator.fault(kind, route=route, status=503)
        name = "library import" if "webhooks" in route else "help"
        options = {"file": works("One")} if "webhooks" in route else {}
        await moderator.command(name, **options)
    await moderator.fault("reset", route="POST /interactions/*")
    await moderator.autocomplete("fic show", focused="work", work="tw")
    resumed = home.sandbox._gateway.online
    await moderator.fault("drop_socket")
    await resumed.wait()
    await member.command("help")
