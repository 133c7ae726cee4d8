"""Run: do what a hint points at."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, assert_never, cast

from windrow.engine.bear import bear
from windrow.engine.children import is_unwanted, look_at_parent, stop_children, tend
from windrow.engine.choose import choose
from windrow.engine.claim import SECOND_LOOK, claim, cut_off, ends_at, is_early, is_free
from windrow.engine.clear import clear
from windrow.engine.context import Context
from windrow.engine.definition import Definition, MapDefinition, Outcome
from windrow.engine.each import do_each, settle_each
from windrow.engine.engine import Engine
from windrow.engine.expand import Start, chunk_items, expand, resume
from windrow.engine.gather import gather_group, gather_task
from windrow.engine.make import make
from windrow.engine.modes import PAUSED, is_held, modes
from windrow.engine.payloads import params_of
from windrow.engine.plan import keep
from windrow.engine.progress import told
from windrow.engine.reopen import reopen
from windrow.engine.send import send_for_its_time
from windrow.engine.settle import end, fail
from windrow.engine.tried import settling_interruptions, tried
from windrow.engine.wake import wake
from windrow.errors import Fenced, ObjectChanged
from windrow.model.payload import result_text
from windrow.model.records import Chunk, Failure, Group, Task
from windrow.model.ref import Ref, ScheduleRef
from windrow.model.states import Phase, State
from windrow.model.trace import tracing
from windrow.queue.hint import Later

# The index shows what was queued within about a second: where a hint finds nothing to start, it
# looks once more before it is taken for a spare one.
LOOKS_AGAIN = Later(SECOND_LOOK, receives=2)


def run(
    engine: Engine, ref: Ref | ScheduleRef, until: datetime, pool: str | None = None
) -> Later | None:
    """Do whatever the record of a hint needs now; `until` is when the platform ends this attempt.

    A task's hint may start another task of `pool`, that of the queue it came from: choose.py says
    which. A hint that is late, doubled or of a record that is over costs a look or two. What
    raises here, AWS itself or an unknown task, leaves the hint to be delivered again. Of a paused
    pool nothing is started: its hint is to come back later.
    """
    if isinstance(ref, ScheduleRef):
        # Only where it is needed: what reads a time zone costs a cold start.
        from windrow.engine.look import look

        look(engine, ref)
        return None
    record = engine.records.read(ref)
    try:
        match record:
            case None:
                engine.telemetry.event("hint.unknown", **ref.ids)
                if pool is not None and ref.group is None:
                    return _run_best(engine, None, pool, until)
            case Task() | Chunk() if is_held(engine, record):
                engine.telemetry.event("hint.held", **ref.ids, pool=record.pool)
                return PAUSED
            case Task():
                return _run_task(engine, record, until, pool or record.pool)
            case Chunk():
                _run_chunk(engine, record, until)
                gather_group(engine, ref.own_group)
            case Group():
                gather_group(engine, ref)
            case _:
                assert_never(record)
    except Fenced as fenced:
        engine.telemetry.event(
            "attempt.fenced", tenant=ref.tenant, task=fenced.ref, attempt=fenced.attempt
        )
    return None


def _run_task(engine: Engine, task: Task, until: datetime, pool: str) -> Later | None:
    if task.state is State.RUNNING and task.phase is Phase.CHUNKS:
        gather_task(engine, task.ref)
        # Another task's hint may have planned this map, and waits for this one's in exchange.
        _run_best(engine, task, pool, until)
        return None
    if task.state is State.RUNNING and task.phase is Phase.CHILDREN:
        tend(engine, task, until)
        # Another task's hint may have started this one, and waits for this one's in exchange.
        _run_best(engine, task, pool, until)
        return None
    if task.cancel_requested and task.children and not task.state.is_over:
        stop_children(engine, task, until)
    if task.state.is_over:
        # Its attempt may have been cut off before it looked.
        look_at_parent(engine, task)
    if _is_sent_on(engine, task):
        return None
    # An unknown task raises and is left unclaimed: a newer worker may know it.
    definition = engine.registry.get(task.name)
    if definition.limit and not is_free(task, engine.clock.now()):
        # Two slots that were freed at once may have woken one task twice.
        wake(engine, definition.name)
    return _run_best(engine, task, pool, until)


def _is_sent_on(engine: Engine, record: Task | Chunk) -> bool:
    """Send the hint of a record on whose time has not come; False when it has."""
    if not is_early(record, engine.clock.now()):
        return False
    send_for_its_time(engine, record)
    return True


def _run_best(engine: Engine, own: Task | None, pool: str, until: datetime) -> Later | None:
    """Run what the hint of `own` is to start; a hint that finds nothing is to look again."""
    if modes(engine).of(pool).paused:
        return None
    claimed = choose(engine, own, pool, until)
    if claimed is None:
        engine.telemetry.event("hint.spare", pool=pool)
        return LOOKS_AGAIN
    until = cut_off(claimed)
    with tracing(claimed.trace), settling_interruptions(engine, claimed):
        # Asked again now that it is claimed: what runs was claimed before any request to stop.
        if is_unwanted(engine, claimed):
            end(engine, claimed, State.CANCELLED)
        else:
            _run_phase(engine, claimed, until)
    look_at_parent(engine, claimed)
    return None


def _run_phase(engine: Engine, claimed: Task, until: datetime) -> None:
    match claimed.phase:
        case None:
            _run_plain(engine, claimed, until)
        case Phase.PLAN:
            _run_plan(engine, claimed, until)
        case Phase.FINISH:
            _run_finish(engine, claimed, until)
        case Phase.MAKE:
            again = make(engine, claimed, until)
            if again is not None:
                _run_plain(engine, again, until)
        case Phase.CHUNKS | Phase.CHILDREN:
            raise AssertionError("what waits for its parts has no lease, so it cannot be claimed")
        case _:
            assert_never(claimed.phase)


def _run_plain(engine: Engine, task: Task, until: datetime) -> None:
    definition = engine.registry.get(task.name)
    context = engine.context(task, task, until)
    context.running.bear = partial(bear, engine, context.running)
    action = partial(_called, definition, context, params_of(engine, task))
    done = tried(engine, definition, context, action, result_text)
    if done is not None:
        running = context.running
        end(engine, told(running), State.SUCCEEDED, result=done.value, before=running.record)


def _run_plan(engine: Engine, task: Task, until: datetime) -> None:
    if task.has_remains:
        cleared = clear(engine, task, until)
        if cleared is None:
            return
        task = cleared
    if task.items is not None:
        if task.round == 0 or reopen(engine, task, until):
            resumed, start = resume(engine, task)
            _expand(engine, task, resumed, start, until)
        return
    definition = engine.registry.map(task.name)
    context = engine.context(task, task, until)
    encode = partial(keep, engine, task, definition.chunk_size, until)
    action = partial(_called, definition, context, params_of(engine, task))
    done = tried(engine, definition, context, action, encode)
    if done is not None:
        began = replace(done.value.task, chunks_began=engine.clock.now())
        planned = engine.records.write(task, began)
        _expand(engine, planned, planned, Start(whole=done.value.whole), until)


def _expand(engine: Engine, before: Task, task: Task, start: Start, until: datetime) -> None:
    # What interrupts this is counted from the crashes that are left, also where nobody knows
    # whether they were written so.
    with settling_interruptions(engine, task, before):
        if task != before:
            engine.records.write(before, task)
        expand(engine, task, until, start)


def _run_finish(engine: Engine, task: Task, until: datetime) -> None:
    definition = engine.registry.map(task.name)
    context = engine.context(task, task, until)
    function = definition.finish_function or _no_finish
    outcome = Outcome.of(task.progress)
    action = partial(function, context, outcome)
    done = tried(engine, definition, context, action, result_text)
    if done is not None:
        end(engine, context.running.record, State.SUCCEEDED, result=done.value)


def _run_chunk(engine: Engine, chunk: Chunk, until: datetime) -> None:
    task = engine.records.task(chunk.ref.parent)
    if task is None or task.state.is_over or task.cancel_requested or chunk.state.is_over:
        # An attempt that is running may still succeed.
        if not chunk.state.is_over and is_free(chunk, engine.clock.now()):
            end(engine, chunk, State.CANCELLED)
        _pass_on(engine, task)
        return
    if _is_sent_on(engine, chunk):
        return
    definition = engine.registry.map(task.name)
    until = ends_at(engine, definition, chunk, until)
    claimed = claim(engine, chunk, until, definition.slots)
    if claimed is None:
        return
    with tracing(task.trace), settling_interruptions(engine, claimed):
        items = _items(engine, task, claimed)
        context = engine.context(task, claimed, until)
        if definition.item_function is not None:
            action = partial(do_each, engine, definition, context, claimed, items)
            done = tried(engine, definition, context, action, _as_it_is)
            if done is not None:
                settle_each(engine, cast(Chunk, context.running.record), done.value)
            return
        action = partial(_do, definition, context, items)
        if tried(engine, definition, context, action, _nothing):
            end(engine, context.running.record, State.SUCCEEDED)


def _pass_on(engine: Engine, task: Task | None) -> None:
    """A slot was free when this hint was sent; another one that waits for it may have it."""
    if task is not None and task.name in engine.registry:
        definition = engine.registry.get(task.name)
        if definition.limit:
            wake(engine, definition.name)


def _items(engine: Engine, task: Task, chunk: Chunk) -> list[Any]:
    """A chunk's items. Where they are not what was planned, there is no going on for the map."""
    try:
        return chunk_items(engine, task, chunk)
    except ObjectChanged as error:
        with suppress(Fenced):
            fail(engine, task, Failure.of(error))
        raise


def _called(definition: Definition, context: Context, params: dict[str, Any]) -> Any:
    """Call the author's function with the stored params, which may not fit it any more."""
    return definition(*definition.arguments(context, params))


def _do(definition: MapDefinition, context: Context, items: list[Any]) -> Any:
    if definition.chunk_function is None:
        raise AssertionError("the registry refuses a map without a chunk function")
    return definition.chunk_function(context, items)


def _nothing(_value: Any) -> None:
    """What a chunk returns is not kept."""


def _as_it_is(value: Any) -> Any:
    return value


def _no_finish(_context: Any, _outcome: Outcome) -> None:
    return None
