"""Discord's rate limits: a bucket for each route and channel (or webhook), and 50 requests a
second in all. They run on real time, since the clients' waits do."""

import time
from collections import deque
from hashlib import md5

GLOBAL_REQUESTS, GLOBAL_SECONDS = 50, 1.0
_ROUTES: dict[str, tuple[int, float]] = {
    "POST /channels/{channel_id}/messages": (5, 5.0),
    "PATCH /channels/{channel_id}/messages/{message_id}": (5, 5.0),
    "DELETE /channels/{channel_id}/messages/{message_id}": (5, 5.0),
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me": (4, 1.0),
}
_WEBHOOK = (5, 2.0)
_OTHERS = (50, 1.0)


class RateLimited(Exception):
    """The bucket is empty; carries the seconds to wait and the headers."""

    def __init__(self, retry_after: float, headers: dict[str, str], *, is_global: bool) -> None:
        super().__init__(f"rate limited for {retry_after:.3f} s")
        self.retry_after = retry_after
        self.headers = headers
        self.is_global = is_global


class RateLimits:
    """Counts requests and says what is left."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], tuple[int, float]] = {}
        self._recent: deque[float] = deque(maxlen=GLOBAL_REQUESTS)
        self._names: dict[str, str] = {}

    def take(self, route: str, major: str) -> dict[str, str]:
        """Count a request; the X-RateLimit headers of its answer. Raises RateLimited.

        `major` is the id that the bucket is shared by. Answers to interactions have no bucket.
        """
        if "/interactions/" in route:
            return {}
        now = time.monotonic()
        webhook = "/webhooks/" in route
        if not webhook:
            if len(self._recent) == GLOBAL_REQUESTS and now - self._recent[0] < GLOBAL_SECONDS:
                wait = GLOBAL_SECONDS - (now - self._recent[0])
                headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
                raise RateLimited(wait, headers, is_global=True)
            self._recent.append(now)
        limit, window = _WEBHOOK if webhook else _ROUTES.get(route, _OTHERS)
        if len(self._buckets) > 5000:
            self._buckets = {key: value for key, value in self._buckets.items() if value[1] > now}
        used, until = self._buckets.get((route, major), (0, 0.0))
        if until <= now:
            used, until = 0, now + window
        if route not in self._names:
            self._names[route] = md5(route.encode(), usedforsecurity=False).hexdigest()
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used - 1)),
            "X-RateLimit-Reset": f"{time.time() + until - now:.3f}",
            "X-RateLimit-Reset-After": f"{until - now:.3f}",
            "X-RateLimit-Bucket": self._names[route],
        }
        if used >= limit:
            raise RateLimited(
                until - now, {**headers, "X-RateLimit-Scope": "user"}, is_global=False
            )
        self._buckets[route, major] = (used + 1, until)
        return headers
