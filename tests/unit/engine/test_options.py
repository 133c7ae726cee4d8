"""The options of a declaration: a wrong one fails at import, with a sentence that helps."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from tests.harness import deploy
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.submit import submit
from windrow.errors import DefinitionError


class Report(BaseModel):
    """Whose report, of which month."""

    user: str
    month: int


def test_an_unknown_option_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(DefinitionError) as refusal:
        task("odd", prioritiy=7)  # type: ignore[call-arg]

    sentence, _, options = str(refusal.value).partition("? ")
    assert sentence == "Task 'odd' has an unknown option 'prioritiy'; did you mean 'priority'"
    assert options.startswith("The options are deadline, ")


def test_an_option_like_no_other_is_refused_with_those_that_exist() -> None:
    with pytest.raises(DefinitionError, match=r"option 'colour'\. The options are chunk_size,"):
        task.map("odd", colour="red")  # type: ignore[call-arg]


def test_only_a_map_has_chunks() -> None:
    with pytest.raises(DefinitionError, match="unknown option 'chunk_size'"):
        task("odd", chunk_size=50)  # type: ignore[call-arg]


def test_a_declaration_without_a_name_is_refused() -> None:
    def nameless(context: Context) -> None: ...

    with pytest.raises(DefinitionError, match=r'declared with its name, @task\("name"\)'):
        task(nameless)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"priority": 0}, "priority must be a whole number from 1 to 10, not 0"),
        ({"priority": "high"}, "priority must be a whole number"),
        ({"params": dict}, "params must be a model"),
        ({"unique": ""}, "unique must be a key"),
        ({"unique": lambda params: "key"}, "declares no params"),
        ({"retry": 3}, "retry must be a RetryPolicy"),
        ({"retry": RetryPolicy}, "retry must be a RetryPolicy"),
        ({"on_error": "log"}, "on_error must be a function"),
        ({"timeout": 30}, "timeout must be a positive timedelta, not 30"),
        ({"timeout": timedelta()}, "timeout must be a positive timedelta"),
        ({"deadline": None}, "deadline must be a positive timedelta"),
    ],
)
def test_a_value_that_an_option_cannot_have_is_refused(
    options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DefinitionError, match=f"Task 'odd': .*{sentence}"):
        task("odd", **options)(lambda context: None)


@pytest.mark.parametrize(
    "options",
    [
        {"on": {ValueError("odd"): None}},
        {"on": {"ValueError": None}},
        {"on": {int: None}},
        {"on": {ValueError: 3}},
    ],
)
def test_a_policy_for_what_is_no_class_of_errors_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="`on` maps"):
        RetryPolicy(**options)


def test_a_key_made_from_the_params_is_unique_for_those_params() -> None:
    @task("report", params=Report, unique=lambda params: f"report/{params.user}")
    def report(context: Context, params: Report) -> None: ...

    with deploy(Registry([report])) as deployment:
        ada = submit(deployment.engine, "report", {"user": "ada", "month": 1})
        again = submit(deployment.engine, "report", {"user": "ada", "month": 2})
        grace = submit(deployment.engine, "report", {"user": "grace", "month": 1})

        assert ada.task.unique == "report/ada"
        assert (again.is_new, again.task.ref) == (False, ada.task.ref)
        assert grace.is_new


@pytest.mark.parametrize("key", [None, "", 7])
def test_a_key_that_is_no_text_is_refused_before_anything_is_written(key: object) -> None:
    @task("report", params=Report, unique=lambda params: key)  # type: ignore[arg-type,return-value]
    def report(context: Context, params: Report) -> None: ...

    with deploy(Registry([report])) as deployment:
        with pytest.raises(DefinitionError, match="a key is a text"):
            submit(deployment.engine, "report", {"user": "ada", "month": 1})

        assert deployment.port.count("TransactWriteItems") == 0
