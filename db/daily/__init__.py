"""Recommendations: one a day, and others a server wants, each made once and only once.

models      schedules, posts, and what a post shows
slots       when a post is due: pure
rotation    which of several works is best: pure
schedules   what moderators set, and pausing it
choosing    which works fit, and the choice among them
wishes      what moderators queued, passed over and vetoed
outbox      posts, written down before they are sent
desk        all of it, as the library's callers see it
"""
