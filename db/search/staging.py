"""Bulk inserts into tables that are sorted by a hash.

What so many works are made into is freed as it goes, and holds no circles: looking for them all
the same takes a twelfth of the time, so Python's collector rests meanwhile.

A temporary table of the same name stands before the real one, so that what is inserted is only
appended; at the end all of it goes into the real table in its order, page after page.
"""

import gc
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager


@contextmanager
def staging(conn: sqlite3.Connection, tables: Sequence[str], is_worth_it: bool) -> Generator[None]:
    """Hold inserts into those tables back until the end; nothing may be read from them or
    deleted meanwhile. Within the caller's transaction.
    """
    if not is_worth_it:
        yield
        return
    for table in tables:
        # SQLite finds a temporary table before one of the file.
        conn.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} WHERE 0")
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        for table in tables:
            columns = ", ".join(
                row[0] for row in conn.execute("SELECT name FROM pragma_table_info(?)", (table,))
            )
            conn.execute(f"INSERT INTO main.{table} SELECT * FROM temp.{table} ORDER BY {columns}")
    finally:
        if collects:
            gc.enable()
        if conn.in_transaction:
            for table in tables:
                conn.execute(f"DROP TABLE IF EXISTS temp.{table}")
