"""Somebody changes a schedule between what a look reads and what it writes: the change holds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import deploy
from windrow import Context, Registry, Schedule, task
from windrow.aws.dynamodb import expression
from windrow.aws.port import AWS, Answer, Parameters
from windrow.engine import schedules
from windrow.engine.engine import Engine
from windrow.engine.look import look
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Standing

REF = ScheduleRef("default", "s")
TEN_MINUTES = timedelta(minutes=10)

type Verb = Callable[[Engine, ScheduleRef], object]


@task("clean")
def clean(context: Context) -> None: ...


@dataclass
class Between:
    """A port on which somebody else is faster with the next write of a schedule."""

    inner: AWS
    faster: Callable[[], object] | None

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        key = parameters.get("Item", {}).get("SK", {}).get("S", "")
        if key == "S#s" and self.faster is not None:
            faster, self.faster = self.faster, None
            faster()
        return self.inner.call(service, operation, parameters)


def met(verb: Verb) -> tuple[Standing, int]:
    """How a schedule stands, and its runs, after `verb` came between a look's read and write."""
    with deploy(Registry([clean])) as deployment:
        engine = deployment.engine
        schedules.create(engine, "clean", Schedule(id="s", every=TEN_MINUTES, overlap="allow"))
        deployment.clock.advance(TEN_MINUTES)
        before = len(engine.schedules.runs(REF, deployment.clock.now(), 10))
        port = Between(engine.aws, lambda: verb(engine, REF))
        looking = replace(engine, schedules=replace(engine.schedules, aws=port))

        look(looking, REF)

        stands = engine.schedules.read(REF)
        runs = engine.schedules.runs(REF, deployment.clock.now(), 10)
        assert stands is not None
        assert port.faster is None
        return stands.standing, len(runs) - before


VERBS = [
    (schedules.pause, Standing.PAUSED),
    (schedules.remove, Standing.REMOVED),
]


@pytest.mark.parametrize(("verb", "standing"), VERBS)
def test_a_look_undoes_no_change_that_came_between(verb: Verb, standing: Standing) -> None:
    assert met(verb) == (standing, 0)


@pytest.mark.parametrize(("verb", "standing"), VERBS)
def test_without_the_condition_on_its_version_it_would(
    verb: Verb, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(**said: Any) -> dict[str, Any]:
        is_of_version = str(said.get("condition")).startswith("#version")
        return {} if is_of_version else expression(**said)

    monkeypatch.setattr("windrow.store.schedules.expression", forgetful)

    assert met(verb) == (Standing.ACTIVE, 1)
