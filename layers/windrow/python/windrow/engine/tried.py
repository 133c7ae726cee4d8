"""Tried: call an author's code, and settle whatever comes of it but its success."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from windrow.engine.completed import completed
from windrow.engine.context import Context
from windrow.engine.definition import Definition
from windrow.engine.engine import Engine
from windrow.engine.progress import told
from windrow.engine.retries import judge
from windrow.engine.settle import continued, end, failed, interrupted, stopped
from windrow.engine.signals import STOPS, CancelSeen, Ending, Interrupted, TimeIsUp
from windrow.errors import Fenced, WindrowError
from windrow.model.records import Chunk, Task
from windrow.model.states import State


@dataclass(frozen=True, slots=True)
class Done:
    """What the author's function returned."""

    value: Any


def tried(
    engine: Engine,
    definition: Definition,
    context: Context,
    action: Callable[[], Any],
    encode: Callable[[Any], Any],
) -> Done | None:
    """Call the author's code, which may raise anything; None when it raised and that is settled."""
    running = context.running
    try:
        done = Done(encode(completed(action())))
    except TimeIsUp:
        _go_on(engine, running.record)
    except CancelSeen:
        end(engine, running.record, State.CANCELLED)
    except (Ending, *STOPS):
        raise
    except BaseException as error:
        # Who calls sys.exit() ends his attempt, not the worker; so does an error of any other kind.
        running.is_over = True
        if running.is_cancelled:
            stopped(engine, told(running), error, running.record)
        else:
            verdict = judge(engine, definition, context, running.record, error)
            failed(engine, told(running), error, verdict, running.record)
    else:
        running.is_over = True
        return done
    return None


def _go_on(engine: Engine, record: Task | Chunk) -> None:
    """Let another attempt go on from the cursor; it is no fault, and so its budgets begin anew."""
    continued(engine, record, replace(record, failures=0, crashes=0))
    engine.telemetry.event(
        "attempt.continued",
        **record.ref.ids,
        attempt=record.attempt,
        continuations=record.continuations + 1,
    )


@contextmanager
def settling_interruptions(
    engine: Engine, claimed: Task | Chunk, before: Task | Chunk | None = None
) -> Iterator[None]:
    """Settle what keeps the engine itself from its work between claim and end.

    AWS that cannot answer costs a short wait and one of the record's crashes, not a lease; an error
    that stays ends the record with its reason.
    """
    try:
        yield
    except Fenced:
        raise
    except Interrupted as interruption:
        if isinstance(interruption.error, Fenced):
            raise interruption.error from None
        interrupted(engine, claimed, interruption.error, before)
    except WindrowError as error:
        interrupted(engine, claimed, error, before)
