"""What a worker does with a hint of a task, call by call: engine/run.py, claim.py and settle.py."""

from collections.abc import Iterator

from tests.reliability.model.explore import Move
from tests.reliability.model.task import (
    ACKNOWLEDGES,
    AWAY,
    CANCELLED,
    FAILED,
    INTERRUPTED,
    LATE_OWNER,
    LIVE,
    LOOKED,
    NONE,
    OUT,
    QUEUED,
    READS,
    RUNNING,
    SENDS,
    SETTLES,
    STOPS,
    SUCCEEDED,
    WORKS,
    Process,
    Record,
    TaskRules,
    TaskState,
    with_worker,
)

MOST_HINTS = 2

type Moves = Iterator[Move[TaskState]]


def moves(model: TaskRules, state: TaskState, number: int) -> Moves:
    """Everything that this worker may do or suffer next."""
    process = state.workers[number]
    stands, seen = process
    match stands:
        case s if s == AWAY:
            if state.hints:
                taken = with_worker(state._replace(hints=state.hints - 1), number, Process(READS))
                yield f"worker {number} receives a hint", taken, True
            return
        case s if s == READS:
            yield f"worker {number} reads", _at(state, number, LOOKED, state.record), True
        case s if s == LOOKED:
            yield from _claims(model, state, number, seen)
        case s if s == WORKS:
            yield from _works(model, state, number, seen)
        case s if s == SETTLES:
            yield from _settles(model, state, number, seen)
        case s if s == INTERRUPTED:
            yield from _is_interrupted(model, state, number, seen)
        case s if s == STOPS:
            stopped = seen._replace(state=CANCELLED, lease=NONE)
            yield from _write(model, state, number, "settles as cancelled", seen, stopped)
        case s if s == SENDS:
            sent = _at(state, number, ACKNOWLEDGES)
            more = min(state.hints + 1, MOST_HINTS)
            yield f"worker {number} sends a hint", sent._replace(hints=more), True
            yield f"worker {number} cannot send a hint", sent, False
        case s if s == ACKNOWLEDGES:
            yield f"worker {number} acknowledges", with_worker(state, number, Process()), True
    yield from _dies(model, state, number)


def _claims(model: TaskRules, state: TaskState, number: int, seen: Record) -> Moves:
    """claim.claim: nothing to run, an end, or the attempt is ours."""
    if seen.state not in (QUEUED, RUNNING):
        yield f"worker {number} finds nothing to do", _at(state, number, ACKNOWLEDGES), True
        return
    if seen.state == QUEUED and seen.is_early and model.without != "early":
        yield f"worker {number} finds it early", _at(state, number, SENDS), True
        return
    if not _is_free(model, seen):
        yield f"worker {number} finds it taken", _at(state, number, ACKNOWLEDGES), True
        return
    ended = seen._replace(lease=NONE)
    if seen.is_cancel_asked:
        after = ended._replace(state=CANCELLED)
        yield from _write(model, state, number, "settles as cancelled", seen, after)
    elif state.is_late or (seen.state == RUNNING and seen.crashes >= model.crash_budget):
        after = ended._replace(state=FAILED)
        yield from _write(model, state, number, "gives up", seen, after)
    else:
        after = _owned(model, seen, number + 1)
        done = model.written(state, seen, after, is_guarded=model.without != "cancel")
        if done is None:
            # Refused because it was cancelled meanwhile, or because it is another's.
            was_asked = model.accepts(state.record, seen)
            to = _at(state, number, STOPS, seen) if was_asked else _at(state, number, ACKNOWLEDGES)
            yield f"worker {number} is refused", to, True
        else:
            yield f"worker {number} claims", _at(done, number, WORKS, after), True


def _may_run(model: TaskRules, state: TaskState, seen: Record) -> bool:
    """Would its next request be a claim?"""
    is_waiting = seen.state == QUEUED and not seen.is_early
    is_lost = seen.state == RUNNING and _is_free(model, seen) and seen.crashes < model.crash_budget
    return (is_waiting or is_lost) and not (seen.is_cancel_asked or state.is_late)


def _is_free(model: TaskRules, seen: Record) -> bool:
    if seen.state == QUEUED or model.without == "lease":
        return True
    return seen.lease == OUT and model.without != "takeover"


def _owned(model: TaskRules, seen: Record, owner: int) -> Record:
    """claim._owned: one attempt more, and one crash more if the last one vanished."""
    has_crashed = seen.state == RUNNING and model.without != "budget"
    return seen._replace(
        state=RUNNING,
        attempt=seen.attempt + 1,
        owner=owner,
        crashes=seen.crashes + has_crashed,
        lease=LIVE,
        is_early=False,
    )


