"""Files into works: decoding, zones, chapters and scenes, fandoms, excerpts; in a worker process.

decoding paragraphs signs zones headers   bytes into text, text into what each stretch is
gazetteer language                        whose story it is, and in what language
plain files interchange                   readers: text and Markdown, by format, `.jsonl`
worker child outcomes                     the process in which all of this runs
"""

from db.ingest.gazetteer import Gazetteer, load_shipped
from db.ingest.interchange import LineError, ParsedLine, parse_line, parse_lines, write_line
from db.ingest.outcomes import LineOutcome
from db.ingest.reading import Reading
from db.ingest.worker import IngestWorker

__all__ = [
    "Gazetteer",
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
