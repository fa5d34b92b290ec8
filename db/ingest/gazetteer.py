"""Which fandom a text belongs to and who is in it, by the names that its prose uses."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ahocorasick

from db.ingest.reading import CharacterCount, FandomSuggestion

Row = tuple[str, str | None, str, float]  # fandom, character or None, form, weight

SHIPPED = Path(__file__).with_name("gazetteer.jsonl")

NAME_WEIGHT = 1.0
COMMON_NAME_WEIGHT = 0.25  # a form that is also an everyday word
TERM_WEIGHT = 1.2  # "Hellmouth" belongs to one fandom as no first name does
# Several people of one fandom together are what a coincidence is not.
DISTINCT_BONUS = 0.5
# Measured on real fics: the right fandom scored 8 to 27 times the next, an unknown one under 2.
ENOUGH_SCORE = 4.0
ENOUGH_MARGIN = 3.0  # times the next; less is a crossover, or a guess
SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class Findings:
    """Fandoms by score, and the characters of the likeliest one by mentions."""

    fandoms: tuple[FandomSuggestion, ...]
    characters: tuple[CharacterCount, ...]


class Gazetteer:
    """All known forms, matched in one pass over a text."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._meanings: dict[str, list[tuple[str, str | None, float]]] = defaultdict(list)
        for fandom, character, form, weight in rows:
            self._meanings[form].append((fandom, character, weight))
        automaton = cast("Any", ahocorasick).Automaton()  # pyahocorasick has no type hints
        for form in self._meanings:
            automaton.add_word(form, form)
        if self._meanings:
            automaton.make_automaton()
        self._automaton: Any = automaton

    def count(self, text: str) -> Counter[str]:
        """How often each form occurs as whole words, the longest form at each place only."""
        counts: Counter[str] = Counter()
        if not self._meanings:
            return counts
        best, best_start, best_end = "", 0, -1
        for end, form in self._automaton.iter(text):
            start = end - len(form) + 1
            if start and text[start - 1].isalnum():
                continue
            if end + 1 < len(text) and text[end + 1].isalnum():
                continue
            if start > best_end:  # what was best so far stands by itself
                if best:
                    counts[best] += 1
            elif start > best_start or end <= best_end:
                continue
            best, best_start, best_end = form, start, end
        if best:
            counts[best] += 1
        return counts

    def full_name(self, short: str, fandoms: Sequence[str]) -> str | None:
        """The character of those fandoms whom a form means, if it means one alone."""
        wanted = {
            character
            for fandom, character, _ in self._meanings.get(short.strip(), ())
            if character and fandom in fandoms
        }
        return wanted.pop() if len(wanted) == 1 else None

    def judge(self, text: str, declared: Sequence[str] = ()) -> Findings:
        """Score the fandoms of a text; `declared` ones come first and are sure."""
        counts = self.count(text)
        by_fandom: dict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
        for form, count in counts.items():
            meanings = self._meanings[form]
            fandoms = {fandom for fandom, _, _ in meanings}
            for fandom, character, weight in meanings:
                name = character or form
                seen, best = by_fandom[fandom].get(name, (0, 0.0))
                by_fandom[fandom][name] = (seen + count, max(best, weight / len(fandoms)))
        scored: list[FandomSuggestion] = []
        for fandom, names in by_fandom.items():
            score = sum(math.log1p(count) * weight for count, weight in names.values())
            strong = sum(weight >= COMMON_NAME_WEIGHT * 2 for _, weight in names.values())
            score *= 1 + DISTINCT_BONUS * max(0, min(strong, 6) - 1) / 5
            evidence = sorted(names.items(), key=lambda item: -item[1][0])
            scored.append(
                FandomSuggestion(
                    fandom, round(score, 2), {name: count for name, (count, _) in evidence[:8]}
                )
            )
        scored.sort(key=lambda one: (-one.score, one.name))
        sure = _sure(scored, declared)
        likeliest = scored[0].name if scored else None
        return Findings(
            tuple(sure or scored[:SUGGESTED]), self._characters(counts, likeliest, declared)
        )

    def _characters(
        self, counts: Counter[str], likeliest: str | None, declared: Sequence[str]
    ) -> tuple[CharacterCount, ...]:
        wanted = set(declared) or {likeliest}
        people: Counter[str] = Counter()
        for form, count in counts.items():
            for fandom, character, _ in self._meanings[form]:
                if fandom in wanted and character:
                    people[character] += count
        return tuple(CharacterCount(name, count) for name, count in people.most_common())


def _sure(scored: Sequence[FandomSuggestion], declared: Sequence[str]) -> list[FandomSuggestion]:
    found = {one.name: one for one in scored}
    if declared:
        return [
            FandomSuggestion(
                name,
                found[name].score if name in found else 0.0,
                found[name].evidence if name in found else {},
                confident=True,
            )
            for name in declared
        ]
    if not scored or scored[0].score < ENOUGH_SCORE:
        return []
    if len(scored) > 1 and scored[0].score < ENOUGH_MARGIN * scored[1].score:
        return []
    best = scored[0]
    return [
        FandomSuggestion(best.name, best.score, best.evidence, confident=True),
        *scored[1:SUGGESTED],
    ]


def load_shipped() -> tuple[list[Row], list[tuple[str, str, str]]]:
    """The gazetteer that comes with the program: forms, and nicknames as (kind, name, nickname)."""
    rows: list[Row] = []
    nicknames: list[tuple[str, str, str]] = []
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        fandom: str = entry["fandom"]
        rows += [(fandom, None, term, TERM_WEIGHT) for term in entry["terms"]]
        nicknames += [("fandom", fandom, nickname) for nickname in entry["nicknames"]]
        for character in entry["characters"]:
            name: str = character["name"]
            common = character.get("common_forms", [])
            rows += [(fandom, name, form, NAME_WEIGHT) for form in character["forms"]]
            rows += [(fandom, name, form, COMMON_NAME_WEIGHT) for form in common]
            nicknames += [("character", name, nickname) for nickname in character["nicknames"]]
        for ship in entry["relationships"]:
            nicknames += [
                ("relationship", ship["name"], nickname) for nickname in ship["nicknames"]
            ]
    return rows, nicknames
