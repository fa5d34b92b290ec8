"""Fault 19: what was erased is not to be found in the file's bytes, while the library is open."""

import random
from pathlib import Path

import pytest

from db.library import Library
from tests.db.erasure import GONE, HERE, Crowd, Shelf, search_bytes

pytestmark = pytest.mark.fault(19)


async def test_nothing_is_left_of_a_member(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    async with Library.open(path) as library:
        crowd = Crowd(library, random.Random(19))
        await crowd.come(works=120, others=12)
        assert len(search_bytes(path, crowd.needles())) > 200  # what is searched for is found
        erased = await library.members.erase_member(GONE, HERE)
        assert erased["recommendations"] == 118
        await library.finish_scrubbing()
        assert search_bytes(path, crowd.needles()) == {}
    assert search_bytes(path, crowd.needles()) == {}


async def test_nothing_is_left_of_a_work(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite3"
    async with Library.open(path) as library:
        shelf = Shelf(library, random.Random(19))
        work_id = await shelf.fill(others=60)
        seen = {what.partition(" in ")[0] for what in search_bytes(path, shelf.needles())}
        assert len(shelf.needles().keys() - seen) <= 2  # what an edit replaced may be gone
        await library.take_down(HERE, work_id, by=None, why="")
        await library.finish_scrubbing()
        assert search_bytes(path, shelf.needles()) == {}
    assert search_bytes(path, shelf.needles()) == {}
