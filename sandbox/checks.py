"""The small checks that every book of limits is made of; they speak Discord's error language."""

from collections.abc import Collection
from urllib.parse import urlsplit

from sandbox.errors import FieldError
from sandbox.wire import Json, as_int, as_list

Path = tuple[str | int, ...]


class Findings:
    """Collects the errors of one body."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, path: Path, code: str, message: str) -> None:
        """Note an error."""
        self.errors.append(FieldError(path, code, message))

    def required(self, path: Path) -> None:
        """Note a missing field."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def text(
        self,
        holder: Json,
        key: str,
        at: Path,
        longest: int,
        *,
        shortest: int = 0,
        required: bool = False,
    ) -> str | None:
        """Check a string field's type and length in characters; gives it back when it is one."""
        value = holder.get(key)
        path = (*at, key)
        if value is None:
            if required:
                self.required(path)
            return None
        if not isinstance(value, str):
            self.add(path, "BASE_TYPE_STRING", "Must be a string.")
            return None
        if shortest and not shortest <= len(value) <= longest:
            self.bad_length(path, shortest, longest)
        elif len(value) > longest:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
        return value

    def bad_length(self, path: Path, shortest: int, longest: int) -> None:
        """Note a length out of bounds."""
        message = f"Must be between {shortest} and {longest} in length."
        self.add(path, "BASE_TYPE_BAD_LENGTH", message)

    def number(self, holder: Json, key: str, at: Path, least: int, most: int) -> int | None:
        """Check an optional integer field's type and bounds; gives it back when it is one."""
        value = holder.get(key)
        if value is None:
            return None
        number = as_int(value)
        if number is None:
            self.add((*at, key), "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif number < least:
            message = f"int value should be greater than or equal to {least}."
            self.add((*at, key), "NUMBER_TYPE_MIN", message)
        elif number > most:
            message = f"int value should be less than or equal to {most}."
            self.add((*at, key), "NUMBER_TYPE_MAX", message)
        return number

    def items(self, holder: Json, key: str, at: Path, most: int, *, least: int = 0) -> list[object]:
        """Check a list field's type and length; gives back its items."""
        value = holder.get(key)
        path = (*at, key)
        if value is None:
            if least:
                self.required(path)
            return []
        found = as_list(value)
        if found is None:
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if least and not least <= len(found) <= most:
            self.bad_length(path, least, most)
        elif len(found) > most:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        return found

    def choice(self, value: object, path: Path, allowed: Collection[int]) -> bool:
        """Check that the value is one of these."""
        if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return True
        options = tuple(sorted(allowed))
        if value is None:
            self.required(path)
        else:
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {options}.")
        return False

    def url(self, value: str, path: Path, schemes: tuple[str, ...], longest: int) -> None:
        """Check a web address."""
        if len(value) > longest:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")
        try:
            parts = urlsplit(value)
        except ValueError:
            self.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
            return
        if parts.scheme.lower() not in schemes:
            message = (
                f'Scheme "{parts.scheme}" is not supported. Scheme must be one of {schemes}.'
                if parts.scheme
                else "Not a well formed URL."
            )
            code = "URL_TYPE_INVALID_SCHEME" if parts.scheme else "URL_TYPE_INVALID_URL"
            self.add(path, code, message)
        elif not parts.netloc or any(character.isspace() for character in value):
            self.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")

    def not_an_object(self, path: Path) -> None:
        """Note a value that ought to have been an object."""
        self.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
