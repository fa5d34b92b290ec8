"""Message components: walking them, finding one, and the shape Discord answers with."""

from collections.abc import Iterable, Iterator
from enum import IntEnum

from sandbox.wire import Json, as_list, as_object, objects


class Kind(IntEnum):
    """Discord's component types."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = frozenset(
    (
        Kind.STRING_SELECT,
        Kind.USER_SELECT,
        Kind.ROLE_SELECT,
        Kind.MENTIONABLE_SELECT,
        Kind.CHANNEL_SELECT,
    )
)
LINK_STYLE, PREMIUM_STYLE = 5, 6
# Comparing with an enum's member costs more than all the rest of a step.
_TEXT_DISPLAY, _THUMBNAIL, _GALLERY, _FILE = map(
    int, (Kind.TEXT_DISPLAY, Kind.THUMBNAIL, Kind.MEDIA_GALLERY, Kind.FILE)
)


def children(component: Json) -> list[Json]:
    """The components directly inside one."""
    inner = objects(component["components"]) if "components" in component else []
    for key in ("accessory", "component"):
        if key in component and (single := as_object(component[key])) is not None:
            inner.append(single)
    return inner


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, each before what it holds."""
    left = components[::-1]
    while left:
        component = left.pop()
        yield component
        if inner := children(component):
            inner.reverse()
            left += inner


def find(components: list[Json], custom_id: str) -> Json | None:
    """The component with this custom_id."""
    return next((c for c in walk(components) if c.get("custom_id") == custom_id), None)


def texts(components: list[Json]) -> list[str]:
    """What the text displays say, in order."""
    return texts_among(walk(components))


def texts_among(every: Iterable[Json]) -> list[str]:
    """The same of components that were walked already."""
    return [
        str(component.get("content", ""))
        for component in every
        if component.get("type") == _TEXT_DISPLAY
    ]


_DEFAULTS: dict[int, Json] = {
    Kind.SECTION: {},
    Kind.THUMBNAIL: {"description": None, "spoiler": False},
    Kind.FILE: {"spoiler": False},
    Kind.SEPARATOR: {"divider": True, "spacing": 1},
    Kind.CONTAINER: {"accent_color": None, "spoiler": False},
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
}
_NULLABLE = frozenset(("description", "accent_color", "spoiler"))


def as_answered(components: list[Json]) -> list[Json]:
    """Request components as Discord gives them back: numbered by `id`, defaults filled in.

    Ids that the sender chose are kept; the rest get the lowest free numbers, in order.
    """
    taken = {c["id"] for c in walk(components) if isinstance(c.get("id"), int) and c["id"] > 0}
    free = (number for number in range(1, 1000) if number not in taken)
    return [_answered(component, free) for component in components]


def _answered(component: Json, free: Iterator[int]) -> Json:
    kind = component.get("type", 0)
    chosen = component.get("id")
    answered: Json = {"type": kind, "id": chosen or next(free)}
    answered.update(_DEFAULTS.get(kind, {}))
    for key, value in component.items():
        if key in ("type", "id") or (value is None and key not in _NULLABLE):
            continue
        if key == "components":
            answered[key] = [_answered(child, free) for child in objects(value)]
        elif key in ("accessory", "component") and (single := as_object(value)) is not None:
            answered[key] = _answered(single, free)
        elif key == "items":
            answered[key] = [
                {"description": None, "spoiler": False, **item} for item in objects(value)
            ]
        elif key == "options" and (options := as_list(value)) is not None:
            answered[key] = [
                {name: part for name, part in option.items() if part is not None}
                for option in objects(options)
            ]
        else:
            answered[key] = value
    if answered.get("spoiler", False) is None:
        answered["spoiler"] = False
    return answered


def media(components: list[Json]) -> Iterator[tuple[Json, str]]:
    """Each holder of media and the key it is under: thumbnails, gallery items, files."""
    for component in walk(components):
        kind = component.get("type")
        if kind == _THUMBNAIL:
            yield component, "media"
        elif kind == _GALLERY:
            for item in objects(component.get("items")):
                yield item, "media"
        elif kind == _FILE:
            yield component, "file"
