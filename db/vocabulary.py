"""What else people call AO3's ratings, warnings, categories, statuses and languages.

Keys are case-folded. A text's header and a member's query are read by the same words.
"""

from typing import Final

from db.models import ArchiveWarning, Category, Rating, Status

# Other archives' ratings: MPAA's as used on LiveJournal, and FanFiction.net's.
RATINGS: Final = {
    "general audiences": Rating.GENERAL, "general": Rating.GENERAL, "g": Rating.GENERAL,
    "k": Rating.GENERAL, "all ages": Rating.GENERAL, "everyone": Rating.GENERAL,
    "teen and up audiences": Rating.TEEN, "teen and up": Rating.TEEN, "teen": Rating.TEEN,
    "pg": Rating.TEEN, "pg-13": Rating.TEEN, "pg13": Rating.TEEN, "k+": Rating.TEEN,
    "t": Rating.TEEN,
    "mature": Rating.MATURE, "m": Rating.MATURE, "r": Rating.MATURE,
    "explicit": Rating.EXPLICIT, "e": Rating.EXPLICIT, "nc-17": Rating.EXPLICIT,
    "nc17": Rating.EXPLICIT, "ma": Rating.EXPLICIT, "adult": Rating.EXPLICIT,
    "not rated": Rating.NOT_RATED, "unrated": Rating.NOT_RATED, "none": Rating.NOT_RATED,
}  # fmt: skip
WARNINGS: Final = {warning.value.casefold(): warning for warning in ArchiveWarning} | {
    "none": ArchiveWarning.NONE_APPLY,
    "no warnings": ArchiveWarning.NONE_APPLY,
    "no warnings apply": ArchiveWarning.NONE_APPLY,
    "character death": ArchiveWarning.MAJOR_DEATH,
    "death": ArchiveWarning.MAJOR_DEATH,
    "graphic violence": ArchiveWarning.VIOLENCE,
    "violence": ArchiveWarning.VIOLENCE,
    "rape": ArchiveWarning.NON_CON,
    "non-con": ArchiveWarning.NON_CON,
    "noncon": ArchiveWarning.NON_CON,
    "rape/non-con": ArchiveWarning.NON_CON,
    "underage": ArchiveWarning.UNDERAGE,
    "author chose not to warn": ArchiveWarning.CHOSE_NOT_TO_WARN,
    "choose not to warn": ArchiveWarning.CHOSE_NOT_TO_WARN,
    "chose not to warn": ArchiveWarning.CHOSE_NOT_TO_WARN,
}
CATEGORIES: Final = {category.value.casefold(): category for category in Category} | {
    "het": Category.FM, "m/f": Category.FM, "slash": Category.MM, "femslash": Category.FF,
    "femmeslash": Category.FF, "general": Category.GEN,
}  # fmt: skip
STATUSES: Final = {
    "complete": Status.COMPLETE, "completed": Status.COMPLETE, "finished": Status.COMPLETE,
    "in progress": Status.IN_PROGRESS, "in-progress": Status.IN_PROGRESS,
    "wip": Status.IN_PROGRESS, "work in progress": Status.IN_PROGRESS,
    "incomplete": Status.IN_PROGRESS, "ongoing": Status.IN_PROGRESS,
}  # fmt: skip
# As AO3 and FanFiction.net write them.
LANGUAGES: Final = {
    "english": "en", "français": "fr", "french": "fr", "deutsch": "de", "german": "de",
    "español": "es", "spanish": "es", "italiano": "it", "italian": "it", "português": "pt",
    "portuguese": "pt", "português brasileiro": "pt-BR", "português europeu": "pt-PT",
    "nederlands": "nl", "dutch": "nl", "polski": "pl", "polish": "pl", "русский": "ru",
    "russian": "ru", "українська": "uk", "magyar": "hu", "hungarian": "hu", "čeština": "cs",
    "suomi": "fi", "finnish": "fi", "svenska": "sv", "swedish": "sv", "dansk": "da",
    "norsk": "no", "türkçe": "tr", "tiếng việt": "vi", "bahasa indonesia": "id", "中文": "zh",
    "中文-普通话 國語": "zh", "chinese": "zh", "日本語": "ja", "japanese": "ja", "한국어": "ko",
    "latina": "la", "esperanto": "eo",
}  # fmt: skip

# The first of a language's names is its own, which AO3 shows.
_OWN_NAMES: Final = {code: name for name, code in reversed(LANGUAGES.items())}


def language_name(code: str) -> str:
    """A language as AO3 shows it, "Français" for "fr"; the code where that is not known."""
    return _OWN_NAMES[code].capitalize() if code in _OWN_NAMES else code
