"""What is told of a tenant's work in figures."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Analytics:
    """What became of the tasks of the last month.

    took    how long one took on average, from its first start to its end: up to 9 % beside the
            truth, for durations are counted in buckets
    queued  how many wait now, those for a later time included
    peak    the most that ran at once within the last day
    uptime  how long the deployment has been there: nothing of it runs when nothing is asked of it
    """

    succeeded: int
    failed: int
    took: timedelta
    queued: int
    peak: int
    uptime: timedelta

    @property
    def executed(self) -> int:
        return self.succeeded + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What ended lately: tasks a second within five minutes, and the failed share of an hour's."""

    per_second: float
    failed_percent: float
