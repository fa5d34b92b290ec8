"""Whatever a bot sends, the answer is Discord's: a result or a refusal, never an accident."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import Sandbox
from sandbox.cdn import Cdn
from sandbox.command_rules import check_commands
from sandbox.errors import ApiError
from sandbox.form_rules import check_choices, check_modal
from sandbox.model import Message
from sandbox.payloads import Payloads
from sandbox.posting import Posting, Upload

WORDS = (
    "content embeds components type style label custom_id url options value name "
    "description accessory component items media file spacing accent_color id placeholder "
    "min_values max_values title fields footer author image text choices required "
    "autocomplete disabled flags allowed_mentions parse users roles attachments nonce "
    "enforce_nonce emoji default_values message_reference message_id min_length default "
)
KEYS = st.sampled_from(WORDS.split())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 30)
    | st.sampled_from(["", "x", "http://x.y/", "attachment://a.txt", "<@1>", "\ud800", "users"])
)
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
COMPONENT: st.SearchStrategy[Any] = st.recursive(
    st.dictionaries(KEYS, LEAVES, max_size=6),
    lambda inner: st.fixed_dictionaries(
        {"type": st.integers(1, 23)},
        optional={
            "components": st.lists(inner, max_size=4),
            "accessory": inner,
            "component": inner,
            "items": st.lists(inner, max_size=3),
            "options": st.lists(inner, max_size=3),
            "media": inner,
            "custom_id": st.sampled_from(["a", "b"]),
            "content": st.sampled_from(["x", "\ud800"]),
            "style": st.integers(0, 6),
            "label": st.just("x"),
        },
    ),
    max_leaves=20,
)
BODY = st.dictionaries(KEYS, JSON, max_size=6) | st.fixed_dictionaries(
    {"components": st.lists(COMPONENT, max_size=4), "flags": st.sampled_from([0, 1 << 15])}
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODY, edit=BODY, files=st.booleans())
def test_any_body_makes_a_message_or_a_refusal(body: Any, edit: Any, files: bool) -> None:
    world = Sandbox().world
    posting = Posting(world)
    channel = world.channel_named("general", world.bot)
    uploads = {0: Upload("a.txt", b"x")} if files else {}
    payloads = Payloads(world, Cdn(world, "http://127.0.0.1/cdn"))
    message = attempt(lambda: posting.create(channel, body, uploads))
    if message is None:
        assert channel.messages == {}
        return
    json.dumps(payloads.message(message))
    before = message.content, message.flags, message.components
    if attempt(lambda: posting.edit(message, edit, {}) or message) is None:
        assert (message.content, message.flags, message.components) == before


def attempt(do: Callable[[], Message]) -> Message | None:
    """What it makes, or None for a refusal."""
    try:
        return do()
    except ApiError:
        return None


@settings(max_examples=60, deadline=None)
@given(modal=st.dictionaries(KEYS, JSON, max_size=5), data=st.lists(JSON, max_size=3))
def test_any_form_choices_and_commands_are_judged(modal: Any, data: Any) -> None:
    for errors in (
        check_modal(modal),
        check_modal({"custom_id": "x", "title": "x", "components": data}),
        check_choices(modal, 3),
        check_choices({"choices": data}, 10),
        check_commands(data),
        check_commands([{"name": "x", "description": "x", "options": data}]),
    ):
        assert all(str(error) for error in errors)
