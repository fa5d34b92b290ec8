-- Files that were read before, so that adding a folder again goes past them. `reader` is the
-- version of the readers that read one.
CREATE TABLE ingested_files (
    guild_id INTEGER NOT NULL,
    file_hash BLOB NOT NULL,
    reader INTEGER NOT NULL,
    work_id INTEGER NOT NULL REFERENCES works (work_id) ON DELETE CASCADE,
    PRIMARY KEY (guild_id, file_hash)
) WITHOUT ROWID;
CREATE INDEX ingested_files_by_work ON ingested_files (work_id);
