-- Finding works. Row ids of the indexes are shard_no << 44 | popularity bucket << 36 | work_id,
-- so that one range keeps servers apart and the likely works come first.

-- What was indexed of each work, normalised: ranking reads it, and unindexing needs it exactly.
CREATE TABLE search_docs (
    docid INTEGER PRIMARY KEY,
    work_id INTEGER NOT NULL UNIQUE,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,    -- names parted by newlines, as in the columns below
    characters TEXT NOT NULL,
    fandoms TEXT NOT NULL,
    relationships TEXT NOT NULL,
    tags TEXT NOT NULL,
    nicknames TEXT NOT NULL,
    series TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE search_titles USING fts5 (
    words, content = '', detail = none, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
CREATE VIRTUAL TABLE search_fields USING fts5 (
    words, content = '', detail = none, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);

-- Each server's own words: a correction must never show another server's.
CREATE TABLE search_words (
    word_id INTEGER PRIMARY KEY,
    shard_no INTEGER NOT NULL,
    word TEXT NOT NULL,
    works INTEGER NOT NULL,
    titles INTEGER NOT NULL,
    UNIQUE (shard_no, word)
) STRICT;

-- Hashes of each word with up to two letters deleted from its first seven.
CREATE TABLE search_deletes (
    hash INTEGER NOT NULL,
    word_id INTEGER NOT NULL,
    PRIMARY KEY (hash, word_id)
) STRICT, WITHOUT ROWID;

-- Hashes of whole titles, for finding one at once.
CREATE TABLE search_keys (
    hash INTEGER NOT NULL,
    docid INTEGER NOT NULL,
    PRIMARY KEY (hash, docid)
) STRICT, WITHOUT ROWID;
