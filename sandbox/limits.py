"""Discord's limits on messages: text, embeds and components.

They come from Discord's documentation of messages and components; totals and counts are not in
its machine-readable description, so they are checked here, whether or not that is at hand.
"""

from collections.abc import Collection

from sandbox import components
from sandbox.checks import Findings, Path
from sandbox.components import LINK_STYLE, PREMIUM_STYLE, SELECTS, Kind
from sandbox.errors import FieldError
from sandbox.wire import Json, as_int, as_object, objects

CONTENT, EMBED_TOTAL, V2_TEXT_TOTAL, V2_COMPONENTS = 2000, 6000, 4000, 40
V2_TEXT_BYTES = 10170
"""Beyond this many bytes of UTF-8 (each text display counting 12 more), Discord answers 500."""

_TOP_LEVEL = (
    Kind.ACTION_ROW,
    Kind.SECTION,
    Kind.TEXT_DISPLAY,
    Kind.MEDIA_GALLERY,
    Kind.FILE,
    Kind.SEPARATOR,
    Kind.CONTAINER,
)
_IN_CONTAINER = tuple(kind for kind in _TOP_LEVEL if kind is not Kind.CONTAINER)
_IN_ROW = frozenset((Kind.BUTTON, *SELECTS))
_WEB = ("http", "https")


