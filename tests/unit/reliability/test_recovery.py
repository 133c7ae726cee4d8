"""Recovery is measured, and what is never recovered is a problem."""

from datetime import datetime

import pytest

from tests.reliability.layers import recovery
from windrow.engine.claim import is_free
from windrow.model.records import Chunk, Task
from windrow.model.states import State


def test_each_kill_is_measured_once() -> None:
    tally = recovery.lived(range(1, 2))

    assert tally.problems == []
    assert 0 < tally.measured <= tally.kills


def test_a_chunk_that_nobody_takes_over_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_a_crashed_chunk(record: Task | Chunk, now: datetime) -> bool:
        return is_free(record, now) and (isinstance(record, Task) or record.state is State.QUEUED)

    for module in "claim", "choose":
        monkeypatch.setattr(f"windrow.engine.{module}.is_free", never_a_crashed_chunk)

    problems = [
        line for seed in range(1, 5) for line in recovery.lived(range(seed, seed + 1)).problems
    ]

    assert any("no start of" in line for line in problems)
