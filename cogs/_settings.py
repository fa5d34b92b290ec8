"""What the owner has set in config.toml and the environment."""

import ipaddress
import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

TOKEN_VARIABLE = "DISCORD_TOKEN"  # noqa: S105  # the variable's name, not a token
MOST_SHARDS = 1000
UPLOAD_MIB, MOST_UPLOAD_MIB = 25, 500  # what members may send; what those with Nitro may


class BadSettings(Exception):
    """The settings cannot be used; the sentence names the file, the key, and what is wrong."""


def _loopback(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("it should look like http://127.0.0.1:8420")
    host = parts.hostname or ""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    # Whoever answers there gets the token.
    if not is_loopback:
        raise ValueError("only an address of this machine is allowed, as http://127.0.0.1:8420")
    return url.rstrip("/")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


S = TypeVar("S", bound=_Section)


class DiscordSettings(_Section):
    """How to log in, and where."""

    token: SecretStr = SecretStr("")
    api: Annotated[str, AfterValidator(_loopback)] = ""
    home_guild: int = Field(default=0, ge=0)
    sync: Literal["changed", "always", "never"] = "changed"
    shards: int = Field(default=1, ge=0, le=MOST_SHARDS)


class LibrarySettings(_Section):
    """Where the library is; a relative path starts at the configuration file's folder."""

    path: str = Field(default="library.sqlite3", min_length=1)


class BackupSettings(_Section):
    """The copies that the running bot makes; without a folder it makes none."""

    folder: str = "backups"
    every_hours: int = Field(default=24, ge=1, le=744)
    keep_daily: int = Field(default=7, ge=1, le=366)
    keep_weekly: int = Field(default=4, ge=0, le=520)


class DailySettings(_Section):
    """The daily post."""

    poll_seconds: float = Field(default=30, ge=1, le=3600)
    send_seconds: float = Field(default=10, ge=0.1, le=60)


class LimitSettings(_Section):
    """What members and moderators may ask of the bot."""

    upload_mib: int = Field(default=UPLOAD_MIB, ge=1, le=MOST_UPLOAD_MIB)
    reviews_at_once: int = Field(default=10, ge=1, le=25)


class LogSettings(_Section):
    """What is told, and where: standard error without a file; put aside when it is large."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["plain", "json"] = "plain"
    file: str = ""
    rotate_mib: int = Field(default=10, ge=1, le=10_000)
    keep: int = Field(default=5, ge=1, le=1000)


class HealthSettings(_Section):
    """The heartbeat that `--healthcheck` reads; without a file's name it is the library's
    with `.health` after it."""

    beat_seconds: float = Field(default=15, ge=0.1, le=3600)
    file: str = ""


class MetricsSettings(_Section):
    """Figures for Prometheus, on this machine alone; off without a port."""

    port: int = Field(default=0, ge=0, le=65_535)


class Settings(_Section):
    """Everything in config.toml, with the defaults for what is not."""

    discord: DiscordSettings = DiscordSettings()
    library: LibrarySettings = LibrarySettings()
    backup: BackupSettings = BackupSettings()
    daily: DailySettings = DailySettings()
    limits: LimitSettings = LimitSettings()
    log: LogSettings = LogSettings()
    health: HealthSettings = HealthSettings()
    metrics: MetricsSettings = MetricsSettings()

    @property
    def token(self) -> str:
        """The bot's token; empty if there is none."""
        return self.discord.token.get_secret_value().strip()


def load_settings(path: Path, *, must_exist: bool) -> Settings:
    """The settings in a TOML file, or the defaults where there is none and none is needed.

    A token in the environment goes before the file's.

    Raises:
        BadSettings: with one line for the owner.
    """
    settings = _from_file(path, must_exist=must_exist)
    if token := os.environ.get(TOKEN_VARIABLE, "").strip():
        named = settings.discord.model_copy(update={"token": SecretStr(token)})
        settings = settings.model_copy(update={"discord": named})
    return settings


def token_in(path: Path) -> bool:
    """Whether a usable configuration file itself holds a token."""
    return bool(_from_file(path, must_exist=True).token)


def _from_file(path: Path, *, must_exist: bool) -> Settings:
    try:
        with path.open("rb") as file:
            settings = Settings.model_validate(tomllib.load(file))
    except FileNotFoundError:
        if must_exist:
            raise BadSettings(f"There is no configuration file {path}.") from None
        return Settings()
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise BadSettings(_first_problem(path, error)) from None
    return settings.model_copy(
        update={
            "library": _placed(settings.library, "path", path.parent),
            "backup": _placed(settings.backup, "folder", path.parent),
            "log": _placed(settings.log, "file", path.parent),
            "health": _placed(settings.health, "file", path.parent),
        }
    )


def _placed(section: S, key: str, folder: Path) -> S:
    """The section with a path in it that starts at the configuration file's folder."""
    written: str = getattr(section, key)
    return section.model_copy(update={key: str(folder / written)}) if written else section


def _first_problem(path: Path, error: ValidationError) -> str:
    # Never the value: it might be the token.
    problem = error.errors(include_input=False, include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{path}: there is no setting “{key}”. config.example.toml lists them all."
    what = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return f"{path}: “{key}” is not right: {what}."
