"""The language of a text."""

import importlib
from typing import Any

from db.ingest.chapters import count_words

FEWEST_WORDS = 20  # under this a guess is no better than a coin
SAMPLE_CHARS = 6_000


def language_of(text: str) -> str | None:
    """Its BCP 47 code, as "en"; None for too short a text."""
    sample = text[:SAMPLE_CHARS]
    if count_words(sample) < FEWEST_WORDS:
        return None
    # Half a second and 100 MB of model: only the worker process ever loads it.
    model: Any = importlib.import_module("py3langid")
    # The model wants UTF-8, which cannot hold half a surrogate pair.
    return str(model.classify(sample.encode("utf-8", "replace").decode())[0])
