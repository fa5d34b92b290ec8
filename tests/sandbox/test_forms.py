"""Modals: opened, filled in, checked, and sent off."""

import pytest

from sandbox import ControlError, User
from sandbox.components import Kind

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_form_shows_its_fields(member: User) -> None:
    form = (await member.command("form")).form
    assert (form.title, form.text) == ("Add a story", "Paste it, or attach it.")
    assert [(f.label, f.custom_id, f.kind, f.required) for f in form.fields] == [
        ("Title", "name", Kind.TEXT_INPUT, True),
        ("Note", "note", Kind.TEXT_INPUT, False),
        ("Rating", "rating", Kind.STRING_SELECT, True),
        ("Files", "files", Kind.FILE_UPLOAD, False),
    ]
    assert form.fields[1].value == "none"
    assert [label for label, _, _ in form.fields[2].options] == ["Teen", "Mature"]


async def test_a_form_is_sent_with_text_choices_and_files(member: User) -> None:
    form = (await member.command("form")).form
    answer = await member.submit(
        form,
        {
            "name": "A tale",
            "note": "short",
            "rating": ["Mature"],
            "files": [("one.txt", b"once"), ("two.txt", b"twice")],
        },
    )
    assert answer.message.text == "A tale | short | Mature | one.txt=once | two.txt=twice"
    assert await member.violations() == []


async def test_a_field_left_alone_keeps_what_the_form_holds(member: User) -> None:
    form = (await member.command("form")).form
    answer = await member.submit(form, {"name": "A tale", "rating": "Teen"})
    assert answer.message.text == "A tale | none | Teen"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rating": "Teen"}, "“Title” must be filled in."),
        ({"name": "x" * 51, "rating": "Teen"}, "“Title” is 0 to 50 characters long; this has 51."),
        ({"name": "x"}, "“rating” takes 1 to 1 choices, not 0."),
        ({"name": "x", "rating": "PG"}, "“rating” offers: Teen, Mature; not PG."),
        (
            {"name": "x", "rating": "Teen", "files": [("a", b"")] * 3},
            "“Files” takes 0 to 2 files, not 3.",
        ),
    ],
)
async def test_a_form_is_checked_before_the_bot_hears_of_it(
    member: User, values: dict[str, object], sentence: str
) -> None:
    form = (await member.command("form")).form
    assert (await member.submit(form, values)).error == sentence
    good = await member.submit(form, {"name": "x", "rating": "Teen"})
    assert good.message.text == "x | none | Teen"


async def test_force_sends_what_no_person_could(member: User) -> None:
    form = (await member.command("form")).form
    answer = await member.forced.submit(form, {"name": "x" * 51, "rating": "PG"})
    assert answer.message.text == f"{'x' * 51} | none | PG"


async def test_a_form_belongs_to_one_person_and_is_sent_once(member: User, moderator: User) -> None:
    form = (await member.command("form")).form
    values = {"name": "x", "rating": "Teen"}
    assert (await moderator.submit(form, values)).error == "The form was opened for someone else."
    assert (await member.submit(form, values)).error is None
    assert (await member.submit(form, values)).error == "The form has been sent already."


async def test_a_field_that_is_not_there_is_named(member: User) -> None:
    form = (await member.command("form")).form
    with pytest.raises(ControlError, match="has no field “nmae”"):
        await member.submit(form, {"nmae": "x"})


async def test_by_force_a_form_is_sent_by_another_from_elsewhere(
    member: User, moderator: User
) -> None:
    form = (await member.command("form")).form
    values = {"name": "x", "rating": "Teen"}
    answer = await moderator.at("after-dark").forced.submit(form, values)
    assert answer.message.text == "x | none | Teen"
    assert answer.message.channel == "after-dark"
