"""Figures of tasks and of tables, from the submission to what a reader is told."""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest

from tasks.analytics import declared, slices
from tests.harness import ENVIRONMENT, Deployment, deploy
from windrow import Context, Registry, RetryPolicy, task
from windrow.aws.dynamodb import decoded, encoded
from windrow.engine.submit import submit
from windrow.errors import InvalidParams
from windrow.model.records import Task
from windrow.model.states import State
from windrow.telemetry.metrics import Metric

KEY = "items/default/orders.csv"


@task("fine")
def fine(context: Context) -> None: ...


@task("broken", retry=RetryPolicy(attempts=1))
def broken(context: Context) -> None:
    raise PermissionError("no")


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    # Small slices, so that a thousand rows are many of them.
    monkeypatch.setattr(slices, "SLICE", 4_000)
    with deploy(Registry([fine, broken, *declared.tasks])) as deployed:
        yield deployed


def put(deployment: Deployment, body: str, key: str = KEY) -> None:
    deployment.engine.bucket.put(key, body.encode(), "text/csv")


def ended(deployment: Deployment, params: dict[str, Any]) -> Task:
    submitted = submit(deployment.engine, "analytics.process_data", params)
    deployment.pump()
    deployment.run_for(timedelta(minutes=10))
    return deployment.task(submitted.task.ref.task)


def figures(deployment: Deployment, params: dict[str, Any]) -> Any:
    """The result, its columns by name."""
    found = ended(deployment, params)
    assert found.state is State.SUCCEEDED, found.error
    result = json.loads(found.result or "")
    return result | {"columns": {each["name"]: each for each in result["columns"]}}


def orders(count: int) -> tuple[str, list[list[str]]]:
    """A CSV of orders, with quotes, commas and line breaks in some of its cells."""
    chance = random.Random(1)
    rows = [
        [
            f"{number:07d}",
            chance.choice(["Türkiye", "Nigeria", 'a "quoted", name\nof two lines', ""]),
            f"{chance.randint(-10_000, 10_000)}.{chance.randint(0, 99):02d}",
            str(chance.randint(1, 3)),
        ]
        for number in range(count)
    ]
    text = StringIO(newline="")
    csv.writer(text).writerows([["id", "country", "price", "units"], *rows])
    return text.getvalue(), rows


def test_a_thousand_rows_of_csv_are_counted_as_one_by_one(deployment: Deployment) -> None:
    text, rows = orders(1_000)
    put(deployment, text)

    result = figures(deployment, {"key": KEY})

    prices = [Decimal(row[2]) for row in rows]
    countries = Counter(row[1] for row in rows if row[1])
    assert (result["status"], result["rows"], result["invalid_rows"]) == ("success", 1_000, 0)
    price, country = result["columns"]["price"], result["columns"]["country"]
    assert price["type"] == "number"
    assert Decimal(price["sum_exact"]) == sum(prices)
    assert (price["min"], price["max"]) == (float(min(prices)), float(max(prices)))
    assert price["mean"] == pytest.approx(float(sum(prices) / 1_000))
    assert country["nulls"] == sum(not row[1] for row in rows)
    assert country["distinct"] == len(countries)
    assert country["top_error"] == 0
    assert {each["value"]: each["count"] for each in country["top"]} == countries
    assert result["columns"]["id"]["type"] == "text"
    assert result["columns"]["id"]["distinct"] == 1_000
    assert len(deployment.chunks(_newest(deployment))) > 5


def test_rows_of_json_lines_may_lack_columns_and_be_no_rows(deployment: Deployment) -> None:
    key = "items/default/events.jsonl"
    lines = ['{"n": 0.1, "ok": true}', '{"n": 0.2, "tags": ["a"]}', "[1]", "{", '{"n": null}']
    put(deployment, "\n".join(lines), key)

    result = figures(deployment, {"key": key})

    assert (result["rows"], result["invalid_rows"]) == (3, 2)
    n, tags = result["columns"]["n"], result["columns"]["tags"]
    assert (n["sum_exact"], n["nulls"], n["count"]) == ("0.3", 1, 2)
    assert (tags["nulls"], tags["top"]) == (2, [{"value": '["a"]', "count": 1}])
    assert result["columns"]["ok"]["top"] == [{"value": "true", "count": 1}]


def test_rows_come_as_params_too(deployment: Deployment) -> None:
    rows = [{"city": "Lagos", "people": 15_388_000}, {"city": "Ankara", "people": 5_747_325}]

    result = figures(deployment, {"rows": rows, "top": 1})

    people = result["columns"]["people"]
    assert (people["sum"], people["mean"]) == (21_135_325, 10_567_662.5)
    assert len(result["columns"]["city"]["top"]) == 1


def test_sums_lose_nothing_where_doubles_would(deployment: Deployment) -> None:
    put(deployment, "n\n1e30\n0.1\n-1e30\n0.2\n")

    assert figures(deployment, {"key": KEY})["columns"]["n"]["sum_exact"] == "0.3"


