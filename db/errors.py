"""What can go wrong in the library, each with the sentence a person reads."""


class LibraryError(Exception):
    """The base of every error that the library raises on purpose.

    `str(error)` is a sentence for a member or the owner: what happened and what to do. It
    holds no secret and no traceback, but may hold text from a work: escape it before showing.
    """

    @property
    def sentence(self) -> str:
        """The sentence a person reads."""
        return str(self)


class NotFound(LibraryError):
    """Nothing of that id in this server's library; the same for ids of other servers."""


class Conflict(LibraryError):
    """The thing is there, but not in a state that allows what was asked."""


class Refused(LibraryError):
    """The library does not take this on purpose: consent, tombstones, rules of the server."""


class BadInput(LibraryError):
    """What was given cannot be understood; the sentence names the field."""


class UnreadableFile(LibraryError):
    """A file that ingest cannot or will not read; nothing of it was stored."""


class LibraryUnusable(LibraryError):
    """The library file cannot be opened as it is (missing folder, junk, newer schema, locked).

    The command line answers with exit code 78 and leaves the file as it was.
    """


class LibraryDamaged(LibraryUnusable):
    """The file is damaged in a place that was found only while it was in use."""

    def __init__(self) -> None:
        super().__init__(
            "The library's file is damaged where that is kept. Other things may go on; ask the "
            "bot's owner to run check, and to restore a backup."
        )


class StorageFull(LibraryError):
    """The disk is full or read-only: nothing was written; reading goes on."""
