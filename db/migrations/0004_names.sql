-- Words of names, so that `fandom:bebop` and a half-typed name find theirs without reading all.
-- `kind` is a tag's kind, or "author" or "series"; `name_id` its tag_id, author_id or series_id.
CREATE TABLE search_names (
    guild_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    word TEXT NOT NULL, -- folded by search.normalise
    name_id INTEGER NOT NULL,
    PRIMARY KEY (guild_id, kind, word, name_id)
) STRICT, WITHOUT ROWID;

INSERT OR REPLACE INTO meta (key, value) VALUES ('stale: names', '');
