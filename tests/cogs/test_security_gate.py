"""Adult and unrated works: seen in age-restricted channels, and nowhere else by any way."""

import pytest

from db.models import Rating
from sandbox import Answer, Message, User
from sandbox.answers import Choices
from tests.cogs.conftest import Rig
from tests.cogs.shelf import a_work
from tests.cogs.stock import stock
from tests.cogs.surface import COMMANDS, CONTROLS, Ids, Who, put

pytestmark = pytest.mark.fault(18)

# Words that adult works alone have, in titles, names, tags, summaries and texts: those by which
# they are asked for, which may be said again, and those that nobody types, which may not be seen.
TYPED = ("vermilionry", "nightsome", "velvetine", "emberly", "duskwort", "lacquerly")
SECRET = ("calcedonyx", "obsidianne", "malachitte", "porphyrian", "travertina", "alabastrum")
TITLE, AUTHOR, FANDOM, CHARACTER, SUMMARY, PASSAGE = (
    f"{typed} {secret}" for typed, secret in zip(TYPED, SECRET, strict=True)
)
MISTYPED = tuple(word[:-3] + word[-2:] for word in SECRET)
RATINGS = (Rating.MATURE, Rating.EXPLICIT, Rating.NOT_RATED)


async def furnish(rig: Rig) -> dict[str, int]:
    """Some adult works among the others, that are like them and say what they say."""
    ids: dict[str, int] = {}
    for number, rating in enumerate(RATINGS):
        title = f"{TITLE} {number * 7919}"
        work = a_work(
            f"The {title} Lantern",
            author=f"{AUTHOR} quaylight",
            fandom=FANDOM,
            characters=(f"{CHARACTER} Voss", "Marit Voss"),
            rating=rating,
            summary=f"A {SUMMARY} boat is missing.",
            passages=(
                f"The {PASSAGE} lantern went out at the third bell, said {title}.",
                f"“Eleven,” she said. “There were {PASSAGE} twelve this morning,” said {title}.",
            ),
        )
        [ids[rating.value]] = await rig.add(work)
    asker = next(a.id for a in rig.sandbox.world.accounts.values() if a.name == "member")
    ours = await stock(rig, rig.guild_id, "harbour", asker)
    adult = ids[Rating.EXPLICIT.value]
    excerpts = await rig.library.excerpts(rig.guild_id, adult)
    return ours | ids | {"work": adult, "excerpt": excerpts[0].excerpt_id}


QUERIES = (
    *TYPED, *MISTYPED, *(f"author:{word}" for word in MISTYPED[:2]), f"fandom:{TYPED[2]}",
    f"character:{TYPED[3]}", "lantern", "voss", "rating:explicit", "sort:added", "rating:>=mature",
    "-rating:general", f"-{TYPED[0]}", f'"{TYPED[5]}"', "quaylight",
)  # fmt: skip
FIRST_LETTERS = (*(word[:4] for word in (*TYPED, *SECRET)), "the ", "")


Shown = list[tuple[str, Answer | Choices]]


async def what_is_suggested(user: User) -> Shown:
    """Suggestions while typing, of each option of each command."""
    found: Shown = []
    tried = set[str]()
    for command in COMMANDS:
        for option in sorted(command.completes) if command.who is Who.EVERYONE else ():
            beginnings = FIRST_LETTERS[:: 4 if option in tried else 1]
            tried.add(option)
            filters = ("author:", "fandom:", "lantern ") if option == "query" else ()
            further = (f + word for f in filters for word in beginnings[::4])
            for typed in (*beginnings, *further):
                choices = await user.forced.autocomplete(
                    command.name, focused=option, **{option: typed}
                )
                found.append((f"{command.name} {option}: {typed}", choices))
    return found


async def what_is_found(user: User) -> Shown:
    """Works by what is typed of them."""
    found: Shown = []
    for query in QUERIES:
        found += [
            (f"search {query}", await user.command("fic search", query=query)),
            (f"show {query}", await user.command("fic show", work=query)),
            (f"quote {query}", await user.command("fic quote", words=query)),
        ]
    for rating in RATINGS:
        found.append((f"random {rating}", await user.command("fic random", rating=rating.value)))
    return [
        *found,
        ("random in fandom", await user.command("fic random", fandom=TYPED[2])),
        ("like another", await user.command("fic similar", work="The Twelfth Boat")),
        ("in fandom", await user.command("fic search", query="lantern", fandom=TYPED[2])),
        ("about", await user.command("fic excerpt", work="The Twelfth Boat", about=TYPED[5])),
    ]


async def what_is_named(user: User, ids: Ids, message: Message) -> Shown:
    """A work by its id, in every command and control."""
    found: Shown = []
    for command in COMMANDS:
        if command.who is Who.EVERYONE:
            filled = {
                name: value
                for name, value in command.filled(ids).items()
                if name in ("query", "work", "words")
            }
            found.append((command.name, await user.forced.command(command.name, **filled)))
    for control in CONTROLS:
        if control.who is Who.EVERYONE:
            values = control.values and [put(value, ids) for value in control.values]
            custom_id = put(control.custom_id, ids)
            found.append((custom_id, await user.forced.press(message, custom_id, values)))
    return found


