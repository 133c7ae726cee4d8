"""The frame of the proof: work is shared out whole, and the report says what was not run."""

from io import StringIO

import pytest
from rich.console import Console

from tests.reliability.bars import BARS, MODEL, RANDOM
from tests.reliability.frame import QUICK_SECONDS, Budget, Outcome, Row, layers
from tests.reliability.report import Report
from tests.reliability.work import interrupted, pieces, spread

MET = Row(MODEL.what, ">= 2", "3", is_met=True, figures={"states": 3})
MISSED = Row("another thing", ">= 2", "1", is_met=False)


def budget(processes: int = 1, seconds: float | None = None) -> Budget:
    return Budget("quick", seed=7, processes=processes, seconds=seconds)


def summed(seeds: range) -> int:
    """Work for a process of its own, so it must be importable there."""
    return sum(seeds)


def asked_to_stop_at_three(number: int) -> int:
    """Somebody presses Ctrl-C in the middle."""
    if number == 3:
        raise KeyboardInterrupt
    return number


def report(*rows: Row, problems: list[str] | None = None, seconds: float | None = None) -> Report:
    made = Report(budget(seconds=seconds))
    made.add("model", Outcome(list(rows), problems or []), 1.25)
    return made


def shown(made: Report) -> str:
    console = Console(file=StringIO(), width=200)
    made.show(console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_pieces_cover_every_seed_once() -> None:
    assert list(pieces(5, 7, 3)) == [range(5, 8), range(8, 11), range(11, 12)]


@pytest.mark.parametrize("processes", [1, 2])
def test_all_work_is_done_in_however_many_processes(processes: int) -> None:
    done = list(spread(budget(processes), summed, pieces(0, 100, 30)))

    assert sorted(done) == sorted(map(sum, pieces(0, 100, 30)))


def test_nothing_is_begun_when_the_time_is_up() -> None:
    assert list(spread(budget(seconds=0), summed, pieces(0, 100, 30))) == []


def test_an_interrupt_ends_the_work_and_keeps_what_was_done() -> None:
    try:
        assert list(spread(budget(), asked_to_stop_at_three, [1, 2, 3, 4])) == [1, 2]
        assert interrupted.is_set()
        assert list(spread(budget(), asked_to_stop_at_three, [1, 2])) == []
    finally:
        interrupted.clear()


def test_what_was_not_run_is_said_to_be_not_run() -> None:
    made = report(MET)

    _, _, missing = shown(made).partition("Not run: ")
    assert missing.splitlines()[0].count("; ") == len(BARS) - 2
    assert MODEL.what not in missing
    assert RANDOM.full not in shown(made)
    assert [bar["bar"] for bar in made.json()["bars"]].count(None) == len(BARS) - 1
    assert [bar["seen"] for bar in made.json()["bars"]].count("not run") == len(BARS) - 1
    assert made.has_held


def test_a_missed_bar_does_not_hold() -> None:
    made = report(MET, MISSED)

    assert not made.has_held
    assert "It has NOT held: problems 0, bars that were missed 1." in shown(made)


def test_a_bar_missed_for_want_of_time_that_a_person_chose_is_only_short() -> None:
    made = report(MISSED, seconds=1)

    assert made.has_held
    assert "short" in shown(made)
    assert "less was run than its bars want" in shown(made)


def test_what_is_only_shown_has_no_verdict() -> None:
    made = report(MET, Row("a wait", "shown only", "2 s", is_met=True))

    assert shown(made).count("yes") == 1
    assert "All that was run has held." in shown(made)


def test_a_broken_promise_never_holds_and_says_how_it_is_seen_again() -> None:
    made = report(MET, problems=["lost: make reliability LAYER=model SEED=7"], seconds=1)

    assert not made.has_held
    assert "PROBLEM model: lost: make reliability LAYER=model SEED=7" in shown(made)


def test_the_layers_fit_into_the_quick_profile() -> None:
    shares = {layer.NAME: layer.SHARE for layer in layers()}

    assert sum(shares.values()) <= 1
    assert max(shares.values()) * QUICK_SECONDS <= 45
