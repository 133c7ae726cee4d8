"""Every pool that a task of this deployment names has a queue, wherever tasks are sent from."""

from typing import Any

import pytest

from tasks import registry
from tests.template import rules
from tests.template.test_functions import EXPECTED, SENDING
from windrow import Context, Registry, task
from windrow.settings import QUEUE_PREFIX

# They import the tasks, and send hints of them.
FUNCTIONS = sorted(
    name for name, (*_, settings) in EXPECTED.items() if settings >= SENDING | {"WINDROW_BUCKET"}
)


@task("video.cut", pool="gpu")
def cut(context: Context) -> None: ...


def missing(template: dict[str, Any], function: str, tasks: Registry) -> set[str]:
    """The pools that tasks name and the function is told no queue of."""
    variables = rules.functions(template)[function]["Environment"]
    names = (name for name in variables if name.startswith(QUEUE_PREFIX))
    return {each.pool for each in tasks} - {n.removeprefix(QUEUE_PREFIX).lower() for n in names}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_task_names_a_pool_that_there_is(template: dict[str, Any], function: str) -> None:
    assert missing(template, function, registry) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_pool_that_the_template_does_not_have_is_found(
    template: dict[str, Any], function: str
) -> None:
    assert missing(template, function, Registry([*registry, cut])) == {"gpu"}