def test_a_frequent_value_is_found_among_many_and_its_count_has_a_bound(
    deployment: Deployment,
) -> None:
    chance = random.Random(2)
    values = ["often"] * 600 + [f"seldom {number}" for number in range(3_000)]
    chance.shuffle(values)
    put(deployment, "\n".join(["what", *values]))

    what = figures(deployment, {"key": KEY})["columns"]["what"]

    assert what["top"][0]["value"] == "often"
    assert what["top"][0]["count"] <= 600 <= what["top"][0]["count"] + what["top_error"]
    assert what["distinct"] is None


@pytest.mark.parametrize(
    ("key", "body", "said"),
    [
        ("items/other/orders.csv", "a\n1\n", "it does not lie under items/default/"),
        ("items/default/nothing.csv", None, "there is no such object"),
        (KEY, "a,a\n1,2\n", "different names"),
        (KEY, "a\n" + "x" * 5_000, "the row at byte 2 is longer"),
        (KEY, "a,b\r1,2\r3,4\r", "its lines end with a carriage return alone"),
        (KEY, '"a,b\n1,2\n3,4\n', "different names"),
    ],
)
def test_what_is_no_table_fails_with_a_sentence(
    deployment: Deployment, key: str, body: str | None, said: str
) -> None:
    if body is not None:
        put(deployment, body, key)

    failed = ended(deployment, {"key": key})

    assert failed.state is State.FAILED
    assert failed.error is not None
    assert said in failed.error.message


def test_a_quote_within_a_field_that_has_none_around_it_is_a_letter(
    deployment: Deployment,
) -> None:
    rows = [f'{number},5" pipe,"a ""quoted""\nname",x' for number in range(500)]
    put(deployment, "\n".join(['\ufeff"id",size,"what, and\nhow",3" or x', *rows, ""]))

    result = figures(deployment, {"key": KEY})

    assert (result["rows"], result["invalid_rows"]) == (500, 0)
    columns = result["columns"]
    assert columns.keys() == {"id", "size", "what, and\nhow", '3" or x'}
    assert columns["size"]["top"] == [{"value": '5" pipe', "count": 500}]
    assert columns["what, and\nhow"]["top"] == [{"value": 'a "quoted"\nname', "count": 500}]
    assert len(deployment.chunks(_newest(deployment))) > 3


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (b'1,5" pipe\n2,x\n3', b'1,5" pipe\n2,x\n'),
        (b'1,"x\n2,y\n', b""),
        (b'0\n1,"x""\n2,y\n', b"0\n"),
        (b'1,"x""\ny"\n"2', b'1,"x""\ny"\n'),
        (b'"1"a"\n"2"\n', b'"1"a"\n"2"\n'),
        (b'1, "x\n2,y\n', b'1, "x\n2,y\n'),
        (b"no line", b""),
    ],
)
def test_rows_end_where_the_reader_of_csv_ends_them(body: bytes, whole: bytes) -> None:
    assert body[: slices.end_of_rows(body, is_csv=True)] == whole


def test_an_object_that_changes_under_way_fails_the_figures(deployment: Deployment) -> None:
    put(deployment, orders(500)[0])
    submitted = submit(deployment.engine, "analytics.process_data", {"key": KEY})
    deployment.deliver()
    deployment.deliver()
    put(deployment, orders(501)[0])
    deployment.pump()
    deployment.run_for(timedelta(minutes=30))

    failed = deployment.task(submitted.task.ref.task)
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert "slices could not be read" in failed.error.message


def test_without_rows_and_without_a_key_it_is_refused(deployment: Deployment) -> None:
    with pytest.raises(InvalidParams, match="give rows, or the key of an object"):
        submit(deployment.engine, "analytics.process_data", {})


def test_the_dashboard_has_the_figures_of_the_day(deployment: Deployment) -> None:
    for name in ("fine", "fine", "fine", "broken"):
        submit(deployment.engine, name)
    deployment.pump()
    deployment.count()

    submitted = submit(deployment.engine, "analytics.update_dashboard")
    deployment.pump()

    result = json.loads(deployment.task(submitted.task.ref.task).result or "")
    day = f"DAY#{deployment.clock.now():%Y-%m-%d}"
    stored = deployment.services.call(
        "dynamodb",
        "GetItem",
        {
            "TableName": ENVIRONMENT["APPLICATION_TABLE"],
            "Key": encoded({"PK": "DASHBOARD#default", "SK": day}),
        },
    )
    item = decoded(stored["Item"])
    assert result["status"] == "success"
    assert set(result["metrics_updated"]) <= item.keys()
    assert (item["tasks_succeeded"], item["tasks_failed"]) == (3, 1)
    assert item["completion_percent"] == 75
    assert deployment.telemetry.counts[Metric.COMPLETION_PERCENT] == 75


def _newest(deployment: Deployment) -> str:
    from windrow.engine.list_tasks import list_tasks

    return list_tasks(deployment.engine).tasks[0].ref.task
