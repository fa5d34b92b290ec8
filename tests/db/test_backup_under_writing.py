"""Fault 5, the short form of tests/torture/backups.py."""

from pathlib import Path

import pytest

from tests.torture.backups import back_and_forth, killed_copies

pytestmark = pytest.mark.fault(5)


def test_a_copy_made_under_writing_comes_back_whole(tmp_path: Path) -> None:
    restored = back_and_forth(tmp_path, at_least=30)
    assert restored.faults == []
    assert len(restored.numbers) >= 30


def test_killed_while_copying_leaves_only_sound_copies(tmp_path: Path) -> None:
    assert killed_copies(tmp_path, 3, works=80) == []
