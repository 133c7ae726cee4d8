"""Mutants of what wakes workers, and of the sweeper, who sees to what nobody was woken for."""

from typing import Any

from tests.reliability.mutants.mutant import Mutant, nothing, replaced
from windrow.engine.engine import Engine
from windrow.model.ref import Ref


def _unsent(_engine: Engine, _pool: str, _refs: list[Ref], **_options: Any) -> list[Ref]:
    return []


HINTS = (
    Mutant(
        "a submission sends no hint",
        replaced("windrow.engine.submit.send_for_its_time", by=nothing),
        ("plain",),
    ),
    Mutant(
        "a retry sends no hint",
        replaced("windrow.engine.settle.send_for_its_time", by=nothing),
        ("retried",),
    ),
    Mutant(
        "the sweeper sends no hint", replaced("windrow.engine.sweep.send", by=_unsent), ("plain",)
    ),
    Mutant(
        "the sweeper moves no due time",
        replaced("windrow.engine.sweep._postpone", by=nothing),
        ("no worker",),
    ),
    Mutant(
        "the sweeper gives nothing up",
        replaced("windrow.engine.sweep._give_up", by=nothing),
        ("too late",),
    ),
)
