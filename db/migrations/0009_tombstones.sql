-- Tombstones tell what was erased by keyed hashes, no longer by its link, title and authors in
-- clear; and what stands in the file of those must leave it.
INSERT OR REPLACE INTO meta (key, value) VALUES ('stale: tombstones', '');
