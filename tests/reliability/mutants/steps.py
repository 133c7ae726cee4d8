"""Mutants of steps, whose writes, marker and fence are one transaction."""

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from tests.reliability.mutants.mutant import Mutant
from windrow.errors import Fenced
from windrow.store.steps import Steps


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


STEPS = (
    Mutant("a step has no marker", lambda: _mark_without(-2), ("counted", "continued")),
    Mutant("a step does not hold the fence", lambda: _mark_without(-1), ("continued", "counted")),
)
