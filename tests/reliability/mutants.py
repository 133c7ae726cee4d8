"""Mutants: the engine with one condition, one part of the fence or one step of recovery taken out.

Each is a patch of the real code in this process. What the proof is worth shows in what it says of
them: whoever adds a condition to the engine adds the mutant that lacks it.

Parts of the fence overlap: without the attempt alone, or the phase alone, no two versions look the
same, and there is nothing to catch. So the attempt goes together with the owner here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from windrow.engine import claim, gather, run, settle
from windrow.engine.engine import Engine
from windrow.errors import Fenced
from windrow.model.records import Chunk, Group, Task
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.fence import FENCE
from windrow.store.locks import Locks
from windrow.store.records import Records
from windrow.store.steps import Steps
from windrow.store.tasks import Tasks

type Patch = Callable[[], AbstractContextManager[object]]
type Parameters = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """What is taken out, how, and the lives that should show it, in the order they are lived.

    `storm` is the seed of a random run that shows what no short life does.
    """

    name: str
    patch: Patch
    lives: tuple[str, ...]
    storm: int | None = None


def _replaced(*names: str, by: Any) -> Patch:
    """Put something else in the place of what these modules call."""

    @contextmanager
    def patched() -> Iterator[None]:
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(patch(name, by))
            yield

    return patched


def _method(owner: type, name: str, by: Any) -> Patch:
    return lambda: patch.object(owner, name, by)


def _without_fence(*parts: str) -> Patch:
    left = tuple(name for name in FENCE if name not in parts)
    return _replaced("windrow.store.fence.FENCE", by=left)


def _owned_with(**changes: Callable[[Engine], Any]) -> Patch:
    """A claim that writes something else than it should."""
    whole = claim._owned

    def owned(engine: Engine, record: Any, *rest: Any) -> Any:
        made = {name: change(engine) for name, change in changes.items()}
        return replace(whole(engine, record, *rest), **made)

    return _replaced("windrow.engine.claim._owned", by=owned)


def _is_free_although_leased(record: Task | Chunk, _now: object) -> bool:
    return record.state is State.QUEUED or record.lease is not None


def _always_fenced(_records: Records, after: Any, _item: object) -> None:
    raise Fenced(str(after.ref), 0)


def _put_without_condition(*kinds: type) -> Patch:
    whole = Records.put

    def put(records: Records, record: Any, **options: Any) -> Parameters:
        made = whole(records, record, **options)
        if isinstance(record, kinds):
            made = {name: made[name] for name in ("TableName", "Item")}
        return made

    return _method(Records, "put", put)


def _lock_of_a_live_holder(locks: Locks, task: Task, unique: str) -> Parameters:
    anyhow = "attribute_not_exists(#PK) OR attribute_exists(#PK)"
    return locks._hold(task, unique, anyhow, {})


def _stale_chunks() -> AbstractContextManager[object]:
    whole = Records._of

    def of(records: Records, partition: str, prefix: str) -> Parameters:
        return {**whole(records, partition, prefix), "ConsistentRead": False}

    return patch.object(Records, "_of", of)


def _gather_first() -> AbstractContextManager[object]:
    whole = run._run_chunk

    def run_chunk(engine: Engine, chunk: Chunk, until: Any) -> None:
        gather.gather_group(engine, chunk.ref.own_group)
        whole(engine, chunk, until)

    stack = ExitStack()
    stack.enter_context(patch("windrow.engine.run._run_chunk", run_chunk))
    stack.enter_context(patch("windrow.engine.run.gather_group", _nothing))
    return stack


def _some_have_ended(_group: Group, chunks: list[Chunk], **_options: Any) -> bool:
    return all(chunk.state.is_over for chunk in chunks)


def _uncounted_failures() -> AbstractContextManager[object]:
    whole = settle._requeue

    def requeue(engine: Engine, before: Any, record: Any, delay: Any) -> None:
        whole(engine, before, replace(record, failures=before.failures), delay)

    return patch("windrow.engine.settle._requeue", requeue)


def _mark_without(part: int) -> AbstractContextManager[object]:
    """A transaction of a step without its marker (-2) or the check of its fence (-1)."""

    def mark(steps: Steps, record: Any, name: str, memo: str, writes: Any = ()) -> None:
        parts = [
            *map(dict, writes),
            {"Put": steps._marker(record, name, memo)},
            {"ConditionCheck": steps.records.check(record)},
        ]
        del parts[part]
        reasons = steps.transactions.write(parts)
        if part == -2 and reasons:
            raise Fenced(str(record.ref), record.attempt)

    return patch.object(Steps, "mark", mark)


def _unreleased(tasks: Tasks, before: Task, after: Task) -> Task:
    return tasks.records.write(before, after)


def _unsent(_engine: Engine, _pool: str, _refs: list[Ref], **_options: Any) -> list[Ref]:
    return []


def _nothing(*_args: Any, **_options: Any) -> None:
    return None


def _never(*_args: Any, **_options: Any) -> bool:
    return False


def _always(*_args: Any, **_options: Any) -> bool:
    return True


def _none_unfenced(*_args: Any) -> Iterator[str]:
    return iter(())


def _fails_for_good(engine: Engine, record: Any, _failure: object) -> None:
    settle.end(engine, record, State.SUCCEEDED)


MUTANTS = (
    Mutant("no fence at all", _without_fence(*FENCE), ("plain", "map")),
    Mutant(
        "a fence without the state",
        _without_fence("state"),
        ("plain", "cancelled while it waits", "map"),
    ),
    Mutant(
        "a fence without attempt and owner",
        _without_fence("attempt", "owner"),
        ("slow, hints doubled",),
        storm=0,
    ),
    Mutant("a fence without the owner", _without_fence("owner"), ("slow, hints doubled",)),
    Mutant("a fence without closed", _without_fence("closed"), ("map", "map of groups")),
    Mutant(
        "whose answer was lost takes itself for overtaken",
        _method(Records, "unless_written", _always_fenced),
        ("plain",),
    ),
    Mutant(
        "whoever was overtaken takes itself for the winner",
        _method(Records, "unless_written", _nothing),
        ("slow, hints doubled",),
    ),
    Mutant(
        "a live lease is taken over",
        _replaced(
            "windrow.engine.claim.is_free",
            "windrow.engine.choose.is_free",
            by=_is_free_although_leased,
        ),
        ("plain", "slow", "map"),
    ),
    Mutant("a claim takes no lease", _owned_with(lease=lambda _engine: None), ("plain",)),
    Mutant(
        "a claim sets when the record expires",
        _owned_with(expires=lambda engine: engine.clock.now()),
        ("plain",),
    ),
    Mutant(
        "a claim keeps the attempt's number",
        _owned_with(attempt=lambda _engine: 1),
        ("retried", "plain"),
    ),
    Mutant(
        "a step writes only what it saw change",
        _replaced("windrow.store.records.unfenced", by=_none_unfenced),
        ("stumbling", "continued"),
        storm=29,
    ),
    Mutant(
        "a submission sends no hint",
        _replaced("windrow.engine.submit.send_for_its_time", by=_nothing),
        ("plain",),
    ),
    Mutant(
        "a retry sends no hint",
        _replaced("windrow.engine.settle.send_for_its_time", by=_nothing),
        ("retried",),
    ),
    Mutant(
        "the sweeper sends no hint", _replaced("windrow.engine.sweep.send", by=_unsent), ("plain",)
    ),
    Mutant(
        "the sweeper moves no due time",
        _replaced("windrow.engine.sweep._postpone", by=_nothing),
        ("no worker",),
    ),
    Mutant(
        "the sweeper gives nothing up",
        _replaced("windrow.engine.sweep._give_up", by=_nothing),
        ("too late",),
    ),
    Mutant(
        "deaths have no budget",
        _replaced(
            "windrow.engine.claim.CRASH_BUDGET", "windrow.engine.settle.CRASH_BUDGET", by=1000
        ),
        ("deadly",),
    ),
    Mutant("failures are not counted", _uncounted_failures, ("given up",)),
    Mutant(
        "a task that has failed succeeds",
        _replaced("windrow.engine.settle.fail", by=_fails_for_good),
        ("given up",),
    ),
    Mutant(
        "an attempt starts before its time",
        _replaced("windrow.engine.claim.is_early", "windrow.engine.run.is_early", by=_never),
        ("retried, hints doubled", "delayed"),
    ),
    Mutant(
        "a request to cancel is overlooked",
        _replaced("windrow.store.records.yields_to_cancel", by=_never),
        ("cancelled while it runs", "cancelled retry", "cancelled map"),
    ),
    Mutant(
        "a submission writes over what is there",
        _put_without_condition(Task),
        ("one key twice", "plain"),
    ),
    Mutant(
        "an expansion writes over what is there",
        _put_without_condition(Group, Chunk),
        ("map", "map of groups"),
    ),
    Mutant(
        "the lock of a live holder is taken",
        _method(Locks, "take", _lock_of_a_live_holder),
        ("unique map twice",),
    ),
    Mutant(
        "an end leaves its lock", _method(Tasks, "end", _unreleased), ("map", "unique map twice")
    ),
    Mutant(
        "a group closes early", _replaced("windrow.engine.gather._have_ended", by=_always), ("map",)
    ),
    Mutant(
        "a group does not count its chunks",
        _replaced("windrow.engine.gather._have_ended", by=_some_have_ended),
        ("map", "map of groups"),
    ),
    Mutant("a map is gathered before its chunk is stored", _gather_first, ("map",)),
    Mutant("a map is gathered from stale reads", _stale_chunks, ("map, read late", "map")),
    Mutant("a step has no marker", lambda: _mark_without(-2), ("counted", "continued")),
    Mutant("a step does not hold the fence", lambda: _mark_without(-1), ("continued", "counted")),
)
BY_NAME: Mapping[str, Mutant] = {mutant.name: mutant for mutant in MUTANTS}
