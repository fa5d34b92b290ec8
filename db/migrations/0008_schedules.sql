-- Several recommendations a server, each with its own days, filters and queue: a weekly one
-- beside the daily one. What a server had becomes its schedule "daily".

CREATE TABLE schedules (
    -- AUTOINCREMENT: history and nonces name schedules that may be gone.
    schedule_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL, -- folded by search.normalise
    channel_id INTEGER NOT NULL,
    local_time TEXT NOT NULL, -- HH:MM
    time_zone TEXT NOT NULL, -- IANA
    weekdays TEXT NOT NULL, -- digits, Monday is 0
    role_id INTEGER, -- pinged with the post
    thread INTEGER NOT NULL DEFAULT 0 CHECK (thread IN (0, 1)), -- opened under each post
    fandom TEXT,
    rating TEXT, -- nothing that is rated higher
    status TEXT,
    low_words INTEGER,
    high_words INTEGER,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
    pause_reason TEXT,
    failures INTEGER NOT NULL DEFAULT 0, -- in a row
    set_by INTEGER,
    -- Posts are due for hours after this moment only: setting up at ten does not post nine's.
    set_at TEXT NOT NULL,
    UNIQUE (guild_id, name_key)
) STRICT;

INSERT INTO schedules (guild_id, name, name_key, channel_id, local_time, time_zone, weekdays,
    role_id, fandom, state, pause_reason, failures, set_by, set_at)
SELECT guild_id, 'daily', 'daily', channel_id, local_time, time_zone, '0123456',
    role_id, fandom, state, pause_reason, failures, set_by, set_at
FROM daily_schedules ORDER BY guild_id;

-- Works that moderators put in order; they go before any choice of the bot's.
CREATE TABLE daily_queues (
    schedule_id INTEGER NOT NULL REFERENCES schedules ON DELETE CASCADE,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    position INTEGER NOT NULL,
    added_by INTEGER,
    added_at TEXT NOT NULL,
    PRIMARY KEY (schedule_id, work_id)
) STRICT, WITHOUT ROWID;

INSERT INTO daily_queues
SELECT schedule_id, work_id, position, added_by, added_at
FROM daily_queue JOIN schedules USING (guild_id);

-- Works that moderators passed over: not for a while, unless nothing else is left.
CREATE TABLE daily_skips (
    guild_id INTEGER NOT NULL REFERENCES guilds,
    work_id INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
    by_user INTEGER,
    at TEXT NOT NULL,
    PRIMARY KEY (guild_id, work_id)
) STRICT, WITHOUT ROWID;

-- One row a schedule and local date: first the choice that is to come ('pending'), then the post,
-- then history. Written before sending; a row that stands at 'sending' after a crash was perhaps
-- sent: its nonce, then the channel's history, tell.
CREATE TABLE new_outbox (
    outbox_id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL REFERENCES guilds,
    schedule_id INTEGER NOT NULL, -- no foreign key: history outlives the schedule
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
    thread TEXT CHECK (thread IN ('wanted', 'made', 'failed')), -- NULL: none is wanted
    UNIQUE (schedule_id, local_date)
) STRICT;

INSERT INTO new_outbox
SELECT outbox_id, outbox.guild_id, ifnull(schedule_id, 0), local_date, outbox.channel_id, work_id,
    excerpt_id, nonce, outbox.state, attempts, reason, created_at, first_attempt_at, settled_at,
    message_id, NULL
FROM outbox LEFT JOIN schedules USING (guild_id);

DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX outbox_unsettled ON outbox (state, guild_id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_by_work ON outbox (guild_id, work_id);
CREATE INDEX outbox_by_date ON outbox (guild_id, local_date);
CREATE INDEX outbox_threads ON outbox (thread) WHERE thread = 'wanted';

DROP TABLE daily_queue;
DROP TABLE daily_schedules;
