"""The daily post under kill -9: the short form of tests/torture/daily.py."""

from pathlib import Path

import pytest

from tests.torture.daily import STEPS, kill_runs


@pytest.mark.fault(8)
@pytest.mark.usefixtures("local_discord")
async def test_a_bot_that_is_killed_around_its_post_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worst = ("amid begin_send", "after begin_send", "request received", "message stored")
    assert set(worst) <= set(STEPS)
    monkeypatch.setattr("tests.torture.daily.STEPS", worst)
    tally = await kill_runs(len(worst), seed=8, folder=tmp_path)
    assert (tally.lost, tally.doubled) == ([], [])
    assert tally.died.total() >= 3
