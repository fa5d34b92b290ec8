"""kill -9 amid an import; the long form is `make torture ONLY=imports`."""

from pathlib import Path

import pytest

from tests.db.imports import killed_imports, write_list

pytestmark = pytest.mark.fault(2)
COUNT = 520  # a batch is 500


def test_what_an_import_told_is_stored_and_it_goes_on(tmp_path: Path) -> None:
    source = write_list(tmp_path / "list.jsonl", COUNT)
    found = list(killed_imports(source, COUNT, kills=1, seed=1))
    assert [one.fault for one in found if one.fault] == []
    assert len(found) == 2
    assert found[-1].stored == COUNT
