"""The models say what the protocol says, each in its smallest form; a condition less is caught."""

import pytest

from tests.reliability.model.catalogue import models, mutants
from tests.reliability.model.explore import AnyModel, explore
from tests.reliability.model.gathering import Map
from tests.reliability.model.life import TaskModel
from tests.reliability.model.lock import Lock
from tests.reliability.model.priority import Priority
from tests.reliability.model.task import MUTANTS, QUEUED, RUNNING, SUCCEEDED, Record

SMALLEST = [
    TaskModel(deaths=0, surprises=0),
    Map(sizes=(1,), workers=1),
    Map(sizes=(2, 1), has_sweeper=False),
    Map(sizes=(1,), workers=1, can_end=True),
    Lock(callers=2),
    Priority(priorities=(2, 1), workers=1, has_lag=False, deaths=0),
]


@pytest.mark.parametrize("model", SMALLEST, ids=lambda model: model.name)
def test_the_smallest_model_keeps_every_promise(model: AnyModel) -> None:
    found = explore(model)

    assert found.problem is None
    assert found.is_whole
    assert found.ends > 0


def test_names_and_meanings_are_told_apart() -> None:
    for is_full in (True, False):
        names = [model.name for model in models(is_full=is_full)]
        assert len(names) == len(set(names))
    meanings = [meaning for _, meaning in mutants()]
    assert len(meanings) == len(set(meanings))
    assert len(meanings) >= 12


def test_a_write_is_accepted_only_from_whom_the_record_is() -> None:
    rules = TaskModel()
    start, seen = rules.start(), Record(RUNNING, attempt=1, owner=1)
    overtaken = start._replace(record=seen._replace(attempt=2, owner=2))

    assert rules.written(start._replace(record=seen), seen, seen._replace(state=SUCCEEDED))
    assert rules.written(overtaken, seen, seen._replace(state=SUCCEEDED)) is None


def test_a_write_that_is_there_already_counts_as_written() -> None:
    rules = TaskModel()
    queued = Record(QUEUED)
    claimed = queued._replace(state=RUNNING, attempt=1, owner=1)
    there = rules.start()._replace(record=claimed)

    assert rules.written(there, queued, claimed) == there
    assert rules.written(there, queued, claimed._replace(owner=2)) is None


def test_a_write_changes_only_what_differs_between_its_versions() -> None:
    rules = TaskModel()
    seen = Record(RUNNING, attempt=1, owner=1)
    asked = rules.start()._replace(record=seen._replace(is_cancel_asked=True))

    done = rules.written(asked, seen, seen._replace(state=SUCCEEDED))

    assert done is not None
    assert done.record == seen._replace(state=SUCCEEDED, is_cancel_asked=True)


def test_what_would_start_again_yields_to_a_request_to_cancel() -> None:
    rules = TaskModel()
    seen = Record(RUNNING, attempt=1, owner=1)
    asked = rules.start()._replace(record=seen._replace(is_cancel_asked=True))

    assert rules.written(asked, seen, seen._replace(state=QUEUED), is_guarded=True) is None


def test_a_task_without_a_sweeper_is_stuck_when_its_hint_is_not_sent() -> None:
    assert "sweeper" in MUTANTS

    found = explore(TaskModel(deaths=1, surprises=0, without="sweeper"))

    assert found.problem is not None
    assert found.problem.startswith("stuck")
    assert found.trace == ("the task is stored", "its hint is not sent")
