"""A Discord on this machine: REST, gateway, CDN and a control API on one loopback port.

The unmodified bot logs in here as it would at Discord; a person uses the page, tests use `User`.
Set `[discord] api` to `Sandbox.api` and log in with `Sandbox.bot_token`. The page is served at
`/` and reads the control API's token from its address's fragment (`/#token=…`), which browsers
keep to themselves.

    clock snowflakes permissions model world   time, ids, rights; what there is and how it changes
    wire errors components payloads payloads_directory
                                               JSON, refusals, and the shapes Discord shows
    checks limits form_rules command_rules     Discord's limits on messages, modals and commands
    followers trace                            who wants to know at once; what goes over the wire
    schema violations                          Discord's own description; what was refused, and why
    routing rest ratelimits faults             the REST door and what can go wrong at it
    routes_messages routes_interactions routes_directory posting commands cdn
                                               REST by subject, and what it works with
    connection session gateway                 websockets, replayable sessions, events
    interactions offers values forms actions   what a person does, as the bot hears of it
    views events upcoming                      how it is shown, what happened, what is to come
    steering live control                      the control API: moving things, the page's line, all
    answers client                             its client, for tests
    server                                     all of it together
"""

from sandbox.answers import Answer, Choices, Component, ControlError, Message, Modal
from sandbox.client import User
from sandbox.clock import SandboxClock
from sandbox.server import DEFAULT_PORT, Sandbox

__all__ = [
    "DEFAULT_PORT",
    "Answer",
    "Choices",
    "Component",
    "ControlError",
    "Message",
    "Modal",
    "Sandbox",
    "SandboxClock",
    "User",
]
