-- Row ids of the indexes become shard_no << 44 | popularity bucket << 36 | work_id << 1 | adult:
-- what every search must know of a work, its index already tells. Both indexes are filled anew.
DELETE FROM search_docs;
DROP TABLE search_titles;
DROP TABLE search_fields;
DROP TABLE search_trigrams;
DELETE FROM search_grams;
DELETE FROM search_sizes;
DELETE FROM search_words;
DELETE FROM search_deletes;
DELETE FROM search_keys;
DELETE FROM search_fandoms;

CREATE VIRTUAL TABLE search_titles USING fts5 (
    words, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE search_fields USING fts5 (
    words, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE search_trigrams USING fts5 (
    grams, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '_'"
);

INSERT OR REPLACE INTO meta (key, value) VALUES ('stale: works', '');

-- The newest first; what else a filter asks of a work stands in works_for_filters.
DROP INDEX works_by_added;
CREATE INDEX works_by_added ON works (guild_id, state, added_at, work_id);

-- Whether a server has authors who want no part in it is asked by every search.
CREATE INDEX authors_excluded ON authors (guild_id, author_id) WHERE consent = 'excluded';
