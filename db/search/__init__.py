"""Finding works.

normalise documents   one folding for works and queries; what is indexed of a work
spelling candidates   a server's words and their corrections; works that may be meant
ranking filters       how well each answers; what may be shown at all
engine complete       the answer with its counts; suggestions while typing
"""

from db.search.complete import complete
from db.search.documents import index_works, unindex_works
from db.search.engine import Ranked, search
from db.search.normalise import normalise

__all__ = ["Ranked", "complete", "index_works", "normalise", "search", "unindex_works"]