def check_message(body: Json, *, v2: bool, files: Collection[str] = ()) -> list[FieldError]:
    """What is wrong with a message's body. `v2` is whether the message has, or will have, the flag;
    `files` are the names that attachment:// may mean."""
    found = Findings()
    content = found.text(body, "content", (), CONTENT)
    embeds = found.items(body, "embeds", (), 10)
    _check_embeds(found, embeds)
    rows = found.items(body, "components", (), V2_COMPONENTS if v2 else 5)
    _Components(found, v2=v2, files=files).check(rows)
    if v2:
        for key, used in (
            ("content", content),
            ("embeds", embeds),
            ("poll", body.get("poll")),
            ("sticker_ids", body.get("sticker_ids")),
        ):
            if used:
                found.add(
                    (key,),
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
    nonce = body.get("nonce")
    if as_int(nonce) is None:
        found.text(body, "nonce", (), 25)
    _check_mentions(found, body.get("allowed_mentions"))
    return found.errors


def overweight(rows: list[Json]) -> bool:
    """Whether Discord would choke (500) on the bytes of a V2 message's texts."""
    texts = components.texts(rows)
    return sum(len(text.encode(errors="surrogatepass")) + 12 for text in texts) > V2_TEXT_BYTES


def _check_mentions(found: Findings, value: object) -> None:
    allowed = as_object(value)
    if allowed is None:
        return
    parse = found.items(allowed, "parse", ("allowed_mentions",), 3)
    for index, kind in enumerate(parse):
        if kind not in ("users", "roles", "everyone"):
            message = "Value must be one of ('everyone', 'roles', 'users')."
            found.add(("allowed_mentions", "parse", index), "BASE_TYPE_CHOICES", message)
    for key in ("users", "roles"):
        ids = found.items(allowed, key, ("allowed_mentions",), 100)
        if ids and key in parse:
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            found.add(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _check_embeds(found: Findings, embeds: list[object]) -> None:
    total = 0
    for index, value in enumerate(embeds):
        at: Path = ("embeds", index)
        embed = as_object(value)
        if embed is None:
            found.not_an_object(at)
            continue
        parts = [
            found.text(embed, "title", at, 256),
            found.text(embed, "description", at, 4096),
        ]
        for holder_key, key, longest in (("footer", "text", 2048), ("author", "name", 256)):
            if (holder := as_object(embed.get(holder_key))) is not None:
                parts.append(found.text(holder, key, (*at, holder_key), longest, required=True))
        for number, raw in enumerate(found.items(embed, "fields", at, 25)):
            field = as_object(raw) or {}
            where: Path = (*at, "fields", number)
            parts += (
                found.text(field, "name", where, 256, shortest=1, required=True),
                found.text(field, "value", where, 1024, shortest=1, required=True),
            )
        for holder_key in ("image", "thumbnail"):
            url = (as_object(embed.get(holder_key)) or {}).get("url")
            if isinstance(url, str):
                found.url(url, (*at, holder_key, "url"), (*_WEB, "attachment"), 2048)
        if isinstance(url := embed.get("url"), str) and url:
            found.url(url, (*at, "url"), _WEB, 2048)
        total += sum(len(part) for part in parts if part)
    if total > EMBED_TOTAL:
        message = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
        found.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


class _Components:
    """Checks a message's component tree."""

    def __init__(self, found: Findings, *, v2: bool, files: Collection[str]) -> None:
        self._found = found
        self._v2 = v2
        self._files = files
        self._custom_ids: set[str] = set()
        self._ids: set[int] = set()

    def check(self, rows: list[object]) -> None:
        """Check every component, then what only holds for all of them together."""
        self._each(rows, ("components",), _TOP_LEVEL if self._v2 else (Kind.ACTION_ROW,))
        if not self._v2:
            return
        every = list(components.walk(objects(rows)))
        if len(every) > V2_COMPONENTS:
            self._found.add(
                ("components",),
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                f"The maximum number of components is {V2_COMPONENTS}, nested ones included "
                f"(received {len(every)})",
            )
        length = sum(len(text) for text in components.texts_among(every))
        if length > V2_TEXT_TOTAL:
            self._found.add(
                ("components",),
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                f"The total displayable text of components exceeds {V2_TEXT_TOTAL} "
                f"(received {length})",
            )

    def _each(self, values: list[object], at: Path, allowed: Collection[Kind]) -> None:
        for index, value in enumerate(values):
            self._one(value, (*at, index), allowed)

    def _one(self, value: object, at: Path, allowed: Collection[Kind]) -> None:
        component = as_object(value)
        if component is None:
            self._found.not_an_object(at)
            return
        kind = component.get("type")
        if not self._found.choice(kind, (*at, "type"), allowed):
            return
        number = as_int(component.get("id"))
        if number:
            if number in self._ids:
                message = "Component id cannot be duplicated"
                self._found.add((*at, "id"), "COMPONENT_ID_DUPLICATED", message)
            self._ids.add(number)
        match kind:
            case Kind.ACTION_ROW:
                self._row(component, at)
            case Kind.BUTTON:
                self._button(component, at)
            case Kind.SECTION:
                inner = self._found.items(component, "components", at, 3, least=1)
                self._each(inner, (*at, "components"), (Kind.TEXT_DISPLAY,))
                if component.get("accessory") is None:
                    self._found.required((*at, "accessory"))
                else:
                    kinds = (Kind.BUTTON, Kind.THUMBNAIL)
                    self._one(component["accessory"], (*at, "accessory"), kinds)
            case Kind.TEXT_DISPLAY:
                self._found.text(component, "content", at, V2_TEXT_TOTAL, shortest=1, required=True)
            case Kind.THUMBNAIL:
                self._media(component, "media", at)
                self._found.text(component, "description", at, 1024)
            case Kind.MEDIA_GALLERY:
                for index, raw in enumerate(self._found.items(component, "items", at, 10, least=1)):
                    item, where = as_object(raw) or {}, (*at, "items", index)
                    self._media(item, "media", where)
                    self._found.text(item, "description", where, 1024)
            case Kind.FILE:
                self._media(component, "file", at, schemes=("attachment",))
            case Kind.SEPARATOR:
                if component.get("spacing") is not None:
                    self._found.choice(component["spacing"], (*at, "spacing"), (1, 2))
            case Kind.CONTAINER:
                self._found.number(component, "accent_color", at, 0, 0xFFFFFF)
                inner = self._found.items(component, "components", at, V2_COMPONENTS, least=1)
                self._each(inner, (*at, "components"), _IN_CONTAINER)
            case _:
                check_select(self._found, component, at)
                self._custom_id(component, at)

    def _row(self, row: Json, at: Path) -> None:
        inner = self._found.items(row, "components", at, 5, least=1)
        self._each(inner, (*at, "components"), _IN_ROW)
        if len(inner) > 1 and any(child.get("type") in SELECTS for child in objects(inner)):
            message = "The specified component exceeds the maximum width"
            self._found.add((*at, "components", 1), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)

    def _button(self, button: Json, at: Path) -> None:
        found = self._found
        if not found.choice(button.get("style"), (*at, "style"), range(1, 7)):
            return
        found.text(button, "label", at, 80)
        style, url = button["style"], button.get("url")
        if style == LINK_STYLE:
            if not isinstance(url, str) or not url:
                message = "A url is required"
                found.add((*at, "url"), "BUTTON_COMPONENT_URL_REQUIRED", message)
            else:
                found.url(url, (*at, "url"), ("discord", *_WEB), 512)
            if button.get("custom_id") is not None:
                self._both_given(at)
        elif style != PREMIUM_STYLE:
            if url is not None:
                self._both_given(at)
            self._custom_id(button, at)
        if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
            message = "A label or emoji is required"
            found.add(at, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message)

    def _both_given(self, at: Path) -> None:
        message = "A custom id and url cannot both be specified"
        self._found.add((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", message)

    def _custom_id(self, component: Json, at: Path) -> None:
        check_custom_id(self._found, component, at, self._custom_ids)

    def _media(
        self, holder: Json, key: str, at: Path, schemes: tuple[str, ...] = (*_WEB, "attachment")
    ) -> None:
        media = as_object(holder.get(key))
        url = None if media is None else media.get("url")
        path: Path = (*at, key, "url")
        if not isinstance(url, str) or not url:
            self._found.required(path)
            return
        self._found.url(url, path, schemes, 2048)
        if url.startswith("attachment://") and url[len("attachment://") :] not in self._files:
            message = "The referenced attachment was not found"
            self._found.add(path, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)


def check_custom_id(found: Findings, component: Json, at: Path, seen: set[str]) -> None:
    """1 to 100 characters, and no other component has the same."""
    custom_id = found.text(component, "custom_id", at, 100, shortest=1, required=True)
    if custom_id is None:
        return
    if custom_id in seen:
        message = "Component custom id cannot be duplicated"
        found.add((*at, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
    seen.add(custom_id)


def check_select(found: Findings, select: Json, at: Path, *, options_least: int = 1) -> None:
    """A select menu, a radio group or a group of checkboxes."""
    found.text(select, "placeholder", at, 150)
    least = found.number(select, "min_values", at, 0, 25)
    most = found.number(select, "max_values", at, 1, 25)
    if least is not None and most is not None and least > most:
        message = f"int value should be greater than or equal to {least}."
        found.add((*at, "max_values"), "NUMBER_TYPE_MIN", message)
    if select.get("type") in SELECTS - {Kind.STRING_SELECT}:
        found.items(select, "default_values", at, 25)
        return
    grouped = select.get("type") in (Kind.RADIO_GROUP, Kind.CHECKBOX_GROUP)
    options = found.items(select, "options", at, 10 if grouped else 25, least=options_least)
    values: set[str] = set()
    chosen = 0
    for index, raw in enumerate(options):
        option, where = as_object(raw), (*at, "options", index)
        if option is None:
            found.not_an_object(where)
            continue
        found.text(option, "label", where, 100, shortest=1, required=True)
        found.text(option, "description", where, 100)
        value = found.text(option, "value", where, 100, shortest=1, required=True)
        if value is not None and value in values:
            message = "The specified option value is already used"
            found.add((*where, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        values.add(value or "")
        chosen += option.get("default") is True
    if chosen > (most if most is not None else 1):
        message = "The number of default options exceeds max_values"
        found.add((*at, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT_OPTIONS", message)
