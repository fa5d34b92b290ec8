"""bot.py is the top: nothing imports it but for typing, since it runs as `__main__`."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("cogs", "db", "sandbox")


def imported(file: Path) -> set[str]:
    """The top-level names of all modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_no_room_imports_the_bot_or_the_tests() -> None:
    files = [file for room in ROOMS for file in (ROOT / room).rglob("*.py")]
    assert len(files) > 50
    assert [file for file in files if imported(file) & {"bot", "tests"}] == []


def test_the_bot_reaches_the_library_through_its_front_door() -> None:
    tree = ast.parse((ROOT / "bot.py").read_text(encoding="utf-8"))
    modules = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("db")
    }
    assert modules <= {"db", "db.clock", "db.console", "db.errors", "db.library", "db.models"}
