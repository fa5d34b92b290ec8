"""Names in a form come back as they were offered, commas and all."""

import pytest

from cogs._review import _listed, _names


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("Marit Voss",),
        ("Marit Voss", "Jon Voss"),
        ("Jones, Mary",),
        ("The Lion, the Witch and the Wardrobe", "Narnia"),
    ],
)
def test_names_come_back_as_offered(names: tuple[str, ...]) -> None:
    assert _names(_listed(names)) == names


def test_names_as_people_type_them() -> None:
    assert _names(" a, b ,,c ") == ("a", "b", "c")
    assert _names("a, the first\nb") == ("a, the first", "b")
    assert _names("") == ()
    assert _names(None) is None
