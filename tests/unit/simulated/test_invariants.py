"""Each invariant finds the one write, read or answer that breaks it; a promise kept breaks none."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulated.invariants import Violation
from tests.simulated.outside import Outside
from tests.simulated.time import DAY, HOUR, MINUTE
from tests.simulated.world import World
from tests.unit.simulated.scene import Scene
from windrow.aws.dynamodb import encoded, expression
from windrow.engine.submit import Submission
from windrow.errors import KeyReused
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.keys import key, milliseconds


@pytest.fixture
def scene() -> Iterator[Scene]:
    with World(1) as world:
        yield Scene(world)


def other(ref: Ref, *, tenant: str = "default") -> Ref:
    """Another task's ref."""
    return Ref(tenant, "Z" + ref.task[1:])


def put_item(ref: Ref) -> dict[str, Any]:
    """A part of a transaction that writes to a record."""
    update = expression(update="SET #note = :note", values={"note": "x"})
    return {"Update": {"TableName": "TasksTable", "Key": encoded(key(ref)), **update}}


def hint(tenant: str) -> dict[str, Any]:
    """An entry of a batch of hints."""
    body = f'{{"v":1,"tenant":"{tenant}","task":"X"}}'
    return {"Id": "0", "MessageBody": body, "MessageGroupId": tenant}


def names_item(ref: Ref) -> dict[str, Any]:
    """The parameters that read a record."""
    return {"TableName": "TasksTable", "Key": encoded(key(ref))}


def accepted(scene: Scene, ref: Ref) -> Submission:
    """The answer to somebody whose task was accepted."""
    return Submission(replace(scene.task(scene.running), ref=ref), is_new=True)


def refused_after_writing(scene: Scene) -> None:
    scene.world.tenants["client"] = "default"
    scene.create(other(scene.running), "client")
    scene.tell("client", "key", KeyReused("key", "plain"))


def met_two_tasks(scene: Scene, key: str) -> None:
    scene.tell("one", key, accepted(scene, scene.running))
    scene.tell("two", key, accepted(scene, scene.ended))


def hold_two_uniques(scene: Scene) -> None:
    scene.create(scene.map.group_at(0).parent, unique="one")
    for letter in "XY":
        scene.create(Ref("default", letter + scene.running.task[1:]), unique="one")


def send_as_another(scene: Scene) -> None:
    entries = [hint("one"), {**hint("two"), "Id": "1"}]
    scene.world.tenants["client"] = "one"
    url = scene.deployment.queues["DefaultQueue"].url
    scene.call("client", "sqs", "SendMessageBatch", QueueUrl=url, Entries=entries)


def transact_across(scene: Scene) -> None:
    parts = [put_item(Ref("one", "A")), put_item(Ref("two", "B"))]
    scene.call("somebody", "dynamodb", "TransactWriteItems", TransactItems=parts)


def read_foreign(scene: Scene, caller: str) -> None:
    scene.world.tenants["client"] = "default"
    foreign = names_item(other(scene.running, tenant="another"))
    scene.call(caller, "dynamodb", "GetItem", **foreign)


def read_foreign_object(scene: Scene) -> None:
    path = "tasks/another/1/items-1.jsonl"
    put = {"Bucket": "windrow-bucket", "Key": path, "Body": b"x"}
    scene.world.services.call("s3", "PutObject", put)
    scene.call(scene.worker, "s3", "GetObject", Bucket="windrow-bucket", Key=path)


STARTED = {"state": "running", "attempt": 1, "ready_shard": None, "ready_at": None}

QUEUED = {"state": "queued", "lease": None, "failures": 1}

GONE = {"state": "failed", "expires": 1, "due_shard": None, "due_at": None}

