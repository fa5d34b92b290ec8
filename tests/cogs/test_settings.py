"""config.toml: its example, its mistakes, and the token."""

import tomllib
from pathlib import Path

import pytest

from cogs._backups import plan_of
from cogs._settings import TOKEN_VARIABLE, BadSettings, Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_example_holds_every_key_with_its_default():
    written = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    defaults = Settings().model_dump()
    defaults["discord"]["token"] = ""  # a secret prints as stars
    assert written == defaults


def test_the_example_loads(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_bytes(EXAMPLE.read_bytes())
    settings = load_settings(file, must_exist=True)
    assert settings.library.path == str(tmp_path / "library.sqlite3")
    assert settings.backup.folder == str(tmp_path / "backups")


def test_without_a_folder_there_are_no_backups(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text("[backup]\nfolder = ''", encoding="utf-8")
    assert plan_of(load_settings(file, must_exist=True).backup) is None
    assert plan_of(Settings().backup) is not None


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[discord]\ntokn = 'x'", "there is no setting “discord.tokn”"),
        ("[dicsord]\n", "there is no setting “dicsord”"),
        ("[daily]\npoll_seconds = 'often'", "“daily.poll_seconds” is not right"),
        ("[daily]\npoll_seconds = 0", "“daily.poll_seconds” is not right"),
        ("[limits]\nupload_mib = 501", "“limits.upload_mib” is not right"),
        ("[limits]\nupload_mib = true", "“limits.upload_mib” is not right"),
        ("[backup]\nevery_hours = 0", "“backup.every_hours” is not right"),
        ("[backup]\nkeep_daily = 0", "“backup.keep_daily” is not right"),
        ("[discord]\nsync = 'maybe'", "“discord.sync” is not right"),
        ("[discord]\ntoken = 5", "“discord.token” is not right"),
        ("[discord]\nhome_guild = '1'", "“discord.home_guild” is not right"),
        ("discord = 5", "“discord” is not right"),
        ("[discord", "is not valid TOML"),
        ("\x00", "is not valid TOML"),
    ],
)
def test_mistakes_are_one_line_that_names_the_key(tmp_path: Path, toml: str, says: str):
    file = tmp_path / "config.toml"
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load_settings(file, must_exist=True)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "api",
    [
        "https://discord.com",
        "http://discord.com",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://0.0.0.0:80",
        "http://[::ffff:8.8.8.8]",
        "https://127.0.0.1",
        "ftp://127.0.0.1",
        "http://127.0.0.1/api",
    ],
)
def test_the_token_is_given_to_this_machine_only(tmp_path: Path, api: str):
    file = tmp_path / "config.toml"
    file.write_text(f"[discord]\napi = '{api}'", encoding="utf-8")
    with pytest.raises(BadSettings, match=r"discord\.api"):
        load_settings(file, must_exist=True)


@pytest.mark.parametrize(
    "api", ["http://127.0.0.1:8420", "http://localhost:1/", "http://[::1]:8420", ""]
)
def test_addresses_of_this_machine(tmp_path: Path, api: str):
    file = tmp_path / "config.toml"
    file.write_text(f"[discord]\napi = '{api}'", encoding="utf-8")
    assert load_settings(file, must_exist=True).discord.api == api.rstrip("/")


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "config.toml"
    file.write_text("[discord]\ntoken = 'from the file'", encoding="utf-8")
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    assert load_settings(file, must_exist=True).token == "from the file"
    monkeypatch.setenv(TOKEN_VARIABLE, " from the environment\n")
    assert load_settings(file, must_exist=True).token == "from the environment"


def test_a_secret_is_not_shown(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text("[discord]\ntoken = 'hush'", encoding="utf-8")
    assert "hush" not in repr(load_settings(file, must_exist=True))


def test_no_file_is_needed_unless_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    assert load_settings(tmp_path / "config.toml", must_exist=False) == Settings()
    with pytest.raises(BadSettings, match="There is no configuration file"):
        load_settings(tmp_path / "config.toml", must_exist=True)
    with pytest.raises(BadSettings, match="cannot be read"):
        load_settings(tmp_path, must_exist=False)
