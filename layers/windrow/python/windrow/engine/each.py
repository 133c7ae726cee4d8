"""Each: do a chunk's items one by one, so that one that fails holds up no other."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from windrow.engine.completed import completed
from windrow.engine.context import Context
from windrow.engine.definition import MapDefinition
from windrow.engine.engine import Engine
from windrow.engine.retries import judge
from windrow.engine.settle import continued, end, partly_failed
from windrow.engine.signals import STOPS, Ending, interruptions
from windrow.model.records import Chunk, Failure, Lost
from windrow.model.states import State

# A chunk's record has room for a few reasons, each of them once, whatever its items are.
REASONS = 10
LONGEST_REASON = 200
OTHERS = Failure("Various", "For reasons of their own: the log has each.")


@dataclass(slots=True)
class Tally:
    """What one attempt at a chunk's items came to.

    rest   the positions that there was no time for, or that nobody wants any more
    left   the positions that the policy lets another attempt try, after `delay`
    lost   the positions that failed for good, by reason, those of earlier attempts included
    """

    rest: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    lost: dict[Failure, list[int]] = field(default_factory=dict)
    delay: timedelta = timedelta()
    is_cancelled: bool = False

    @property
    def failed(self) -> tuple[Lost, ...]:
        """What failed for good, as a chunk's record has it."""
        return tuple(Lost(tuple(positions), reason) for reason, positions in self.lost.items())

    def lose(self, position: int, reason: Failure) -> None:
        """Count an item as failed for good."""
        short = Failure(reason.kind, reason.message[:LONGEST_REASON])
        known = short in self.lost or len(self.lost) < REASONS
        self.lost.setdefault(short if known else OTHERS, []).append(position)


def do_each(
    engine: Engine, definition: MapDefinition, context: Context, chunk: Chunk, items: list[Any]
) -> Tally:
    """Do every item that is left, as time allows; what one raises is judged for that one alone."""
    function = definition.item_function
    if function is None:
        raise AssertionError("only a map that was declared with .each has items to itself")
    context.running.refusal = "An item has no checkpoints: its chunk goes on item by item."
    tally = Tally(lost={each.reason: list(each.positions) for each in chunk.lost})
    todo = range(len(items)) if chunk.left is None else chunk.left
    for done, position in enumerate(todo):
        if done and (context.cancelled or context.is_time_up):
            tally.rest += todo[done:]
            tally.is_cancelled = context.running.is_cancelled
            break
        if chunk.crashes:
            _put_last(context, tally, position, todo[done + 1 :])
        try:
            completed(function(context, items[position]))
        except (Ending, *STOPS):
            raise
        except BaseException as error:
            verdict = judge(engine, definition, context, chunk, error)
            engine.telemetry.warning(
                "item.failed",
                error=error,
                **chunk.ref.ids,
                item=chunk.first + position,
                attempt=chunk.attempt,
                outcome="gave up" if verdict.delay is None else "retry",
            )
            if verdict.delay is None:
                tally.lose(position, verdict.reason)
            else:
                tally.left.append(position)
                tally.delay = max(tally.delay, verdict.delay)
    return tally


def _put_last(context: Context, tally: Tally, position: int, rest: Sequence[int]) -> None:
    """After a crash: store that an item is left, but behind all others, before it is done.

    If it kills this attempt too, the next one does the others first; in the end it alone is lost.
    """
    left = (*rest, *tally.left, position)
    with interruptions():
        context.running.store(left=left, lost=tally.failed)


def settle_each(engine: Engine, chunk: Chunk, tally: Tally) -> None:
    """Let the chunk wait for what is left of it, or end.

    It ends as failed when every item of it has, and else as succeeded, with those that it lost.
    Where its map was cancelled meanwhile, what was done counts, and what is left is cancelled.
    """
    lost = tally.failed
    if tally.is_cancelled:
        stopped = replace(chunk, left=(*tally.rest, *tally.left), lost=lost)
        end(engine, stopped, State.CANCELLED, before=chunk)
        return
    if tally.rest:
        # Time that is up is no failure. What has failed waits behind the rest, and for no delay.
        left = (*tally.rest, *tally.left)
        continued(engine, chunk, replace(chunk, left=left, lost=lost, crashes=0))
        engine.telemetry.event("attempt.continued", **chunk.ref.ids, attempt=chunk.attempt)
        return
    if tally.left:
        partly_failed(engine, chunk, tuple(tally.left), lost, tally.delay)
        return
    has_failed = sum(len(each.positions) for each in lost) == chunk.count
    state = State.FAILED if has_failed else State.SUCCEEDED
    end(engine, chunk, state, error=lost[0].reason if lost else None, lost=lost)
