"""JSON as it crosses the wire, and how to look at a value of unknown shape without trusting it."""

import json
from typing import Any, TypeAlias, cast

Json: TypeAlias = dict[str, Any]

dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""JSON text without a space too many; made once, where json.dumps makes an encoder each time."""


def as_object(value: object) -> Json | None:
    """The value when it is a JSON object, else None."""
    return cast("Json", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any] | None:
    """The value when it is a JSON array, else None."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def objects(value: object) -> list[Json]:
    """The JSON objects in a value that ought to be an array of them; anything else is left out."""
    if not isinstance(value, list):
        return []
    return [item for item in cast("list[Json]", value) if isinstance(item, dict)]  # pyright: ignore[reportUnnecessaryIsInstance]  # what is said of it is not known


def as_int(value: object) -> int | None:
    """The value when it is a JSON integer (true and false are not), else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_id(value: object) -> int | None:
    """A snowflake written as a string of digits (or, leniently, as a number), else None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    return as_int(value)
