"""A short form of the long fuzz: see tests/torture/fuzz.py."""

import pytest

from tests.cogs.conftest import Rig
from tests.torture.fuzz import Fuzzer

RUNS = 150


@pytest.mark.fault(12, 13, 14, 18)
async def test_whatever_people_do_and_forge(rig: Rig) -> None:
    fuzzer = Fuzzer(rig, 7)
    await fuzzer.furnish()
    found = await fuzzer.go(RUNS)
    assert found.wrong == []
    assert found.answers == RUNS
    assert found.impossible < RUNS / 3
