"""Webhook endpoints: who wants to be told of which tasks, and where."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from windrow.model.records import Task
from windrow.model.states import State

# A receiver that rotates its secret has this long to take the new one.
OVERLAP = timedelta(hours=24)
# A receiver that takes nothing for so long is told nothing more.
PATIENCE = timedelta(days=5)
# Whoever was not even asked for so long has not been failing all the while. A delivery that is
# tried again waits four hours at the most.
QUIET = timedelta(days=1)
ENDS = frozenset(state for state in State if state.is_over)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A receiver that a tenant has registered.

    tasks          the names of the tasks it is told of; None for all, none for those alone whose
                   submission names it
    states         how those must have ended
    salt           what its secret is made from, with the deployment's key; another after a rotation
    old_salt       the one before, which signs too until `old_until`
    failing_since  since when it has taken nothing, though it was asked at least once a day
    tried          when one that fails was asked last
    disabled       since when it is told nothing, and `reason` says why
    """

    tenant: str
    id: str
    url: str
    tasks: frozenset[str] | None = None
    states: frozenset[State] = field(default=ENDS)
    description: str | None = None
    created: datetime
    salt: str
    old_salt: str | None = None
    old_until: datetime | None = None
    failing_since: datetime | None = None
    tried: datetime | None = None
    disabled: datetime | None = None
    reason: str | None = None

    def wants(self, task: Task) -> bool:
        """Is it told of a task that has ended like this?"""
        if self.disabled is not None:
            return False
        if task.webhook == self.id:
            return True
        is_named = self.tasks is None or task.name in self.tasks
        return is_named and task.state in self.states

    def salts(self, now: datetime) -> tuple[str, ...]:
        """What signs now: the newest first."""
        if self.old_salt is None or self.old_until is None or self.old_until <= now:
            return (self.salt,)
        return (self.salt, self.old_salt)

    def failed(self, now: datetime) -> "Endpoint":
        """The same after it took nothing; `tried` is when it was asked before this time."""
        last = self.tried or self.failing_since
        if last is not None and now - last < QUIET:
            return self
        return replace(self, failing_since=now)

    def is_given_up(self, now: datetime) -> bool:
        """Has it failed for so long that nobody goes on trying?"""
        return self.failing_since is not None and now - self.failing_since >= PATIENCE
