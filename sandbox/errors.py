"""Discord's refusals, in Discord's shape."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sandbox.wire import Json


class Refusal(Enum):
    """HTTP status, Discord's error code and its message."""

    UNAUTHORIZED = (401, 0, "401: Unauthorized")
    NOT_FOUND = (404, 0, "404: Not Found")
    METHOD_NOT_ALLOWED = (405, 0, "405: Method Not Allowed")
    BAD_REQUEST = (400, 0, "400: Bad Request")
    INTERNAL = (500, 0, "500: Internal Server Error")
    UNKNOWN_APPLICATION = (404, 10002, "Unknown Application")
    UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
    UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
    UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
    UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
    UNKNOWN_USER = (404, 10013, "Unknown User")
    UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
    UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
    UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
    TOO_MANY_COMMANDS = (400, 30032, "Maximum number of application commands reached (100)")
    TOO_MANY_CREATES = (
        400,
        30034,
        "Max number of daily application command creates has been reached (200)",
    )
    TOO_LARGE = (413, 40005, "Request entity too large")
    ALREADY_ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
    MISSING_ACCESS = (403, 50001, "Missing Access")
    NOT_THE_AUTHOR = (403, 50005, "Cannot edit a message authored by another user")
    EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
    CANNOT_MESSAGE_USER = (403, 50007, "Cannot send messages to this user")
    MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
    WRONG_CHANNEL_TYPE = (403, 50024, "Cannot execute action on this channel type")
    INVALID_WEBHOOK_TOKEN = (401, 50027, "Invalid Webhook Token")
    INVALID_FORM_BODY = (400, 50035, "Invalid Form Body")
    INVALID_JSON = (400, 50109, "The request body contains invalid JSON.")
    HAS_THREAD = (400, 160004, "A thread has already been created for this message")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; the path has names and list indexes, as Discord gives it."""

    path: tuple[str | int, ...]
    code: str
    message: str

    def within(self, *parents: str | int) -> "FieldError":
        """The same error, seen from an enclosing object."""
        return FieldError((*parents, *self.path), self.code, self.message)

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or '(body)'}: {self.message} [{self.code}]"


class ApiError(Exception):
    """A refusal on its way to the bot. `kind` says which book of rules it comes from.

    Kinds: "limit" (a body beyond Discord's limits), "refused" (state or permissions),
    "route" (no such route), "rate" (429).
    """

    def __init__(
        self,
        refusal: Refusal,
        *,
        errors: Iterable[FieldError] = (),
        kind: str = "refused",
        detail: str | None = None,
    ) -> None:
        self.status, self.code, self.message = refusal.value
        self.errors = tuple(errors)
        self.kind = kind
        self.detail = detail
        super().__init__(self.reason)

    @property
    def reason(self) -> str:
        """One line for the list of violations."""
        parts = [self.message, *(str(error) for error in self.errors)]
        if self.detail:
            parts.append(self.detail)
        return "; ".join(parts)

    def body(self) -> Json:
        """The JSON that Discord answers with; field errors are nested along their paths."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors:
            root: Json = {}
            for error in self.errors:
                node = root
                for step in error.path:
                    node = node.setdefault(str(step), {})
                node.setdefault("_errors", []).append(
                    {"code": error.code, "message": error.message}
                )
            body["errors"] = root
        return body


def invalid_form(errors: Iterable[FieldError]) -> ApiError:
    """The refusal of a body whose fields are wrong."""
    return ApiError(Refusal.INVALID_FORM_BODY, errors=errors, kind="limit")
