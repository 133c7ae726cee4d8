"""A small world on which one promise at a time is broken by hand."""

from dataclasses import replace
from typing import Any

from tests.simulated.deployment import Asked, Deployment
from tests.simulated.invariants import Invariants
from tests.simulated.outside import Outside
from tests.simulated.port import Port
from tests.simulated.scenario import registry
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow.aws.dynamodb import encoded, expression
from windrow.engine.submit import Submission
from windrow.model.records import Progress, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State
from windrow.store.keys import key, slot_key


class Scene:
    """A task and a map that have ended, and a task that a worker holds."""

    def __init__(self, world: World) -> None:
        self.world = world
        outside = Outside()
        self.deployment = Deployment(world, registry(outside))
        Invariants(world, self.deployment.table, deployment=self.deployment).watch()
        self.ended = self._submitted("plain")
        self.map = self._submitted("numbers")
        outside.slow = 1
        self.running = self._submitted("plain", wait=5 * SECOND)
        self.worker = f"worker-{self.deployment.worker.invoked}"

    def write(self, actor: str, ref: Ref, **values: Any) -> None:
        """Write some attributes of a record, without any condition; None removes one."""
        self.world.acting = actor
        given = {name: value for name, value in values.items() if value is not None}
        gone = [f"#{name}" for name in values if name not in given]
        update = ("SET " + ", ".join(f"#{name} = :{name}" for name in given)) if given else ""
        update += (" REMOVE " + ", ".join(gone)) if gone else ""
        parameters = {
            "TableName": "TasksTable",
            "Key": encoded(key(ref)),
            **expression(update=update, values=given),
        }
        self.world.services.call("dynamodb", "UpdateItem", parameters)

    def delete(self, ref: Ref) -> None:
        """Delete a record."""
        parameters = {"TableName": "TasksTable", "Key": encoded(key(ref))}
        self.world.services.call("dynamodb", "DeleteItem", parameters)

    def call(self, caller: str, service: str, operation: str, **parameters: Any) -> None:
        """Let somebody make a call."""
        self.world.spawn(caller, lambda: Port(self.world).call(service, operation, parameters))
        self.world.run(SECOND)

    def create(self, ref: Ref, actor: str = "somebody", **values: Any) -> None:
        """Store a new task, as like the running one as can be."""
        self.world.acting = actor
        self.deployment.engine.records.create(replace(self.task(self.running), ref=ref, **values))

    def hold_slot(self, holder: Ref, attempt: int = 1) -> None:
        """Write who holds the first slot of the limited task."""
        held: dict[str, Any] = {"holder": key(holder)["PK"], "sort": "A", "attempt": attempt}
        parameters = {
            "TableName": "TasksTable",
            "Key": encoded(slot_key("asking", 0)),
            **expression(
                update="SET #holder = :holder, #holder_sort = :sort, #attempt = :attempt,"
                " #lease = :lease",
                values={**held, "lease": 1},
            ),
        }
        self.world.services.call("dynamodb", "UpdateItem", parameters)

    def task(self, ref: Ref) -> Task:
        """A task as it stands."""
        task = self.deployment.engine.records.task(ref)
        assert task is not None
        return task

    def tell(
        self, caller: str, key: str | None, answer: Submission | Exception, params: str = "{}"
    ) -> None:
        """Tell a client something."""
        asked = Asked(self.world.time.now, caller, "default", key, "plain", params)
        for listener in self.deployment.told:
            listener(asked, answer)

    def unfinished(self) -> Ref:
        """A map of five items in three chunks, of which the last has not ended."""
        records, ref = self.deployment.engine.records, Ref("default", "Z" + self.map.task[1:])
        due, task = self.task(self.running).due, self.task(self.map)
        task = replace(task, ref=ref, attempt=0, unique=None, due=due, expires=None)
        task = replace(task, state=State.RUNNING, phase=Phase.CHUNKS, progress=Progress(5))
        records.create(task)
        (group,) = records.groups(self.map)
        group = replace(group, ref=ref.group_at(0), is_closed=False, progress=Progress())
        records.create(replace(group, due=due, expires=None))
        for number, chunk in enumerate(records.chunks(self.map.group_at(0))):
            chunk = replace(chunk, ref=ref.chunk_at(number), attempt=0)
            if number == 2:
                chunk = replace(chunk, state=State.QUEUED, due=due, expires=None)
            records.create(chunk)
        return ref

    def _submitted(self, name: str, *, wait: int = MINUTE) -> Ref:
        self.deployment.submit(name)
        self.world.run(wait)
        return self.deployment.accepted[-1].task.ref
