"""Tasks that are made of others in simulated lives: what of, and how their ends are judged."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from tests.simulated.deployment import Deployment
from windrow.aws.dynamodb import decoded
from windrow.engine.compose import submit_chain, submit_group
from windrow.engine.system import SYSTEM
from windrow.model.children import Child
from windrow.model.draft import Draft
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT, Ref
from windrow.model.states import State

# What a parent fails with that did all it could, and whose children did not succeed.
BY_CHILDREN = ("ChildrenFailed", "StepFailed", "StepCancelled")
CALLBACK = Draft("noted")
GROUP = [Draft(name) for name in ("plain", "counted", "hopeless", "flaky", "plain")]
CHAIN = [Draft(name) for name in ("plain", "flaky", "counted")]
DOOMED = [Draft(name) for name in ("plain", "hopeless", "plain")]
WITH_A_MAP = [Draft("plain"), Draft("lines")]

LATER = [Draft(name, delay=timedelta(minutes=10)) for name in ("plain", "counted", "plain")]

COMPOSITIONS = {
    "group": partial(submit_group, drafts=GROUP, callback=CALLBACK),
    "group with a map": partial(submit_group, drafts=WITH_A_MAP, callback=CALLBACK),
    "delayed group": partial(submit_group, drafts=LATER, callback=CALLBACK),
    "group of one kind": partial(submit_group, drafts=[Draft("hopeless")] * 2, callback=CALLBACK),
    "chain": partial(submit_chain, drafts=CHAIN, callback=CALLBACK),
    "doomed chain": partial(submit_chain, drafts=DOOMED, callback=CALLBACK),
}


def compose(deployment: Deployment, name: str, tenant: str = DEFAULT_TENANT) -> None:
    """Let a client submit a group or a chain now."""
    deployment.accept(partial(COMPOSITIONS[name], tenant=tenant), name, tenant)


def of_family(deployment: Deployment, parent: Task) -> Iterator[str]:
    """What is wrong with the children, or the callback, of a parent that is over."""
    children = rows_of(deployment, parent)
    if len(children) != parent.children:
        yield f"{parent.ref} has {parent.children} children, and rows for {len(children)}"
    if parent.name == "family" and parent.state is State.SUCCEEDED and len(children) != 2:
        yield f"S18: {parent.ref} has {len(children)} children, and submits two"
    for child in children:
        record = deployment.engine.records.task(child.ref)
        if record is None:
            yield f"S16: {child.ref} of {parent.ref} is lost"
        elif (record.state, record.number) != (child.state, child.number):
            yield f"{child.ref} is {record.state}, and {child.state} to its parent"
        if _is_left_out(parent, child):
            yield f"{child.ref} did not begin again with {parent.ref}: {child.state}"
    # One that has expired is not there any more.
    if parent.name in SYSTEM and deployment.retention is None:
        yield from _of_callbacks(deployment, parent)


def _is_left_out(parent: Task, child: Child) -> bool:
    """Was it judged by what it had come to before its parent began again?

    A child that succeeded has no more to do. A parent that was to stop begins none again.
    """
    kind = parent.error.kind if parent.error else None
    is_judged = parent.state is State.SUCCEEDED or kind in BY_CHILDREN
    return is_judged and child.state is not State.SUCCEEDED and child.round != parent.round


def rows_of(deployment: Deployment, parent: Task) -> list[Child]:
    """A parent's rows as they lie in the table, whatever the engine makes of them."""
    own = f"K#{parent.ref.tenant}#{parent.ref.task}#"
    found = []
    for (partition, sort), row in deployment.table.rows.items():
        if partition.startswith(own) and sort.startswith("T#"):
            item = decoded(row.item)
            child = Child(
                parent=parent.ref,
                number=int(sort.partition("#")[2]),
                ref=Ref(parent.ref.tenant, item["task"]),
                name=item["name"],
                state=State(item["state"]),
                round=item["round"],
            )
            found.append(child)
    return sorted(found, key=lambda child: child.number)


def children_of(deployment: Deployment, parent: Task) -> list[Task]:
    """The records of all children that are there."""
    records = (deployment.engine.records.task(row.ref) for row in rows_of(deployment, parent))
    return [record for record in records if record is not None]


def callbacks(deployment: Deployment, parent: Task) -> list[Task]:
    """Every task that follows the end of a group or a chain."""
    found = []
    for (partition, sort), row in deployment.table.rows.items():
        if sort == "A" and partition.startswith("K#"):
            is_of_it = row.item.get("previous") == {"S": parent.ref.task}
            if is_of_it and "parent" not in row.item:
                record = deployment.engine.records.read(_ref(parent, partition))
                assert isinstance(record, Task)
                found.append(record)
    return found


def _ref(parent: Task, partition: str) -> Ref:
    return Ref(parent.ref.tenant, partition.split("#")[2])


def _of_callbacks(deployment: Deployment, parent: Task) -> Iterator[str]:
    found = callbacks(deployment, parent)
    # One for each time that it ended: it may have begun again.
    if len(found) != parent.round + 1:
        yield f"{parent.ref} ended {parent.round + 1} times and has {len(found)} callbacks"


def may_end_so(parent: Task, deployment: Deployment) -> bool:
    """Is this an end that a parent may have, after what became of its children?"""
    states = [child.state for child in rows_of(deployment, parent)]
    lost = sum(state is not State.SUCCEEDED for state in states)
    kind = parent.error.kind if parent.error else None
    match parent.state:
        case State.SUCCEEDED:
            return not states or lost < len(states)
        case State.CANCELLED:
            return parent.ref in deployment.to_be_cancelled
        case _ if kind == "ChildrenFailed":
            return lost == len(states) > 0
        case _ if kind in ("StepFailed", "StepCancelled"):
            return states[-1] is not State.SUCCEEDED and lost == 1
        case _:
            return kind is not None and parent.verdict is State.FAILED
