"""Finding works: normalising, spelling, candidates in stages, ranking, filters."""

from db.search.complete import complete
from db.search.documents import index_works, unindex_works
from db.search.engine import Ranked, search
from db.search.normalise import normalise

__all__ = ["Ranked", "complete", "index_works", "normalise", "search", "unindex_works"]
