"""What authors allow, as SQL conditions on `works AS w`."""

# True of works (AS w) whose passages may be shown at all.
QUOTABLE = (
    "w.text_access != 'metadata' AND NOT EXISTS (SELECT 1 FROM work_authors AS x JOIN authors "
    "USING (author_id) WHERE x.work_id = w.work_id AND consent IN ('metadata only', 'excluded'))"
)

# False of the works of authors who want no part in this: they are in no answer.
WELCOME = (
    "NOT EXISTS (SELECT 1 FROM work_authors AS x JOIN authors AS a USING (author_id) "
    "WHERE x.work_id = w.work_id AND a.consent = 'excluded')"
)
