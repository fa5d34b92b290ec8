"""The gazetteer that ships is sound: what a search or a suggestion rests on."""

import json
from collections import Counter

import pytest

from db.ingest.gazetteer import SHIPPED, Gazetteer, load_shipped

FANDOMS = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
KEYS = {"fandom", "nicknames", "parents", "terms", "characters", "relationships"}


def strings(entry: object) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [each for part in parts for each in strings(part)]  # type: ignore[union-attr]


def test_there_are_many_and_each_once() -> None:
    assert len(FANDOMS) >= 150
    assert Counter(entry["fandom"] for entry in FANDOMS).most_common(1)[0][1] == 1


@pytest.mark.parametrize("entry", FANDOMS, ids=lambda entry: entry["fandom"])
def test_a_fandom_is_whole(entry: dict[str, list[dict[str, list[str]]]]) -> None:
    assert set(entry) == KEYS
    assert all(text and text == text.strip() for text in strings(entry))
    names = [str(character["name"]) for character in entry["characters"]]
    assert len(names) == len(set(names))
    for character in entry["characters"]:
        assert set(character) - {"common_forms"} == {"name", "forms", "nicknames"}
        forms = [*character["forms"], *character.get("common_forms", [])]
        assert forms
        assert len(forms) == len(set(forms))
        assert all(len(form) >= 2 for form in forms)
    for relationship in entry["relationships"]:
        people = str(relationship["name"]).split("/")
        assert set(people) <= set(names), relationship


def test_a_nickname_of_a_ship_or_fandom_means_one_thing() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for kind, _, nickname in load_shipped()[1]:
        seen[kind, nickname.casefold()] += 1
    twice = {key for key, count in seen.items() if count > 1 and key[0] != "character"}
    assert twice == set()


def test_names_of_two_fandoms_are_told_apart_by_their_company() -> None:
    gazetteer = Gazetteer(load_shipped()[0])
    text = "Crowley drove. Aziraphale held on to the seat, and Anathema closed her eyes. "
    found = gazetteer.judge(text * 6).fandoms
    assert found[0].name == "Good Omens"
    assert found[0].confident


CASTS = {
    "Hannibal (TV)": ("Alana", "Bedelia", "Hannibal Lecter", "Will Graham"),
    "呪術廻戦 | Jujutsu Kaisen (Anime & Manga)": ("Gojo", "Megumi", "Itadori", "Nobara"),
    "방탄소년단 | Bangtan Boys | BTS": ("Jungkook", "Taehyung", "Yoongi", "Namjoon"),
    "The Owl House (Cartoon)": ("Luz Noceda", "Amity", "Eda", "Belos"),
    "Baldur's Gate (Video Games)": ("Astarion", "Karlach", "Shadowheart", "Halsin"),
    "Discworld - Terry Pratchett": ("Vimes", "Vetinari", "Ankh-Morpork", "Angua"),
    "Shingeki no Kyojin | Attack on Titan": ("Levi", "Erwin Smith", "Armin", "Mikasa"),
    "9-1-1 (TV)": ("Buck", "Eddie Diaz", "Evan Buckley", "Athena Grant", "Hen"),
    "Voltron: Legendary Defender": ("Keith", "Lance", "Shiro", "Allura", "Pidge"),
    "The Magnus Archives (Podcast)": ("Jonathan Sims", "Elias Bouchard", "Basira", "Melanie King"),
    "Fire Emblem: Fuukasetsugetsu | Fire Emblem: Three Houses": (
        "Dimitri", "Dedue", "Byleth", "Garreg Mach",
    ),
    "Stargate Atlantis": ("Sheppard", "McKay", "Teyla", "Ronon"),
}  # fmt: skip


@pytest.mark.parametrize("fandom", CASTS)
def test_a_cast_is_recognised(fandom: str) -> None:
    first, second, *others = CASTS[fandom]
    text = f"{first} waited by the door for {second}. " + " ".join(
        f"{name} said nothing, and {first} looked at {name} again." for name in others
    )
    found = Gazetteer(load_shipped()[0]).judge(text * 6).fandoms
    assert (found[0].name, found[0].confident) == (fandom, True)


def test_everyday_names_and_words_suggest_nothing() -> None:
    text = (
        "Simon and Sophie waited for Owen in the house on the hill. Eddie, said Maggie, is a "
        "hunter; the shadow of a raven crossed the pearl, and Hope was with Grace and Bobby. "
    )
    found = Gazetteer(load_shipped()[0]).judge(text * 10).fandoms
    assert not [one for one in found if one.confident]
