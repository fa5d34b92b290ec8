"""Files into works: decoding, zones, chapters and scenes, fandoms, excerpts; in a worker process.

kinds packages pages books archives       which format; zips, pages and e-books opened safely
formats                                   a reader for each archive's and program's files
files plain interchange source            readers by format; texts; `.jsonl`; what readers give
decoding paragraphs signs zones headers   bytes into text, text into what each stretch is
gazetteer language                        whose story it is, and in what language
worker child outcomes pool                the processes in which all of this runs
"""

from db.ingest.gazetteer import Gazetteer, load_shipped
from db.ingest.interchange import LineError, ParsedLine, parse_line, parse_lines, write_line
from db.ingest.outcomes import LineOutcome
from db.ingest.pool import IngestPool
from db.ingest.reading import Reading
from db.ingest.worker import IngestWorker

__all__ = [
    "Gazetteer",
    "IngestPool",
    "IngestWorker",
    "LineError",
    "LineOutcome",
    "ParsedLine",
    "Reading",
    "load_shipped",
    "parse_line",
    "parse_lines",
    "write_line",
]
