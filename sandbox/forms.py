"""Filling in a modal, as the person in front of it would."""

from typing import Any

from sandbox.components import SELECTS, Kind, find
from sandbox.offers import Impossible, Malformed
from sandbox.values import Values, uploads
from sandbox.wire import Json, as_list, objects


def filled(modal: Json, given: Json, values: Values, *, forced: bool) -> Json:
    """The data of a modal's submission; fields that are not given keep what the form holds."""
    if not forced:
        for custom_id in given:
            if find(objects(modal["components"]), custom_id) is None:
                raise Malformed(f"The form “{modal['title']}” has no field “{custom_id}”.")
    form = _Form(given, values, forced=forced)
    data: Json = {
        "custom_id": modal["custom_id"],
        "components": [form.component(component) for component in objects(modal["components"])],
    }
    if values.resolved:
        data["resolved"] = values.resolved
    return data


class _Form:
    def __init__(self, given: Json, values: Values, *, forced: bool) -> None:
        self._given = given
        self._values = values
        self._forced = forced

    def component(self, component: Json) -> Json:
        """A component of the form, as its submission shows it."""
        shown: Json = {"type": component["type"], "id": component["id"]}
        if component["type"] == Kind.LABEL:
            shown["component"] = self._field(component["component"], component["label"])
        elif component["type"] == Kind.ACTION_ROW:
            shown["components"] = [
                self._field(child, str(child.get("label") or child["custom_id"]))
                for child in objects(component["components"])
            ]
        return shown

    def _field(self, field: Json, label: str) -> Json:
        kind, custom_id = field["type"], field["custom_id"]
        shown: Json = {"type": kind, "id": field["id"], "custom_id": custom_id}
        value: Any = self._given.get(custom_id)
        if kind == Kind.TEXT_INPUT:
            shown["value"] = self._text(field, label, value)
        elif kind == Kind.FILE_UPLOAD:
            shown["values"] = self._files(field, label, value)
        elif kind == Kind.CHECKBOX:
            shown["value"] = bool(field.get("default") if value is None else value)
        elif kind == Kind.RADIO_GROUP:
            chosen = self._chosen(field, value)
            selected = self._values.selected(field, chosen, forced=self._forced)
            shown["value"] = selected[0] if selected else None
        elif kind in SELECTS or kind == Kind.CHECKBOX_GROUP:
            chosen = self._chosen(field, value)
            shown["values"] = self._values.selected(field, chosen, forced=self._forced)
        return shown

    def _text(self, field: Json, label: str, value: object) -> str:
        text = str(field.get("value") or "") if value is None else str(value)
        if self._forced:
            return text
        if not text:
            if field.get("required") is False:
                return text
            raise Impossible(f"“{label}” must be filled in.")
        least, most = field.get("min_length") or 0, field.get("max_length") or 4000
        if not least <= len(text) <= most:
            has = len(text)
            raise Impossible(f"“{label}” is {least} to {most} characters long; this has {has}.")
        return text

    def _files(self, field: Json, label: str, value: object) -> list[str]:
        files = [] if value is None else uploads(value)
        required = field.get("required") is not False
        least = field.get("min_values")
        least = (1 if least is None else least) if required or files else 0
        most = field.get("max_values") or 1
        if not least <= len(files) <= most and not self._forced:
            raise Impossible(f"“{label}” takes {least} to {most} files, not {len(files)}.")
        return [self._values.file(file) for file in files]

    def _chosen(self, field: Json, value: object) -> list[Any]:
        if value is None:
            defaults = [o["value"] for o in objects(field.get("options")) if o.get("default")]
            return defaults + [d["id"] for d in objects(field.get("default_values"))]
        many = as_list(value)
        return [value] if many is None else many
