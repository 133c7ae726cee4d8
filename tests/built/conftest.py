"""The functions as `sam build` makes them, run as Lambda runs them: one set for all tests.

Everything here is marked `built` and belongs to one xdist group, so that one worker runs it and one
set is enough (`pytest --dist loadgroup`).
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.built.build import build
from tests.built.deployment import Deployment
from tests.built.emulator import Running, Start, run
from tests.built.functions import ROOT, Function, built_functions
from tests.built.report import table
from tests.built.world import World, emulated_world
from windrow.local.project import Project


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.built)
            item.add_marker(pytest.mark.xdist_group("built"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests measured of each function."""
    passed = terminalreporter.getreports("passed")
    lines = table(dict(report.user_properties) for report in passed)
    if lines:
        terminalreporter.section("built functions")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def project() -> Project:
    return Project.at(ROOT)


@pytest.fixture(scope="session")
def functions(project: Project) -> Mapping[str, Function]:
    """The built functions, by logical id."""
    return built_functions(build(project))


@pytest.fixture(scope="session")
def start(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Runs a function while a block does: `with start(function, variables) as running`."""
    logs = tmp_path_factory.mktemp("functions")
    python = project.python()

    def started(
        function: Function,
        variables: Mapping[str, str] | None = None,
        *,
        without: str | None = None,
    ) -> Running:
        log = logs / f"{function.name}-{len(list(logs.iterdir()))}.log"
        return run(function, variables or {}, python=python, log=log, without=without)

    return started


@pytest.fixture(scope="session")
def _world(
    project: Project, functions: Mapping[str, Function], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    log = tmp_path_factory.mktemp("world") / "emulator.log"
    with emulated_world(project, functions, log) as world:
        yield world


@pytest.fixture(scope="session")
def _deployment(
    functions: Mapping[str, Function], start: Start, _world: World
) -> Iterator[Deployment]:
    with ExitStack() as exits:
        yield Deployment(
            lambda name: exits.enter_context(
                start(functions[name], _world.variables(functions[name]))
            ),
            _world,
        )


@pytest.fixture
def deployment(_deployment: Deployment) -> Deployment:
    """The built functions in an empty world."""
    _deployment.world.empty()
    return _deployment
