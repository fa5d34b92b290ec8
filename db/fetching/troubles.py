"""Why a work could not be fetched, each with the sentence that a moderator reads."""

from enum import StrEnum

_SAVE = "Download it from the site yourself, EPUB or HTML if you can choose, and add that file."


class Trouble(StrEnum):
    """A reason; the child sends its value."""

    NOT_INSTALLED = "not installed"
    UNKNOWN_SITE = "unknown site"
    NOT_A_WORK = "not a work"
    REFUSED = "refused"
    LOGIN = "log-in"
    ADULT = "adult"
    MISSING = "missing"
    ASTRAY = "astray"
    OFFLINE = "offline"
    SLOW = "slow"
    LARGE = "large"
    BROKEN = "broken"
    STOPPING = "stopping"

    def sentence(self, site: str = "This site") -> str:
        """What happened and what to do; `site` is the site's name."""
        return _SENTENCES[self].format(site=site)


_SENTENCES = {
    Trouble.NOT_INSTALLED: (
        "Fetching works by their links is switched off here; the bot's owner can switch it on "
        "with `pip install --require-hashes -r requirements-web.txt`. " + _SAVE
    ),
    Trouble.UNKNOWN_SITE: (
        "This is no plain link to a site that works are fetched from, such as AO3, SquidgeWorld, "
        "Royal Road or SpaceBattles. " + _SAVE
    ),
    Trouble.NOT_A_WORK: (
        "This link is of {site}, but not of one of its works. Send the link of the work's first "
        "page."
    ),
    Trouble.REFUSED: "{site} does not let programs fetch this work just now. " + _SAVE,
    Trouble.LOGIN: (
        "{site} shows this work only to people who are logged in or on its author's list, and "
        "the bot logs in nowhere. If its author would not mind: " + _SAVE[0].lower() + _SAVE[1:]
    ),
    Trouble.ADULT: "{site} asks for the reader's age before it shows this work. " + _SAVE,
    Trouble.MISSING: (
        "{site} has no work at this link: it may be deleted, hidden or not yet revealed. Check "
        "the link; if you can see the work, download it from the site yourself and add that file."
    ),
    Trouble.ASTRAY: (
        "{site} sent the bot on to another place, where it does not follow. " + _SAVE
    ),
    Trouble.OFFLINE: (
        "{site} cannot be reached from here just now. Try again in a while, or: "
        + _SAVE[0].lower() + _SAVE[1:]
    ),
    Trouble.SLOW: (
        "Fetching this work from {site} at a polite pace takes too long. " + _SAVE
    ),
    Trouble.LARGE: "This work is too large to be fetched from {site}. " + _SAVE,
    Trouble.BROKEN: (
        "The bot could not make out this work's pages on {site}, or not all of them. " + _SAVE
    ),
    Trouble.STOPPING: (
        "The bot is stopping, so this work was not fetched. Send its link again in a minute."
    ),
}  # fmt: skip