BREACHES: list[tuple[str, str, Callable[[Scene], object]]] = [
    ("S1", "ended twice", lambda s: s.write("x", s.ended, state="failed")),
    ("S1", "result changed", lambda s: s.write("x", s.ended, result="2")),
    ("S1", "group opened", lambda s: s.write("x", s.map.group_at(0), closed=None)),
    ("S2", "attempt fell", lambda s: s.write("x", s.running, attempt=0)),
    ("S2", "attempt jumped", lambda s: s.write("x", s.running, attempt=3)),
    ("S3", "live lease taken", lambda s: s.write("x", s.running, attempt=2)),
    ("S3", "zombie wrote", lambda s: zombie_writes(s)),
    ("S3", "deleted and back", lambda s: resurrect(s)),
    ("S4", "an effect doubled", lambda s: double_an_effect(s)),
    ("S5", "asked under two names", lambda s: ask_under_two_names(s)),
    ("S6", "unpaid start", lambda s: take_over(s, crashes=0)),
    ("S6", "too many deaths", lambda s: s.write("x", s.running, crashes=6)),
    ("S6", "too many failures", lambda s: s.write("x", s.running, failures=10)),
    ("S7", "too early", lambda s: start_early(s)),
    ("S7", "queued again", lambda s: ask_to_cancel(s, lambda: queue_again(s))),
    ("S7", "started after that", lambda s: ask_to_cancel(s, lambda: take_over(s, crashes=1))),
    ("S7", "its chunk started", lambda s: start_chunk(s)),
    ("S7", "after its time in the queue", lambda s: start_late(s)),
    ("S8", "closed too early", lambda s: move_chunk(s, "G")),
    ("S8", "gathered too early", lambda s: move_chunk(s, "A")),
    ("S9", "progress fell", lambda s: progress(s, 2, 1)),
    ("S9", "more than there is", lambda s: progress(s, 6)),
    ("S9", "more than has ended", lambda s: progress(s, 5)),
    ("S10", "refused but written", refused_after_writing),
    ("S10", "one key, two tasks", lambda s: met_two_tasks(s, "key")),
    ("S10", "one key, two bodies", lambda s: bring_two_bodies(s)),
    ("S10", "met what had expired", lambda s: meet_expired(s)),
    ("S11", "two alive", hold_two_uniques),
    ("S12", "one fire, two tasks", lambda s: met_two_tasks(s, "schedule/nightly/2026-01-15")),
    ("S13", "over without expiry", lambda s: s.write("x", s.running, state="failed")),
    ("S13", "live with expiry", lambda s: s.write("x", s.running, expires=1)),
    ("S13", "before its map", lambda s: s.write("x", s.unfinished().chunk_at(2), **GONE)),
    ("S13", "out of nothing", lambda s: s.write("x", other(s.running), state="queued")),
    ("S14", "live and not due", lambda s: s.write("x", s.running, due_shard=None, due_at=None)),
    (
        "S14",
        "ready while running",
        lambda s: s.write("x", s.running, ready_shard="R", ready_at="1"),
    ),
    ("S15", "foreign item by a client", lambda s: read_foreign(s, "client")),
    ("S15", "foreign item by a worker", lambda s: read_foreign(s, s.worker)),
    ("S15", "foreign object", read_foreign_object),
    ("S15", "transaction across", transact_across),
    ("S15", "hint as another", send_as_another),
    ("S16", "deleted by hand", lambda s: s.delete(s.ended)),
    ("S16", "its place taken too soon", lambda s: s.write("x", s.ended, created=5)),
    ("S16", "accepted and not there", lambda s: s.tell("x", None, accepted(s, other(s.ended)))),
    ("S18", "started without a slot", lambda s: start_limited(s)),
    ("S18", "its slot is another's", lambda s: start_limited(s, slot="asking#0")),
    ("S18", "beyond the limit", lambda s: start_limited(s, slot="asking#2")),
    ("S18", "a live attempt's slot is taken", lambda s: take_slot(s)),
    ("S18", "who has ended holds it", lambda s: leave_slot(s)),
]


def take_over(scene: Scene, *, crashes: int) -> None:
    """Claim the running task after its lease has run out."""
    scene.world.time.now += 10 * MINUTE
    scene.write("another", scene.running, attempt=2, crashes=crashes)


def zombie_writes(scene: Scene) -> None:
    take_over(scene, crashes=1)
    scene.write(scene.worker, scene.running, sends=3)


def double_an_effect(scene: Scene) -> None:
    update = expression(update="ADD #count :one", values={"one": 1})
    row = encoded({"PK": "counted/1", "SK": "ROW"})
    for _ in range(2):
        parameters = {"TableName": "ApplicationTable", "Key": row, **update}
        scene.world.services.call("dynamodb", "UpdateItem", parameters)


def ask_under_two_names(scene: Scene) -> None:
    engine, outside = scene.deployment.engine, Outside()
    task = scene.task(scene.running)
    for ref in scene.running, scene.ended:
        task = replace(task, ref=ref)
        outside.ask(engine.context(task, task, task.deadline), "mail")


