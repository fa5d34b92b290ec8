"""The library: everything that would make sense without Discord.

Callers use `Library` (library.py), the models (models.py) and the errors (errors.py).
The rest is how it works inside: connections and migrations, the SQL by subject, and the
rooms `search` (finding works) and `ingest` (files into works).
"""
