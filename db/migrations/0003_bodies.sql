-- Finding passages. Row ids are shard_no << 44 | chapter_id, so that one range keeps servers
-- apart and another keeps to one work.

-- Positions are kept, for phrases; sizes are not, since nothing here is ranked by bm25.
CREATE VIRTUAL TABLE search_bodies USING fts5 (
    words, content = '', detail = full, columnsize = 0, tokenize = 'ascii'
);

-- What stands in that index, with a checksum of its words: a contentless index deletes by being
-- told again exactly what it holds.
CREATE TABLE search_body_rows (
    docid INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL
) STRICT;

INSERT OR REPLACE INTO meta VALUES ('stale: bodies', '');
