"""What a hunt comes to when a mutant breaks more than a promise."""

import pytest

from tests.reliability.frame import Budget
from tests.reliability.layers import mutants


def test_a_lock_that_is_left_is_caught_as_a_broken_promise() -> None:
    catch = mutants.hunt(("an end leaves its lock", 1))

    assert catch.broken is not None
    assert catch.broken.startswith("L4: ")


def test_an_error_of_one_mutant_does_not_end_the_hunt(monkeypatch: pytest.MonkeyPatch) -> None:
    def raised(*_args: object) -> list[str]:
        raise LookupError("the harness broke")

    monkeypatch.setattr(mutants, "_lived", raised)

    outcome = mutants.run(Budget("quick", seed=1, processes=1, runs=2))

    assert [problem.partition(",")[0] for problem in outcome.problems] == [
        "a mutant was not caught: no fence at all",
        "a mutant was not caught: a fence without the state",
    ]
    assert "LookupError" in outcome.problems[0]
