-- What texts are recognised by when only part of them is the same; see db/sketches.py. A sketch
-- is kept whole beside its work, and by its hashes to find who shares them.
CREATE TABLE sketches (
    work_id INTEGER PRIMARY KEY REFERENCES works (work_id) ON DELETE CASCADE,
    rate INTEGER NOT NULL,
    hashes BLOB NOT NULL -- 32 bits each, the lowest byte first
);
CREATE TABLE sketch_hashes (
    guild_id INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    work_id INTEGER NOT NULL REFERENCES works (work_id) ON DELETE CASCADE,
    PRIMARY KEY (guild_id, hash, work_id)
) WITHOUT ROWID;
CREATE INDEX sketch_hashes_by_work ON sketch_hashes (work_id);

-- The texts of works that were taken down, by their hashes alone: they are refused for good.
CREATE TABLE buried_sketches (
    sketch_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    rate INTEGER NOT NULL,
    hashes BLOB NOT NULL
);
CREATE TABLE buried_hashes (
    guild_id INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    sketch_id INTEGER NOT NULL REFERENCES buried_sketches (sketch_id) ON DELETE CASCADE,
    PRIMARY KEY (guild_id, hash, sketch_id)
) WITHOUT ROWID;

-- Pairs of works that share text and are no duplicates: a moderator said so. The lower id first.
CREATE TABLE different_works (
    work_id INTEGER NOT NULL REFERENCES works (work_id) ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES works (work_id) ON DELETE CASCADE,
    PRIMARY KEY (work_id, other_id)
) WITHOUT ROWID;

INSERT OR REPLACE INTO meta (key, value) VALUES ('stale: sketches', '');
