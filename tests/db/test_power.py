"""The power lost under writes; the long form is `make torture ONLY=power`."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.torture.disk import Disk, Event, NoTrace
from tests.torture.power import cuts, recorded


@pytest.fixture(scope="module")
def events() -> Sequence[Event]:
    """What a short life of a library does to its disk."""
    try:
        return recorded(seed=3, writes=6)
    except NoTrace as error:
        pytest.skip(str(error))


@pytest.mark.fault(2)
def test_what_was_acknowledged_outlives_the_power(events: Sequence[Event]) -> None:
    found = list(cuts(events, 3, seed=1))
    assert [(cut.lost, cut.fault) for cut in found] == [(0, None)] * 3
    assert any(cut.acknowledged for cut in found)


@pytest.mark.fault(2)
def test_a_new_library_is_whole_before_it_has_its_name(
    events: Sequence[Event], tmp_path: Path
) -> None:
    disk = Disk()
    at = next(n for n, event in enumerate(events) if event.name == "library.sqlite3")
    for event in events[: at + 1]:
        disk.follow(event)
    following = [event.what for event in events[at + 1 :] if event.what != "said"]
    assert following[0] == "sync-folder"
    for number in range(10):
        left = tmp_path / str(number)
        left.mkdir()
        disk.lose_power(left, random.Random(number))
        made = left / "library.sqlite3"
        assert not made.exists() or made.stat().st_size == size_after(events[:at])


def size_after(events: Sequence[Event]) -> int:
    """Of the library, once all was written."""
    (file,) = {event.file for event in events if event.name == "library.sqlite3.new"}
    return max(
        event.at + len(event.data)
        for event in events
        if (event.what, event.file) == ("write", file)
    )


def test_a_disk_keeps_what_was_synced_and_may_keep_the_rest(tmp_path: Path) -> None:
    """The instrument itself."""
    disk = Disk()
    for event in (
        Event("create", 0, "file"),
        Event("write", 0, data=b"a" * 1024),
        Event("sync", 0),
        Event("sync-folder"),
        Event("write", 0, data=b"b" * 2048),
        Event("create", 1, "other"),
    ):
        disk.follow(event)
    seen: set[bytes] = set()
    named: set[int] = set()
    for number in range(60):
        left = tmp_path / str(number)
        left.mkdir()
        disk.lose_power(left, random.Random(number))
        content = (left / "file").read_bytes()
        assert content[:512] in (b"a" * 512, b"b" * 512)
        seen.add(content)
        named.add(len(list(left.iterdir())))
    assert b"a" * 1024 in seen
    assert b"b" * 2048 in seen
    assert any(b"a" in content and b"b" in content for content in seen)
    assert named == {1, 2}
