"""Finding works.

normalise            one folding for works and queries
documents index      from the library's tables into the index, and out again
spelling candidates  known words for what was typed; readings of a query, stage by stage
ranking filters      how well a work answers; what may be shown
engine results       a search from end to end; its order, counts and facets
complete             suggestions while typing
"""

from db.search.complete import complete
from db.search.engine import search
from db.search.index import index_works, unindex_works
from db.search.normalise import normalise
from db.search.results import Ranked

__all__ = ["Ranked", "complete", "index_works", "normalise", "search", "unindex_works"]
