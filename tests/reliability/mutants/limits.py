"""Mutants of the slots of limited tasks: who takes one, when it is free, who is told.

Nothing is to be caught in `_is_gone` said always or never. A slot's lease is that of the attempt
that holds it, so once the slot's has run out the record's has too, or the record has moved on; and
what the record of a dead attempt frees, the sweeper lets it free within the same tick.
"""

from dataclasses import replace
from typing import Any

from tests.reliability.mutants.mutant import Mutant, method, nothing, replaced
from windrow.aws.dynamodb import expression
from windrow.engine.engine import Engine
from windrow.model.ref import Ref
from windrow.store.slots import Held, Slots
from windrow.store.tasks import Tasks

type Parameters = dict[str, Any]

_take, _release, _write = Slots._take, Slots.release, Tasks._write


def _take_anyhow(slots: Slots, slot: Held, name: str, claimed: Any) -> Parameters:
    made = _take(slots, replace(slot, holder=None), name, claimed)
    return {**made, **expression(update=made["UpdateExpression"], values={})}


def _any_slot(slots: Slots, _record: object, name: str, _count: int, _overdue: object) -> Held:
    """The first one, whoever holds it, as if it had been seen so."""
    return slots._all(name).get(0) or Held(0)


def _kept(tasks: Tasks, before: Any, after: Any, freed: list[Any]) -> Any:
    return _write(tasks, replace(before, slot=None), replace(after, slot=None), freed)


def _unsent(_engine: Engine, _pool: str, _refs: list[Ref], **_options: Any) -> list[Ref]:
    return []


LIMITS = (
    Mutant("a slot is taken whoever holds it", method(Slots, "_free", _any_slot), ("limited",)),
    Mutant("who stops keeps its slot", method(Tasks, "_write", _kept), ("limited",)),
    Mutant(
        "nobody is woken for a slot that is free",
        replaced(
            "windrow.engine.settle.wake_after",
            "windrow.engine.expand.wake_after",
            "windrow.engine.sweep.wake_after",
            by=nothing,
        ),
        ("limited", "limited map"),
    ),
    Mutant(
        "who waits for a slot looks only once",
        replaced("windrow.engine.claim.send", by=_unsent),
        ("limited map",),
    ),
)
