-- The library. Times are ISO 8601 in UTC, dates YYYY-MM-DD; ids of guilds and users are
-- Discord's snowflakes. Every subject is keyed by guild, so that one server's rows can never
-- answer another's question. Vocabulary columns hold the exact words of models.py.

CREATE TABLE guilds (
    guild_id INTEGER PRIMARY KEY,
    -- A small number of the library's own: the high bits of search row ids.
    shard_no INTEGER NOT NULL UNIQUE CHECK (shard_no BETWEEN 1 AND 524287),
    name TEXT,
    joined_at TEXT NOT NULL,
    left_at TEXT
) STRICT;

-- What the program itself keeps: the hash of the synced commands, the gazetteer's version.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a button stands for, where that is too long for its custom_id (100 characters).
CREATE TABLE remembered (
    token INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    user_id INTEGER NOT NULL,
    payload TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX remembered_by_age ON remembered (at);

CREATE TABLE guild_settings (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (guild_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE authors (
    author_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL, -- folded by search.normalise
    url TEXT,
    consent TEXT NOT NULL DEFAULT 'unknown'
        CHECK (consent IN ('unknown', 'open', 'metadata only', 'excluded')),
    consent_note TEXT,
    UNIQUE (guild_id, name_key)
) STRICT;

CREATE TABLE works (
    -- AUTOINCREMENT: an id in an old button must never come to mean another work.
    work_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'removed')),
    title TEXT, -- NULL: the text gives none, and none is invented
    title_key TEXT NOT NULL DEFAULT '',
    opening TEXT NOT NULL DEFAULT '',
    summary TEXT,
    notes TEXT,
    language TEXT,
    rating TEXT NOT NULL CHECK (rating IN ('General Audiences', 'Teen And Up Audiences',
        'Mature', 'Explicit', 'Not Rated')),
    status TEXT NOT NULL CHECK (status IN ('complete', 'in progress', 'unknown')),
    text_access TEXT NOT NULL CHECK (text_access IN ('full', 'excerpt', 'metadata')),
    source_url TEXT,
    source_key TEXT, -- the link normalised, for finding duplicates
    content_hash BLOB, -- of the body text, for finding the same text again
    published TEXT,
    updated TEXT,
    words INTEGER NOT NULL DEFAULT 0,
    chapter_count INTEGER NOT NULL DEFAULT 0,
    has_text INTEGER NOT NULL DEFAULT 0 CHECK (has_text IN (0, 1)),
    -- How often members open, shelve or recommend it; ranks equals in search.
    popularity INTEGER NOT NULL DEFAULT 0,
    -- What asked for this work (an interaction, a file): the same request stores it once.
    request_key TEXT,
    -- Fields that a moderator set by hand, comma-separated: a later import leaves them alone.
    edited TEXT NOT NULL DEFAULT '',
    -- A draft that is a newer copy of a published work: publishing it updates that one.
    replaces_id INTEGER REFERENCES works ON DELETE SET NULL,
    added_by INTEGER,
    added_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    removed_at TEXT,
    UNIQUE (guild_id, request_key)
) STRICT;

CREATE INDEX works_by_replaced ON works (replaces_id) WHERE replaces_id IS NOT NULL;
CREATE INDEX works_by_state ON works (guild_id, state, work_id);
CREATE INDEX works_by_source ON works (guild_id, source_key) WHERE source_key IS NOT NULL;
CREATE INDEX works_by_title ON works (guild_id, title_key) WHERE title_key != '';
CREATE INDEX works_by_content ON works (guild_id, content_hash) WHERE content_hash IS NOT NULL;

CREATE TABLE work_authors (
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    position INTEGER NOT NULL,
    author_id INTEGER NOT NULL REFERENCES authors,
    PRIMARY KEY (work_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_authors_by_author ON work_authors (author_id, work_id);

CREATE TABLE work_warnings (
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    warning TEXT NOT NULL,
    PRIMARY KEY (work_id, warning)
) STRICT, WITHOUT ROWID;

CREATE TABLE work_categories (
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    category TEXT NOT NULL,
    PRIMARY KEY (work_id, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
    series_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    UNIQUE (guild_id, name_key)
) STRICT;

CREATE TABLE work_series (
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    position INTEGER NOT NULL,
    series_id INTEGER NOT NULL REFERENCES series,
    part INTEGER,
    PRIMARY KEY (work_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_series_by_series ON work_series (series_id, work_id);

-- A tag with canonical_id is a synonym (a nickname, a spelling) of a canonical tag.
CREATE TABLE tags (
    tag_id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    kind TEXT NOT NULL CHECK (kind IN ('fandom', 'character', 'relationship', 'freeform')),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    canonical_id INTEGER REFERENCES tags,
    UNIQUE (guild_id, kind, name_key)
) STRICT;
CREATE INDEX tags_by_canonical ON tags (canonical_id) WHERE canonical_id IS NOT NULL;

CREATE TABLE tag_parents (
    tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    parent_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE,
    PRIMARY KEY (tag_id, parent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_parents_by_parent ON tag_parents (parent_id, tag_id);

CREATE TABLE work_tags (
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags,
    position INTEGER NOT NULL, -- the author's order within a kind
    PRIMARY KEY (work_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_tags_by_tag ON work_tags (tag_id, work_id);

CREATE TABLE chapters (
    chapter_id INTEGER PRIMARY KEY,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    position INTEGER NOT NULL, -- from 0
    title TEXT,
    words INTEGER NOT NULL, -- of body
    text BLOB NOT NULL, -- UTF-8, zstd level 3 (0.42 of its size; 34 µs to read back)
    UNIQUE (work_id, position)
) STRICT;

-- What each stretch of a chapter is. Offsets count characters of the chapter's text.
CREATE TABLE zones (
    chapter_id INTEGER NOT NULL REFERENCES chapters ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL CHECK (end > start),
    kind TEXT NOT NULL,
    PRIMARY KEY (chapter_id, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE scenes (
    chapter_id INTEGER NOT NULL REFERENCES chapters ON DELETE CASCADE,
    start INTEGER NOT NULL,
    PRIMARY KEY (chapter_id, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE excerpts (
    excerpt_id INTEGER PRIMARY KEY AUTOINCREMENT,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    chapter INTEGER NOT NULL, -- its position
    start INTEGER NOT NULL,
    end INTEGER NOT NULL CHECK (end > start),
    score REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'candidate' CHECK (state IN ('candidate', 'chosen', 'vetoed')),
    UNIQUE (work_id, chapter, start, end)
) STRICT;

-- Fandoms with their characters and the forms prose names them by. guild_id NULL: shipped
-- with the program; the rest grew from works that a server's moderators confirmed.
CREATE TABLE gazetteer (
    entry_id INTEGER PRIMARY KEY,
    guild_id INTEGER REFERENCES guilds,
    fandom TEXT NOT NULL,
    character TEXT, -- NULL: a term of the fandom itself
    form TEXT NOT NULL,
    weight REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX gazetteer_once
    ON gazetteer (ifnull(guild_id, 0), fandom, ifnull(character, ''), form);

-- Names that members type for something else; guild_id as above.
CREATE TABLE nicknames (
    guild_id INTEGER REFERENCES guilds,
    kind TEXT NOT NULL,
    name TEXT NOT NULL, -- the canonical tag's name
    nickname TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX nicknames_once ON nicknames (ifnull(guild_id, 0), kind, name, nickname);

-- Members. Rows exist only for those who asked for something.
CREATE TABLE mutes (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    user_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('tag', 'warning', 'rating', 'work', 'author')),
    value TEXT NOT NULL, -- an id for tag, work and author; the exact words for the others
    created_at TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id, kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE shelves (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    user_id INTEGER NOT NULL,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    shelf TEXT NOT NULL,
    note TEXT,
    added_at TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id, work_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE follows (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    user_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('author', 'fandom', 'tag', 'work')),
    value TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id, kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE recs (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    user_id INTEGER NOT NULL,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    why TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (guild_id, work_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE suggestions (
    suggestion_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    user_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('suggest', 'report')),
    work_id INTEGER REFERENCES works ON DELETE CASCADE,
    link TEXT,
    why TEXT,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'declined')),
    decided_by INTEGER,
    created_at TEXT NOT NULL,
    decided_at TEXT
) STRICT;
CREATE INDEX suggestions_open ON suggestions (guild_id, state, suggestion_id);

CREATE TABLE audit_log (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    at TEXT NOT NULL,
    actor_id INTEGER, -- NULL: the owner at the command line, or the bot itself
    action TEXT NOT NULL,
    work_id INTEGER, -- no foreign key: the log outlives the work
    title TEXT,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_by_guild ON audit_log (guild_id, audit_id);

-- What was taken out for good, so that a later import does not bring it back.
CREATE TABLE tombstones (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    kind TEXT NOT NULL CHECK (kind IN ('source', 'content', 'author', 'title')),
    value TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    PRIMARY KEY (guild_id, kind, value)
) STRICT, WITHOUT ROWID;

-- The daily post.
CREATE TABLE daily_schedules (
    guild_id INTEGER PRIMARY KEY REFERENCES guilds,
    channel_id INTEGER NOT NULL,
    local_time TEXT NOT NULL, -- HH:MM
    time_zone TEXT NOT NULL, -- IANA
    role_id INTEGER, -- pinged with the post
    fandom TEXT,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
    pause_reason TEXT,
    failures INTEGER NOT NULL DEFAULT 0, -- in a row
    set_by INTEGER,
    -- Posts are due for hours after this moment only: setting up at ten does not post nine's.
    set_at TEXT NOT NULL
) STRICT;

CREATE TABLE daily_queue (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    position INTEGER NOT NULL,
    added_by INTEGER,
    added_at TEXT NOT NULL,
    PRIMARY KEY (guild_id, work_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE daily_vetoes (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    by_user INTEGER,
    at TEXT NOT NULL,
    PRIMARY KEY (guild_id, work_id)
) STRICT, WITHOUT ROWID;

-- One row a local date, written before sending: the post and its history. A row that stands
-- at 'sending' after a crash was perhaps sent: its nonce, then the channel's history, tell.
CREATE TABLE outbox (
    outbox_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    local_date TEXT NOT NULL,
    channel_id INTEGER NOT NULL,
    work_id INTEGER, -- no foreign key: history outlives the work
    excerpt_id INTEGER,
    nonce TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'skipped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    created_at TEXT NOT NULL,
    first_attempt_at TEXT,
    settled_at TEXT,
    message_id INTEGER,
    UNIQUE (guild_id, local_date)
) STRICT;
CREATE INDEX outbox_unsettled ON outbox (state, guild_id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_by_work ON outbox (guild_id, work_id);
