"""The polls of applications: an application says once how a route of its own is answered.

The status function and the API both serve it; no framework knows of it. No such poll waits for
news, whatever it prefers: the gateway's limit on polls that wait is for the native route alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from windrow.model.poll import Poll, asked_again
from windrow.model.records import Task
from windrow.model.ref import NAME, Ref
from windrow.model.reply import Reply
from windrow.model.tenant import tenant_of
from windrow.store.latest import Latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One poll: what it asks for, for whom, and where the answer is read.

    path      the parameters in the path: {"id": "01KF0Q5M…"} for GET /api/tasks/{id}
    query     the parameters after the question mark; doubled ones are joined by commas
    headers   their names in small letters
    context   what API Gateway says of the caller
    """

    latest: Latest
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tenant(self) -> str:
        """Whose poll it is. Raises UnknownTenant."""
        return tenant_of(self.context)

    @property
    def now(self) -> datetime:
        return self.latest.clock.now()

    def read(self, ref: Ref) -> Task | None:
        """The task as it stands, strongly consistent; None if there is none, or not any more."""
        task = self.latest.records.task(ref)
        return None if task is None or task.has_expired(self.now) else task

    def task(self, parameter: str = "id") -> Task | None:
        """The caller's task that the path names; None as `read`, and for what can be no id."""
        name = self.path[parameter]
        return self.read(Ref(self.tenant, name)) if NAME.fullmatch(name) else None

    def shown(self, task: Task, body: Mapping[str, Any]) -> Reply:
        """200 with this body of a task, or 304 where the caller has it; says when to ask again."""
        poll = replace(Poll.of(self.headers), wait=None)
        return asked_again(task, body, poll, self.now)


type Answer = Callable[[Asked], Reply]


@dataclass(frozen=True, slots=True)
class Polled:
    """How a route is answered.

    says  the member of an error's body that holds its sentence, as this route's callers know it
    """

    answer: Answer
    says: str = "error"


# "GET /path/{id}" to its answer; HEAD where it is asked for by the same path.
type Routes = Mapping[str, Polled]
