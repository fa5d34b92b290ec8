"""Requests and responses against Discord's own machine-readable description (OpenAPI 3.1)."""

import importlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.wire import Json, as_list, as_object, objects

_NULL = {"type": "null"}
_WORDS = 300
"""Characters of one complaint that are kept."""


@cache
def schema_at(path: Path) -> "Schema":
    """The description in this file, read once in a process."""
    return Schema(path)


class Schema:
    """Validators made once for each route, out of the description at `path`.

    Needs the package jsonschema, which only tests install.
    """

    def __init__(self, path: Path) -> None:
        spec: Json = json.loads(path.read_text(encoding="utf-8"))
        self._paths: Json = spec["paths"]
        self._components: Json = spec["components"]
        _simplify(self._components)
        self._validators: dict[tuple[str, str, str], Any] = {}
        self._kinds: dict[str, frozenset[int]] = {}
        jsonschema: Any = importlib.import_module("jsonschema")
        base = jsonschema.Draft202012Validator
        self._plain_one_of = base.VALIDATORS["oneOf"]
        self._plain_any_of = base.VALIDATORS["anyOf"]
        self._class: Any = jsonschema.validators.extend(
            base, {"oneOf": self._one_of, "anyOf": self._any_of}
        )

    def request(self, method: str, template: str, body: object) -> list[str]:
        """What is wrong with a request body; nothing for a route without a described body."""
        return self._complaints((method, template, "request"), _forgiven(body))

    def response(self, method: str, template: str, status: int, body: object) -> list[str]:
        """What is wrong with a response body."""
        return self._complaints((method, template, str(status)), body)

    def _complaints(self, key: tuple[str, str, str], body: object) -> list[str]:
        if key not in self._validators:
            self._validators[key] = self._validator(*key)
        validator = self._validators[key]
        if validator is None:
            return []
        return [
            f"{'.'.join(map(str, error.absolute_path)) or '(body)'}: {error.message[:_WORDS]}"
            for error in validator.iter_errors(body)
        ]

    def _validator(self, method: str, template: str, part: str) -> Any:
        operation = as_object(self._paths.get(template, {}).get(method.lower()))
        if operation is None:
            return None
        holder = operation.get("requestBody" if part == "request" else "responses", {})
        if part != "request":
            holder = holder.get(part, {})
        media = (as_object(holder.get("content")) or {}).get("application/json")
        if media is None:
            return None
        return self._class({**media["schema"], "components": self._components})

    def _kinds_of(self, branch: Json) -> frozenset[int]:
        """The values of `type` that a branch of a union is for; empty when it does not say."""
        reference = str(branch.get("$ref", ""))
        if reference not in self._kinds:
            target = self._components["schemas"].get(reference.rpartition("/")[2], {})
            kind = (as_object(target.get("properties")) or {}).get("type", {})
            self._kinds[reference] = frozenset(as_list(kind.get("enum")) or ())
        return self._kinds[reference]

    def _branch(self, branches: list[Json], instance: object) -> Json | None:
        """The branch that the instance chooses: by being null or not, or by its `type`.

        Trying every branch of a union of components costs time, and hides the real complaint.
        """
        if len(branches) == 2 and branches[0] == _NULL:
            return branches[0 if instance is None else 1]
        kind = (as_object(instance) or {}).get("type")
        if not isinstance(kind, int):
            return None
        fitting = [branch for branch in branches if kind in self._kinds_of(branch)]
        return fitting[0] if len(fitting) == 1 else None

    def _one_of(
        self, validator: Any, branches: list[Json], instance: object, schema: Json
    ) -> Iterator[Any]:
        branch = self._branch(branches, instance)
        if branch is not None:
            yield from validator.descend(instance, branch)
        else:
            yield from self._plain_one_of(validator, branches, instance, schema) or ()

    def _any_of(
        self, validator: Any, branches: list[Json], instance: object, schema: Json
    ) -> Iterator[Any]:
        branch = self._branch(branches, instance)
        if branch is not None:
            yield from validator.descend(instance, branch)
        else:
            yield from self._plain_any_of(validator, branches, instance, schema) or ()


def _simplify(node: object) -> None:
    """Write lists of constants as enums, in place, and drop what an enum beside it says already:
    the same rules, and the validator is through with them several times as fast."""
    for child in as_list(node) or []:
        _simplify(child)
    schema = as_object(node) or {}
    for child in schema.values():
        _simplify(child)
    if "enum" in schema:
        schema.pop("allOf", None)
    constants = [branch.get("const", _NULL) for branch in objects(schema.get("oneOf"))]
    if constants and _NULL not in constants:
        del schema["oneOf"]
        schema["enum"] = constants


def _forgiven(body: object) -> object:
    """The body with what Discord takes although its description does not: numbers as the ids of
    attachments and of who is mentioned, permissions as a string of digits."""
    if (many := as_list(body)) is not None:
        return [_forgiven(item) for item in many]
    if (one := as_object(body)) is None:
        return body
    copy = dict(one)
    if "data" in copy:
        copy["data"] = _forgiven(copy["data"])
    if isinstance(copy.get("attachments"), list):
        copy["attachments"] = [
            {**item, "id": str(item["id"])} if "id" in item else item
            for item in objects(copy["attachments"])
        ]
    if (mentions := as_object(copy.get("allowed_mentions"))) is not None:
        copy["allowed_mentions"] = {
            key: [str(one) for one in many] if key in ("roles", "users") and many else many
            for key, many in ((key, as_list(value) or value) for key, value in mentions.items())
        }
    permissions = copy.get("default_member_permissions")
    if isinstance(permissions, str) and permissions.isdigit():
        copy["default_member_permissions"] = int(permissions)
    return copy
