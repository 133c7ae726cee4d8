"""Results, for those who ask: the value itself, or a link to it, as long as it is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from windrow.clock import Clock
from windrow.errors import NotFound, ResultExpired
from windrow.model.records import Failure
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.bucket import Bucket
from windrow.store.records import Records

# A link is read at once; who comes later asks for another one.
LINK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Result:
    """How a task stands, and what it came to.

    text     the result as JSON, when it is small; None while there is none
    url      where to read a large one, without credentials, for an hour
    expires  when the result is gone
    error    why it failed, or what its best-effort finish failed with
    """

    state: State
    text: str | None = None
    url: str | None = None
    expires: datetime | None = None
    error: Failure | None = None

    @property
    def why(self) -> str | None:
        """The error in one sentence."""
        return f"{self.error.kind}: {self.error.message}" if self.error else None


@dataclass(frozen=True, slots=True)
class Results:
    """Results by their task; strongly consistent."""

    records: Records
    bucket: Bucket
    clock: Clock

    def of(self, ref: Ref) -> Result:
        """The result of a task, or how it stands while there is none.

        Raises NotFound when there is no such task any more, ResultExpired when there is, but its
        result's time is over: TTL and the bucket's rules may be late by days, this is not.
        """
        now = self.clock.now()
        task = self.records.task(ref)
        if task is None or task.has_expired(now):
            raise NotFound(ref.task)
        if task.result_expires is None:
            return Result(task.state, error=task.error if task.state.is_over else None)
        if task.result_expires <= now:
            raise ResultExpired(ref.task, task.result_expires)
        url = None
        if task.result_object is not None:
            url = self.bucket.url(task.result_object, min(LINK, task.result_expires - now))
        return Result(task.state, task.result, url, task.result_expires, task.error)
