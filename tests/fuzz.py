"""Requests made up from docs/openapi.json: none is answered 5xx, or as the document does not say.

    make fuzz EXAMPLES=5000

Schemathesis makes them, half of them as the document has it and half of them wrong, and compares
each answer with the document: its status, its content type, its headers and its body. The ids in
paths are mostly those of tasks that are there, in every state, so that answers are not all 404.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tasks import registry
from tasks.routes import routers
from tests.harness import ENVIRONMENT, Deployment, deploy
from tests.native import Client, greet, plain
from windrow import Context, Registry, task
from windrow.api.app import create_app
from windrow.engine.cancel import cancel
from windrow.engine.control import resume
from windrow.model.ref import DEFAULT_TENANT, Ref

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@task("fails")
def fails(context: Context) -> None:
    raise ValueError("as it should")


@task.map("halves", chunk_size=2)
def halves(context: Context) -> list[int]:
    return [1, 2, 3]


@halves.each
def half(context: Context, item: int) -> None:
    if item == 2:
        raise ValueError("as it should")


@dataclass
class Figures:
    """What came of it: how many requests, how they were answered, and what was wrong."""

    examples: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def fuzz(examples: int, number: int = 0) -> Figures:
    """Make at least this many requests, the same ones for the same number."""
    figures = Figures()
    with deployed() as (deployment, ids):
        schema = schemathesis.openapi.from_asgi(
            "/openapi.json", create_app(deployment.engine, routers(deployment.engine))
        )
        operations = [_valid(found) for found in schema.get_all_operations()]
        each = -(-examples // (len(operations) * len(MODES)))
        # An operation without parameters can be asked in one way only; the others make up for it.
        while figures.examples < examples:
            for operation in operations:
                for mode in MODES:
                    _fuzz_one(operation, mode, deployment, ids, figures, each, number)
            number += 1
    return figures


def _valid(found: Any) -> Any:
    """An operation that is described as OpenAPI asks; another one is no use to anybody."""
    assert isinstance(found, Ok), found
    return found.ok()


@contextmanager
def deployed() -> Iterator[tuple[Deployment, list[str]]]:
    """A deployment with tasks in every state, and their ids."""
    definitions = [*registry, greet, plain, fails, halves]
    with (
        patch.dict(os.environ, ENVIRONMENT),
        deploy(Registry(definitions), routers=routers) as deployment,
    ):
        client = Client(deployment)
        ended = [client.submitted(name) for name in ("greet", "fails", "halves")]
        deployment.pump()
        cancelled, queued = client.submitted(), client.submitted()
        cancel(deployment.engine, Ref(DEFAULT_TENANT, cancelled))
        yield deployment, [*ended, cancelled, queued]


def _fuzz_one(
    operation: Any,
    mode: GenerationMode,
    deployment: Deployment,
    ids: list[str],
    figures: Figures,
    examples: int,
    number: int,
) -> None:
    """Ask one operation so often; a failure is noted, and the rest goes on."""
    known = st.none() | st.sampled_from(ids) | st.sampled_from(ids)

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), task_id=known)
    def ask(case: Any, task_id: str | None) -> None:
        if task_id is not None and "task_id" in (case.path_parameters or {}):
            case.path_parameters["task_id"] = task_id
        if task_id is not None and "name" in (case.path_parameters or {}):
            case.path_parameters["name"] = "default"
        response = case.call()
        figures.examples += 1
        figures.statuses[response.status_code] += 1
        figures.operations[operation.label] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except BaseExceptionGroup as group:
            figures.failures += [f"{operation.label}: {error}" for error in group.exceptions]
        if "/pools/" in operation.label:
            # What is drained answers 503, as it should.
            resume(deployment.engine)

    try:
        ask()
    except Unsatisfiable:
        # An operation without any parameter: there is no wrong way to ask it.
        assert mode is GenerationMode.NEGATIVE


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    began = time.monotonic()
    figures = fuzz(chosen.examples, chosen.seed)
    for failure in figures.failures[:20]:
        sys.stdout.write(f"{failure}\n\n")
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(figures.statuses.items()))
    sys.stdout.write(
        f"{figures.examples} requests to {len(figures.operations)} operations in"
        f" {time.monotonic() - began:.0f} s; {statuses};"
        f" {len(figures.failures)} not as the document says\n"
    )
    return bool(figures.failures)


if __name__ == "__main__":
    sys.exit(main())