def leaks(where: str, found: Shown) -> list[str]:
    """Where a secret was seen."""
    seen: list[str] = []
    for what, answer in found:
        assert answer.error is None, (where, what)
        shown = answer if isinstance(answer, Choices) else [m.payload for m in answer.messages]
        seen += [f"{where}, {what}: {word}" for word in SECRET if word in str(shown).casefold()]
    return seen


async def test_no_way_leads_to_an_adult_work_in_the_open(rig: Rig, owner: User) -> None:
    ids = await furnish(rig)
    await owner.permissions(channel="general", thread="talk")
    member = rig.user("member")
    card = (await member.command("fic show", work="The Twelfth Boat")).message
    seen = leaks("general", await what_is_suggested(member) + await what_is_found(member))
    for rating in RATINGS:
        seen += leaks(rating, await what_is_named(member, ids | {"work": ids[rating.value]}, card))
    for where in ("talk", "dm"):
        user = member.at(where)
        command = ("help", {}) if where == "dm" else ("fic show", {"work": "The Twelfth Boat"})
        base = (await user.command(command[0], **command[1])).message
        seen += leaks(where, await what_is_named(user, ids, base))
        seen += leaks(where, [("", await user.forced.command("fic search", query=TYPED[0]))])
        typed = {"focused": "work", "work": TYPED[0][:4]}
        seen += leaks(where, [("", await user.forced.autocomplete("fic show", **typed))])
    assert seen == []


async def test_the_same_ways_lead_to_it_behind_the_gate_until_it_falls(
    rig: Rig, owner: User
) -> None:
    ids = await furnish(rig)
    thread = await owner.permissions(channel="after-dark", thread="later")
    assert thread["channel"]["name"] == "later"
    member = rig.user("member", "after-dark")
    card = (await member.command("fic show", work=f"#{ids['work']}")).message
    suggested, typed = await what_is_suggested(member), await what_is_found(member)
    named = await what_is_named(member, ids, card)
    assert all(leaks("after-dark", found) for found in (suggested, typed, named))
    in_thread = await what_is_named(member.at("later"), ids, card)
    assert leaks("later", in_thread)
    await owner.permissions(channel="after-dark", nsfw=False)
    seen: list[str] = []
    for what, answer in (*typed, *named, *in_thread):
        for message in answer.messages if isinstance(answer, Answer) else ():
            for button in message.buttons:
                if button.custom_id and not button.disabled:
                    again = await member.forced.press(message, button.custom_id)
                    seen += leaks("fallen", [(f"{what}, {button.label}", again)])
            for menu in message.selects:
                values = [value for _, value, _ in menu.options[:3]]
                for value in values if menu.custom_id else ():
                    again = await member.forced.press(message, menu.custom_id or "", [value])
                    seen += leaks("fallen", [(f"{what}, {menu.label}", again)])
    for where in ("after-dark", "later"):
        user = member.at(where)
        seen += leaks(f"fallen {where}", await what_is_named(user, ids, card))
        seen += leaks(f"fallen {where}", [("", await user.command("fic search", query=TYPED[0]))])
    assert seen == []


async def test_moderators_are_not_made_to_show_it_either(
    rig: Rig, moderator: User, owner: User
) -> None:
    """They keep adult works where they like, unseen by others and without their passages."""
    ids = await furnish(rig)
    private: Shown = []
    for name, options in (
        ("library edit", {"work": f"#{ids[Rating.EXPLICIT.value]}"}),
        ("library edit", {"work": f"#{ids[Rating.MATURE.value]}"}),
        ("library remove", {"work": f"#{ids['work']}"}),
        ("library log", {}),
        ("library duplicates", {}),
    ):
        private.append((name, await moderator.command(name, **options)))
    for what, answer in private:
        assert all(message.ephemeral for message in answer.messages), what
        assert SECRET[5] not in str([m.payload for m in answer.messages]).casefold(), what
    for option in ("name", "into"):
        for kind, word in (("Character", TYPED[3]), ("Fandom", TYPED[2]), ("Character", "voss")):
            choices = await moderator.autocomplete(
                "library tag merge", focused=option, kind=kind, **{option: word[:4]}
            )
            assert leaks(option, [(word, choices)]) == []


async def test_the_daily_post_does_not_show_it_when_the_gate_has_fallen(
    rig: Rig, moderator: User, owner: User
) -> None:
    await furnish(rig)
    zone = {"time": "9:00", "timezone": "Europe/Paris", "fandom": FANDOM}
    desk = moderator.at("after-dark")
    await desk.command("daily setup", channel="after-dark", **zone)
    assert leaks("gated", [("preview", await desk.command("daily preview"))])
    await owner.permissions(channel="after-dark", nsfw=False)
    shown: Shown = [
        ("preview", await desk.command("daily preview")),
        ("now", await desk.command("daily now")),
    ]
    assert leaks("fallen", shown) == []
    assert SECRET[0] not in posted_in(await desk.messages())
    await desk.command("daily setup", channel="general", **zone)
    await moderator.command("daily now")
    assert SECRET[0] not in posted_in(await moderator.messages())


def posted_in(messages: list[Message]) -> str:
    """What everybody sees of some messages."""
    return str([message.payload for message in messages if not message.ephemeral]).casefold()
