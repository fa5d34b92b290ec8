"""Finding works.

normalise                    one folding for works and queries
language restrictions values the query language, read without a library
names binding                what its names mean in this one
documents index              from the library's tables into the index, and out again
staging rebuild              very many works at once; an index made anew after an upgrade
spelling readings candidates known words for what was typed; readings of a query, in stages
ranking filters              how well a work answers; what may be shown
run results engine           one search for words; orders, counts and facets; a search whole
complete offers              suggestions while typing; the names among them
bodies                       the index of the stories themselves, for quotes
"""

from db.search.complete import complete
from db.search.engine import search
from db.search.filters import condition
from db.search.index import index_works, unindex_works
from db.search.normalise import normalise
from db.search.results import Ranked
from db.search.values import read_word_range

__all__ = [
    "Ranked",
    "complete",
    "condition",
    "index_works",
    "normalise",
    "read_word_range",
    "search",
    "unindex_works",
]
