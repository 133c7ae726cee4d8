"""Mutants of the fence, of claims and of what a writer is told whose answer was lost.

Parts of the fence overlap: without the attempt alone, or the phase alone, no two versions look the
same, and there is nothing to catch. So the attempt goes together with the owner here.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.reliability.mutants.mutant import Mutant, Patch, method, nothing, replaced
from windrow.engine import claim
from windrow.engine.engine import Engine
from windrow.errors import Fenced
from windrow.model.records import Chunk, Task
from windrow.model.states import State
from windrow.store.fence import FENCE
from windrow.store.records import Records


def _without_fence(*parts: str) -> Patch:
    left = tuple(name for name in FENCE if name not in parts)
    return replaced("windrow.store.fence.FENCE", by=left)


def _owned_with(**changes: Callable[[Engine], Any]) -> Patch:
    """A claim that writes something else than it should."""
    whole = claim._owned

    def owned(engine: Engine, record: Any, *rest: Any) -> Any:
        made = {name: change(engine) for name, change in changes.items()}
        return replace(whole(engine, record, *rest), **made)

    return replaced("windrow.engine.claim._owned", by=owned)


def _is_free_although_leased(record: Task | Chunk, _now: object) -> bool:
    return record.state is State.QUEUED or record.lease is not None


def _always_fenced(_records: Records, after: Any, _item: object) -> None:
    raise Fenced(str(after.ref), 0)


def _none_unfenced(*_args: Any) -> Iterator[str]:
    return iter(())


FENCES = (
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
    Mutant("a fence without closed", _without_fence("closed"), ("map of groups at a tick",)),
    Mutant(
        "whose answer was lost takes itself for overtaken",
        method(Records, "unless_written", _always_fenced),
        ("plain",),
    ),
    Mutant(
        "whoever was overtaken takes itself for the winner",
        method(Records, "unless_written", nothing),
        ("slow, hints doubled",),
    ),
    Mutant(
        "a live lease is taken over",
        replaced(
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
        replaced("windrow.store.records.unfenced", by=_none_unfenced),
        ("stumbling", "continued"),
    ),
)
