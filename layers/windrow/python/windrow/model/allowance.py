"""How many requests one tenant may make: the arithmetic of a token bucket, and what is said of it.

The generic cell rate algorithm keeps one number, the time at which the bucket will be full again
(https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm). Times are microseconds since 1970.
"""

from dataclasses import dataclass
from math import ceil

SECOND = 1_000_000
# The header fields of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (11).
POLICY = "default"


@dataclass(frozen=True, slots=True)
class Rule:
    """`quota` requests in each `window` of seconds; all of them at once, if nobody has asked."""

    quota: int
    window: int = 60

    @property
    def cost(self) -> int:
        """What one request adds to the time at which the bucket is full again."""
        return self.window * SECOND // self.quota

    def latest(self, now: int, count: int = 1) -> int:
        """Where that time may stand at the most for `count` more requests to be allowed."""
        return now + self.window * SECOND - self.cost * count

    @property
    def header(self) -> str:
        """The value of RateLimit-Policy."""
        return f'"{POLICY}";q={self.quota};w={self.window}'


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a tenant has left after a request: `full` is when the bucket will be full again.

    count  as how many requests it counts
    """

    rule: Rule
    is_allowed: bool
    full: int
    now: int
    count: int = 1

    @property
    def remaining(self) -> int:
        """How many requests could be made now."""
        return max(0, (self.rule.latest(self.now) - self.full) // self.rule.cost + 1)

    @property
    def retry_after(self) -> int:
        """In how many whole seconds one more such request is allowed."""
        return max(1, ceil((self.full - self.rule.latest(self.now, self.count)) / SECOND))

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit and its policy: what is left, and in how many seconds all of it is back."""
        reset = max(0, ceil((self.full - self.now) / SECOND))
        return {
            "RateLimit-Policy": self.rule.header,
            "RateLimit": f'"{POLICY}";r={self.remaining};t={reset}',
        }
