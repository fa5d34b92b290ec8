"""Every fault that the program must stand has a test, marked with its number: `fault(8)`."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent

FAULTS = {
    1: "random cancels of writes; many writers at once, half of them failing",
    2: "kill -9 during an import",
    3: "a full disk, a read-only folder",
    4: "a library file that is none, or is damaged, foreign or newer; migrations killed midway",
    5: "a backup while writing, then restored",
    6: "an exception, SIGINT, SIGTERM at the start, amid a write, amid a post",
    7: "invalid sessions, a dropped socket, a request to reconnect",
    8: "the daily post's request goes wrong, or the program is killed around it",
    9: "a server that lost its permission or channel, beside one that did not",
    10: "clocks that change, skipped days, days of downtime, changed and impossible zones",
    11: "200 interactions at once, half of them slow",
    12: "a forged id of another server in every handler",
    13: "no moderator, a direct message, a demoted moderator with an old button",
    14: "mentions, masked links, spoilers, marks that turn the writing round, floods of brackets",
    15: "operators, NUL, lone surrogates, emoji, nothing or 6,000 characters as a query",
    16: "hostile uploads",
    17: "links to places that are nobody's business",
    18: "an adult work where it may not show, a channel that lost its gate",
    19: "what a member had erased, looked for in the file's bytes",
    20: "tokens and the addresses that answer interactions, in logs at DEBUG",
}


def _numbers_in(file: Path) -> set[int]:
    """The numbers of all `…mark.fault(…)` in a file, decorators and pytestmark alike."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="fault")):
                found |= {ast.literal_eval(number) for number in node.args}
            case _:
                pass
    return found


def test_every_fault_has_a_test() -> None:
    marked = {number for file in TESTS.rglob("test_*.py") for number in _numbers_in(file)}
    assert marked <= FAULTS.keys()
    assert [FAULTS[number] for number in FAULTS if number not in marked] == []
