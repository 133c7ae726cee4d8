"""Everybody but the workers: who submits, cancels or tries again; the sweeper; time; the queue."""

from collections.abc import Iterator

from tests.reliability.model.explore import Move
from tests.reliability.model.task import (
    ABOUT,
    ABSENT,
    ANSWERED,
    AWAY,
    CANCELLED,
    FAILED,
    GONE,
    LEAVES,
    LIVE,
    NONE,
    OUT,
    PUTS,
    QUEUED,
    REFUSED,
    RUNNING,
    SENDS_FIRST,
    Process,
    TaskRules,
    TaskState,
)
from tests.reliability.model.worker import MOST_HINTS

type Moves = Iterator[Move[TaskState]]


def moves(model: TaskRules, state: TaskState) -> Moves:
    """Everything that may happen beside the workers."""
    yield from _submits(state)
    if state.record.state == ABSENT:
        return
    if model.without != "sweeper":
        yield from _sweeps(model, state)
    if model.is_cancelled:
        yield from _cancels(model, state)
    yield from _tries_again(model, state)
    yield from _passes(model, state)
    yield from _arrives(model, state)
    yield from _is_surprised(state)


def _submits(state: TaskState) -> Moves:
    """submit.submit: the record first, then its hint, then the answer; it may die in between."""
    match state.submitter:
        case s if s == PUTS:
            stored = state._replace(
                record=state.record._replace(state=QUEUED), submitter=SENDS_FIRST
            )
            yield "the task is stored", stored, True
            if state.deaths:
                # Tasks.begin owns up to what is stored, so a lost answer is no other case.
                yield "the submitter dies", _dead(state), False
        case s if s == SENDS_FIRST:
            yield "its hint is sent", _hinted(state)._replace(submitter=ANSWERED), True
            if state.deaths:
                yield "its hint is not sent", _dead(state), False


def _dead(state: TaskState) -> TaskState:
    stands = REFUSED if state.record.state == ABSENT else ANSWERED
    return state._replace(submitter=stands, deaths=state.deaths - 1)


def _sweeps(model: TaskRules, state: TaskState) -> Moves:
    """sweep.sweep: what is due is read again, then hinted at, left to its lease, or given up.

    It may come at any moment: `due` is lazy, and its index is late. That it moves `due` on is no
    step here, because no other write looks at that.
    """
    stands, seen = state.sweeper
    away = state._replace(sweeper=Process())
    if stands == ABOUT:
        after = seen._replace(state=CANCELLED if seen.is_cancel_asked else FAILED, lease=NONE)
        if model.without == "changes" and seen.lease == LIVE:
            after = seen
        yield "the sweeper writes", model.written(away, seen, after) or away, True
        if state.deaths:
            yield "the sweeper dies", away._replace(deaths=state.deaths - 1), False
        return
    record = state.record
    if record.is_over:
        return
    about = state._replace(sweeper=Process(ABOUT, record))
    if record.lease == LIVE:
        if model.without == "changes":
            yield "the sweeper reads, to postpone it", about, True
    elif state.is_late or record.is_cancel_asked:
        yield "the sweeper reads, to end it", about, True
    else:
        yield "the sweeper sends a hint", _hinted(state), True


def _cancels(model: TaskRules, state: TaskState) -> Moves:
    """cancel.cancel: one item decides. Queued: over now. Running: a request on the record."""
    stands, seen = state.canceller
    over = state._replace(canceller=Process(LEAVES))
    if stands == LEAVES:
        return
    if stands == AWAY:
        yield "a canceller reads", state._replace(canceller=Process(ABOUT, state.record)), False
        return
    if seen.state == QUEUED:
        after, label = seen._replace(state=CANCELLED), "it is cancelled"
    elif seen.state == RUNNING:
        after, label = seen._replace(is_cancel_asked=True), "it is asked to be cancelled"
    else:
        yield "the canceller comes too late", over, False
        return
    done = model.written(over._replace(was_cancelled=True), seen, after)
    again = state._replace(canceller=Process(AWAY))
    yield label if done else "the canceller is refused, and reads again", done or again, False


def _tries_again(model: TaskRules, state: TaskState) -> Moves:
    """retry_again: an explicit new round for what failed or was cancelled; the attempt counts on.

    A request to cancel the last round is past with it.
    """
    record = state.record
    if record.state not in (FAILED, CANCELLED) or state.rounds >= model.retries:
        return
    queued = record._replace(
        state=QUEUED, failures=0, crashes=0, is_cancel_asked=False, is_early=False
    )
    anew = state._replace(record=queued, rounds=state.rounds + 1, is_late=False)
    yield "a person tries it again", _hinted(anew._replace(was_cancelled=False)), False


def _passes(model: TaskRules, state: TaskState) -> Moves:
    """Time: a wait ends, a lease or the deadline runs out, what is over expires."""
    record = state.record
    if record.is_early and record.state == QUEUED:
        yield "its time comes", state._replace(record=record._replace(is_early=False)), True
    if record.lease == LIVE:
        out = state._replace(record=record._replace(lease=OUT))
        if not _is_held(state):
            yield "its lease runs out", out, True
        elif state.surprises:
            # The platform kills a worker before its lease ends, unless clocks differ.
            yield "its lease runs out under a zombie", _less(out), False
    if state.surprises and not state.is_late and not record.is_over:
        yield "its deadline passes", _less(state._replace(is_late=True)), False
    if record.state != GONE and (record.is_over or model.without == "expiry"):
        gone = record._replace(state=GONE, lease=NONE)
        yield "it expires", state._replace(record=gone, has_marker=False), False


def _is_held(state: TaskState) -> bool:
    owner = state.record.owner
    return any(
        number + 1 == owner and process.seen.attempt == state.record.attempt
        for number, process in enumerate(state.workers)
        if process.stands != AWAY
    )


def _arrives(model: TaskRules, state: TaskState) -> Moves:
    """A write whose sender is long dead reaches the table."""
    if state.late is None:
        return
    seen, after = state.late
    landed = state._replace(late=None)
    is_claim = after.state == RUNNING
    done = model.written(landed, seen, after, is_guarded=is_claim)
    yield "a late write arrives", done or landed, True


def _is_surprised(state: TaskState) -> Moves:
    """SQS: a hint may be delivered twice, and lost."""
    if not state.surprises:
        return
    if 0 < state.hints < MOST_HINTS:
        yield "a hint is doubled", _less(state._replace(hints=state.hints + 1)), False
    if state.hints:
        yield "a hint is lost", _less(state._replace(hints=state.hints - 1)), False


def _hinted(state: TaskState) -> TaskState:
    return state._replace(hints=min(state.hints + 1, MOST_HINTS))


def _less(state: TaskState) -> TaskState:
    return state._replace(surprises=state.surprises - 1)
