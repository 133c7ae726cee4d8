"""Progress: how far a running task is, and from where the next attempt may go on."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from windrow.aws.errors import Unavailable
from windrow.engine.attempt import Attempt, Report
from windrow.engine.signals import CancelSeen, Interrupted, TimeIsUp, interruptions
from windrow.errors import Fenced, Misused
from windrow.model.payload import cursor_text
from windrow.model.progress import reported
from windrow.model.records import Chunk, Task

# A write costs the size of the record: a loop that reports 10,000 times a second must not pay it.
EVERY = timedelta(seconds=1)
LONGEST_MESSAGE = 500


def progress(attempt: Attempt, current: int, total: int | None, message: str | None) -> None:
    """Note how far the task is; it is written at most once a second, and when the attempt ends."""
    record = attempt.record
    if not isinstance(record, Task) or record.phase is not None:
        raise Misused("A map's progress is counted from its chunks; only a plain task reports it.")
    _check(current, total)
    with attempt.lock:
        said = attempt.unsaid or Report(record.progress, record.message)
        attempt.unsaid = Report(
            reported(said.progress, current, total),
            said.message if message is None else _storable(message),
        )
        now = attempt.clock.now()
        if attempt.reported is None or now - attempt.reported >= EVERY:
            _write(attempt)


def told(attempt: Attempt) -> Task | Chunk:
    """Its record with what it reported and nobody wrote yet: the write that settles it says so."""
    with attempt.lock:
        record, said = attempt.record, attempt.unsaid
        if said is None or not isinstance(record, Task):
            return record
        return replace(record, progress=said.progress, message=said.message)


def checkpoint(attempt: Attempt, cursor: Any) -> None:
    """Store a cursor; then end this attempt, if its time is nearly up or a caller wants it to stop.

    Raises Misused, TooLarge, what json raises for no JSON, and the endings of `signals`.
    """
    if attempt.refusal:
        raise Misused(attempt.refusal)
    go_on_from(attempt, cursor)


def go_on_from(attempt: Attempt, cursor: Any) -> None:
    """The engine's own checkpoint, wherever it is."""
    text = cursor_text(cursor)
    with attempt.lock, interruptions():
        _store(attempt, checkpoint=text)
    if attempt.is_over:
        return
    attempt.look(at_once=True)
    if attempt.is_cancelled:
        raise CancelSeen
    if attempt.is_time_up:
        raise TimeIsUp


def cursor(attempt: Attempt) -> Any:
    """The last cursor that an attempt of this record has stored; None when there is none."""
    text = attempt.record.checkpoint
    return None if text is None else json.loads(text)


def _write(attempt: Attempt) -> None:
    """Write a report. What AWS does not take now is not insisted on: no report is worth an attempt,
    and the next one says more.
    """
    attempt.reported = attempt.clock.now()
    try:
        _store(attempt)
    except Unavailable as error:
        attempt.telemetry.warning("report.dropped", error=error, **attempt.record.ref.ids)
    except Fenced as error:
        raise Interrupted(error) from error


def _store(attempt: Attempt, **changes: Any) -> None:
    """Write changes, and with them what was reported and is not written yet."""
    said = attempt.unsaid
    if said is not None:
        changes |= {"progress": said.progress, "message": said.message}
    attempt.store(**changes)
    attempt.unsaid = None


def _check(current: int, total: int | None) -> None:
    for number in (current, total or 0):
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise ValueError(f"Progress is counted in whole numbers from 0 on, not {number!r}.")


def _storable(message: str) -> str:
    """Half of a surrogate pair cannot be stored."""
    return str(message)[:LONGEST_MESSAGE].encode(errors="replace").decode()
