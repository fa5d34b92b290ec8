-- Finding works. Row ids of the indexes are shard_no << 44 | popularity bucket << 36 | work_id,
-- so that one range keeps servers apart and the likely works come first.

-- What was indexed of each work, normalised: ranking reads it, and unindexing needs it exactly.
CREATE TABLE search_docs (
    docid INTEGER PRIMARY KEY,
    work_id INTEGER NOT NULL UNIQUE,
    title TEXT NOT NULL,      -- or the opening words of a work without one
    authors TEXT NOT NULL,    -- names parted by newlines, as in the columns below
    characters TEXT NOT NULL,
    fandoms TEXT NOT NULL,
    relationships TEXT NOT NULL,
    tags TEXT NOT NULL,
    nicknames TEXT NOT NULL,
    series TEXT NOT NULL
) STRICT;

-- Words are normalised before they come here, so that the tokenizer has only to part them.
-- No positions and no sizes: ranking reads search_docs instead, and the indexes stay small.
CREATE VIRTUAL TABLE search_titles USING fts5 (
    words, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE search_fields USING fts5 (
    words, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
);
-- Titles by every three letters, "_" for the space between words: for what is past correcting.
CREATE VIRTUAL TABLE search_trigrams USING fts5 (
    grams, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '_'"
);
-- How many titles hold each, so that a search can begin with the rare ones.
CREATE TABLE search_grams (
    shard_no INTEGER NOT NULL,
    gram TEXT NOT NULL,
    works INTEGER NOT NULL,
    PRIMARY KEY (shard_no, gram)
) STRICT, WITHOUT ROWID;

-- How many works of each server are indexed; counting them would cost more than a search.
CREATE TABLE search_sizes (
    shard_no INTEGER PRIMARY KEY,
    works INTEGER NOT NULL
) STRICT;

-- Each server's own words: a correction must never show another server's.
CREATE TABLE search_words (
    shard_no INTEGER NOT NULL,
    word TEXT NOT NULL,
    works INTEGER NOT NULL,
    titles INTEGER NOT NULL,
    PRIMARY KEY (shard_no, word)
) STRICT, WITHOUT ROWID;

-- Hashes of each word with up to two letters deleted from its first seven. The word itself
-- stands here rather than its number: a correction then reads this one table.
CREATE TABLE search_deletes (
    shard_no INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (shard_no, hash, word)
) STRICT, WITHOUT ROWID;

-- Hashes of titles, their words in alphabetical order: finds a title of common words at once.
CREATE TABLE search_keys (
    hash INTEGER NOT NULL,
    docid INTEGER NOT NULL,
    PRIMARY KEY (hash, docid)
) STRICT, WITHOUT ROWID;

-- Each work's canonical fandoms: for facets, and for taking turns between fandoms.
CREATE TABLE search_fandoms (
    work_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    shard_no INTEGER NOT NULL,
    tag_id INTEGER NOT NULL,
    PRIMARY KEY (work_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_fandoms_by_tag ON search_fandoms (shard_no, tag_id, work_id);

-- A work's row is long; what filters ask of it stands here side by side.
CREATE INDEX works_for_filters ON works (work_id, guild_id, state, rating, status, words);
CREATE INDEX works_by_added ON works (guild_id, state, added_at, work_id, rating, status, words);