def ask_to_cancel(scene: Scene, then: Callable[[], None]) -> None:
    scene.write("x", scene.running, cancel_requested=1)
    then()


def queue_again(scene: Scene) -> None:
    scene.write(scene.worker, scene.running, **QUEUED)


def start_chunk(scene: Scene) -> None:
    ref = scene.unfinished()
    scene.write("x", ref, cancel_requested=1)
    scene.world.run(1)
    scene.call("worker-x", "dynamodb", "GetItem", **names_item(ref))
    scene.write("worker-x", ref.chunk_at(2), state="running", attempt=1)


def resurrect(scene: Scene) -> None:
    was = scene.task(scene.running)
    del scene.deployment.table.rows[key(was.ref)["PK"], "A"]
    scene.world.acting = scene.worker
    scene.deployment.engine.records.create(replace(was, attempt=0))


def start_early(scene: Scene) -> None:
    new, later = other(scene.running), scene.task(scene.running).created + timedelta(hours=5)
    scene.create(new, state=State.QUEUED, attempt=0, lease=None, not_before=later)
    scene.write("x", new, state="running", attempt=1)


def start_late(scene: Scene) -> None:
    new, created = other(scene.running), scene.task(scene.running).created
    late: dict[str, Any] = {"started": None, "start_by": created}
    scene.create(new, state=State.QUEUED, attempt=0, lease=None, **late)
    scene.call("worker-x", "dynamodb", "GetItem", **names_item(new))
    scene.write("worker-x", new, **STARTED)


def bring_two_bodies(scene: Scene) -> None:
    for params in "{}", '{"a": 1}':
        scene.tell("one", "key", accepted(scene, scene.running), params)


def meet_expired(scene: Scene) -> None:
    ended = scene.task(scene.ended)
    scene.tell("one", "key", Submission(replace(ended, expires=ended.created), is_new=False))


def start_limited(scene: Scene, slot: str | None = None) -> Ref:
    """Let somebody start a task of which two attempts at once may run, and look at it."""
    new = other(scene.running)
    scene.create(new, name="asking", state=State.QUEUED, attempt=0, lease=None)
    lease = milliseconds(scene.task(scene.running).deadline)
    scene.write("worker-x", new, **STARTED, slot=slot, lease=lease)
    scene.call("worker-x", "dynamodb", "GetItem", **names_item(new))
    return new


def hold_slot(scene: Scene) -> Ref:
    scene.hold_slot(other(scene.running))
    return start_limited(scene, slot="asking#0")


def take_slot(scene: Scene) -> None:
    hold_slot(scene)
    scene.hold_slot(scene.running)


def leave_slot(scene: Scene) -> None:
    ref = hold_slot(scene)
    scene.write("worker-x", ref, state="queued", lease=None, slot=None, failures=1)
    scene.call("worker-x", "dynamodb", "GetItem", **names_item(ref))


def move_chunk(scene: Scene, kind: str) -> None:
    ref = scene.unfinished()
    if kind == "G":
        gone = {"due_shard": None, "due_at": None, "expires": 4_000_000_000}
        scene.write("x", ref.group_at(0), closed=True, **gone)
    else:
        scene.write("x", ref, phase="finish")


def progress(scene: Scene, *steps: int) -> None:
    ref = scene.unfinished()
    for succeeded in steps:
        scene.write("x", ref, succeeded=succeeded, ended_items=succeeded)


@pytest.mark.parametrize(("name", "what", "breach"), BREACHES)
def test_a_breach_is_found(
    scene: Scene, name: str, what: str, breach: Callable[[Scene], object]
) -> None:
    with pytest.raises(Violation, match=f"^{name}: "):
        breach(scene)


def test_a_takeover_after_the_lease_is_paid_for_and_fine(scene: Scene) -> None:
    take_over(scene, crashes=1)


def test_a_slot_that_its_holder_has_left_is_anybodys(scene: Scene) -> None:
    ref = hold_slot(scene)
    scene.write("worker-x", ref, state="queued", lease=None, slot=None, failures=1)

    scene.hold_slot(scene.running)


def test_true_progress_is_fine(scene: Scene) -> None:
    progress(scene, 1, 2, 4)


def test_what_has_expired_may_be_deleted(scene: Scene) -> None:
    scene.world.run(HOUR)
    scene.world.time.now += 31 * DAY

    scene.world.services.dynamodb.settle()

    assert (key(scene.ended)["PK"], "A") not in scene.deployment.table.rows