def _works(model: TaskRules, state: TaskState, number: int, seen: Record) -> Moves:
    """The author's code: its effect in one transaction; or it raises, or asks to be continued."""
    if state.has_marker:
        yield f"worker {number} finds its effect", _at(state, number, SETTLES, seen), True
    elif _owns(state.record, seen) or model.without == "effect":
        done = state._replace(
            has_marker=model.without != "marker",
            effects=state.effects + 1,
            stale=state.stale or not _owns(state.record, seen),
        )
        yield f"worker {number} writes its effect", _at(done, number, SETTLES, seen), True
        if state.deaths:
            lost = _at(done, number, INTERRUPTED, seen)
            yield f"the answer is lost to worker {number}", _less(lost), False
    else:
        yield f"worker {number} is fenced off", _at(state, number, ACKNOWLEDGES), True
    if state.record.is_cancel_asked and _owns(state.record, seen):
        yield f"worker {number} sees the cancel", _at(state, number, STOPS, seen), False
    failures = seen.failures + 1
    if failures < model.attempts:
        after = _waiting(seen)._replace(failures=failures)
        yield from _requeue(model, state, number, "raises", seen, after, is_fair=False)
    else:
        after = seen._replace(state=FAILED, lease=NONE)
        yield from _write(model, state, number, "raises", seen, after, is_fair=False)
    if seen.cursor < model.cursors:
        after = _waiting(seen)._replace(cursor=seen.cursor + 1)
        yield from _requeue(model, state, number, "checkpoints", seen, after, is_fair=False)


def _settles(model: TaskRules, state: TaskState, number: int, seen: Record) -> Moves:
    """settle.end: and if its answer does not arrive, tried.settling_interruptions."""
    after = seen._replace(state=SUCCEEDED, lease=NONE)
    yield from _write(model, state, number, "succeeds", seen, after)
    if state.deaths:
        for done in (state, model.written(state, seen, after)):
            if done is not None:
                lost = _at(done, number, INTERRUPTED, seen)
                yield f"AWS does not answer worker {number}", _less(lost), False


def _is_interrupted(model: TaskRules, state: TaskState, number: int, seen: Record) -> Moves:
    """settle.interrupted: wait a little, or end; both fenced by the version that was claimed."""
    crashes = seen.crashes + 1
    if crashes > model.crash_budget:
        after = seen._replace(state=FAILED, lease=NONE)
        yield from _write(model, state, number, "gives up", seen, after)
    else:
        after = _waiting(seen)._replace(crashes=crashes)
        yield from _requeue(model, state, number, "waits", seen, after)


def _requeue(
    model: TaskRules,
    state: TaskState,
    number: int,
    label: str,
    seen: Record,
    after: Record,
    *,
    is_fair: bool = True,
) -> Moves:
    """settle._requeue: refused when it was cancelled meanwhile, and then settled as that."""
    label = f"worker {number} {label}"
    done = model.written(state, seen, after, is_guarded=True)
    if done is not None:
        yield label, _at(done, number, SENDS), is_fair
    elif model.accepts(state.record, seen):
        yield f"{label}: cancelled meanwhile", _at(state, number, STOPS, seen), is_fair
    else:
        yield f"{label}: fenced off", _at(state, number, ACKNOWLEDGES), is_fair


def _write(
    model: TaskRules,
    state: TaskState,
    number: int,
    label: str,
    seen: Record,
    after: Record,
    *,
    is_fair: bool = True,
) -> Moves:
    """settle.end: whoever is fenced off stops, and acknowledges the hint all the same."""
    done = model.written(state, seen, after)
    outcome = "" if done is not None else ": fenced off"
    to = _at(state if done is None else done, number, ACKNOWLEDGES)
    yield f"worker {number} {label}{outcome}", to, is_fair


def _dies(model: TaskRules, state: TaskState, number: int) -> Moves:
    """Killed anywhere: its hint comes back. Its last request may arrive long afterwards."""
    if not state.deaths:
        return
    hints = min(state.hints + 1, MOST_HINTS)
    gone = _less(with_worker(state, number, Process()))._replace(hints=hints)
    yield f"worker {number} dies", gone, False
    if not model.has_late_writes or state.late is not None:
        return
    stands, seen = state.workers[number]
    if stands == SETTLES:
        late = (seen, seen._replace(state=SUCCEEDED, lease=NONE))
    elif stands == LOOKED and _may_run(model, state, seen):
        late = (seen, _owned(model, seen, LATE_OWNER))
    else:
        return
    yield f"worker {number} dies, its request travels", gone._replace(late=late), False


def _waiting(seen: Record) -> Record:
    return seen._replace(state=QUEUED, lease=NONE, is_early=True)


def _owns(stands: Record, seen: Record) -> bool:
    """The condition that an effect's transaction puts on its task."""
    return stands.state == RUNNING and (stands.attempt, stands.owner) == (seen.attempt, seen.owner)


def _at(state: TaskState, number: int, stands: int, seen: Record | None = None) -> TaskState:
    return with_worker(state, number, Process(stands, seen or Record()))


def _less(state: TaskState) -> TaskState:
    return state._replace(deaths=state.deaths - 1)
