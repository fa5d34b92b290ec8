"""Little words, which tell nothing of a work."""

# Little words that queries have and titles have not, or the other way round.
STOP_WORDS = frozenset(
    "a an and at by for from in is it of on or s the to with".split()  # noqa: SIM905 (reads better)
)
