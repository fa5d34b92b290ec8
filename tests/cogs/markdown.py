"""What Discord makes of a text: a reader after the rules of its own clients, and nobody's escaper.

The clients read with simple-markdown: at each place the first rule that fits wins, and a backslash
hides the next sign from the rules that begin there. Not every rule heeds backslashes inside of
what it matches: a link's label does not. Where clients differ the reader takes the livelier one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Match = re.Match[str]


@dataclass
class Reading:
    """What is seen: the text, and the marks that are active, in their order."""

    text: str = ""
    marks: list[str] = field(default_factory=list[str])


def read(source: str) -> Reading:
    """Read a message's text."""
    found = Reading()
    _read(source, found)
    return found


def _read(source: str, found: Reading, *, quoted: bool = False) -> None:
    at = 0
    while at < len(source):
        starts_line = at == 0 or source[at - 1] == "\n"
        for name, rule, only_at_line_start, render in _RULES:
            if only_at_line_start and not starts_line:
                continue
            if name == "quote" and quoted:
                continue
            if match := rule.match(source, at):
                render(name, match, found)
                at = match.end()
                break
        else:
            found.text += source[at]
            at += 1


def _escaped(_: str, match: Match, found: Reading) -> None:
    found.text += match[1]


def _whole(name: str, match: Match, found: Reading) -> None:
    found.marks.append(f"{name} {match[0]}")


def _verbatim(name: str, match: Match, found: Reading) -> None:
    found.marks.append(name)
    found.text += match["inner"]


def _around(name: str, match: Match, found: Reading) -> None:
    found.marks.append(name)
    _read(match["inner"], found)
    found.marks.append(f"/{name}")


def _quote(name: str, match: Match, found: Reading) -> None:
    found.marks.append(name)
    _read(re.sub(r"(?m)^ *>(?:>>)? ?", "", match[0]), found, quoted=True)
    found.marks.append(f"/{name}")


def _link(name: str, match: Match, found: Reading) -> None:
    target = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", match["target"])
    found.marks.append(f"{name} {target}")
    _read(match["inner"], found)
    found.marks.append(f"/{name}")


Render = Callable[[str, Match, Reading], None]


def _rules() -> Iterator[tuple[str, re.Pattern[str], bool, Render]]:
    always, line_start = False, True
    inside = r"(?P<inner>(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)"
    to = r"""\s*<?(?P<target>(?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['"][\s\S]*?['"])?\s*"""
    for name, rule, where, render in (
        ("fence", r"```(?P<inner>[\s\S]+?)\n*```", always, _verbatim),
        ("escape", r"\\([^0-9A-Za-z\s])", always, _escaped),
        ("heading", r" *#{1,3}\s+(?P<inner>[^\n]+?)#*\s*(?:\n|$)", line_start, _around),
        ("subtext", r" *-#\s+(?P<inner>[^\n]+)(?:\n|$)", line_start, _around),
        ("quote", r" *>>> [\s\S]*| *> [^\n]*(?:\n *> [^\n]*)*\n?", line_start, _quote),
        ("item", r" *(?:[*+-]|\d+[.)]) +(?P<inner>[^\n]+)(?:\n|$)", line_start, _around),
        ("user", r"<@!?\d+>", always, _whole),
        ("role", r"<@&\d+>", always, _whole),
        ("channel", r"<#\d+>", always, _whole),
        ("everybody", r"@(?:everyone|here|Clyde)", always, _whole),
        ("time", r"<t:-?\d+(?::[a-zA-Z])?>", always, _whole),
        ("emoji", r"<a?:\w+:\d+>", always, _whole),
        ("command", r"</[^\n>]{1,100}:\d+>", always, _whole),
        ("place", r"<id:\w+>", always, _whole),
        ("sound", r"<sound:\d+:\d+>", always, _whole),
        ("address", r"<(?:[^: >]+:/|mailto:|tel:|\+)[^ >]+>", always, _whole),
        ("address", r"(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]", always, _whole),
        ("emoji", r":[^\s:]+:", always, _whole),
        ("link", rf"\[{inside}\]\({to}\)", always, _link),
        ("bold", r"\*\*(?P<inner>(?:\\[\s\S]|[^\\])+?)\*\*(?!\*)", always, _around),
        ("underline", r"__(?P<inner>(?:\\[\s\S]|[^\\])+?)__(?!_)", always, _around),
        (
            "italic",
            r"\*(?=\S)(?P<inner>(?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)",
            always,
            _around,
        ),
        ("italic", r"_(?P<inner>(?:__|\\[\s\S]|[^\\_])+?)_", always, _around),
        ("strike", r"~~(?=\S)(?P<inner>[\s\S]*?\S)~~", always, _around),
        ("spoiler", r"\|\|(?P<inner>[\s\S]+?)\|\|", always, _around),
        ("code", r"(`+)(?P<inner>[\s\S]*?[^`])\1(?!`)", always, _verbatim),
    ):
        yield name, re.compile(rule), where, render


_RULES = tuple(_rules())
