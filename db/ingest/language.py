"""The language of a text."""

import importlib
from typing import Any

FEWEST_WORDS = 20  # under this a guess is no better than a coin
SAMPLE_CHARS = 20_000


def language_of(text: str) -> str | None:
    """Its BCP 47 code, as "en"; None for too short a text."""
    if len(text.split()) < FEWEST_WORDS:
        return None
    # Half a second and 100 MB of model: only the worker process ever loads it.
    model: Any = importlib.import_module("py3langid")
    return str(model.classify(text[:SAMPLE_CHARS])[0])
