"""What a plan may be: a list, a generator, an object in the bucket; and what is wrong with some."""

import tracemalloc
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.harness import deploy
from tests.mapped import KEY, MINUTE, Outside, ended, mapped, put, reason, start
from tests.tables import resources
from windrow import Context, JsonLines, Outcome
from windrow.aws.port import Answer, Parameters
from windrow.engine import plan
from windrow.model.states import State
from windrow.store.bucket import Bucket
from windrow.store.upload import PART


def test_a_generator_is_planned_item_by_item() -> None:
    outside = Outside()

    def numbers(context: Context) -> Iterator[int]:
        yield from range(7)

    with deploy(mapped(outside, numbers)) as deployment:
        assert ended(deployment).result == "7"
        assert sorted(outside.done) == list(range(7))
        assert deployment.port.count("PutObject") == 1, "few items cost one call"
        assert deployment.port.count("CreateMultipartUpload") == 0


def test_an_async_generator_is_a_plan_too() -> None:
    outside = Outside()

    async def numbers(context: Context) -> AsyncIterator[int]:
        for number in range(5):
            yield number

    with deploy(mapped(outside, numbers)) as deployment:
        assert ended(deployment).state is State.SUCCEEDED
        assert sorted(outside.done) == list(range(5))


def test_a_generator_that_breaks_off_is_tried_again_and_leaves_nothing() -> None:
    outside, broken = Outside(), [True]

    def texts(context: Context) -> Iterator[str]:
        for number in range(20):
            if number == 15 and broken.pop():
                broken.append(False)
                raise OSError("the upstream went away")
            yield f"{number}" * 450_000

    with deploy(mapped(outside, texts, chunk_size=10)) as deployment:
        task_id = start(deployment)
        deployment.pump()
        waiting = deployment.task(task_id)

        assert (waiting.state, waiting.failures, waiting.crashes) == (State.QUEUED, 1, 0)
        assert deployment.port.count("AbortMultipartUpload") == 1

        broken[:] = [False]
        deployment.run_for(5 * MINUTE)
        assert deployment.task(task_id).state is State.SUCCEEDED
        assert len(outside.done) == 20


def test_a_plan_of_more_items_than_a_map_takes_fails_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "MAX_ITEMS", 10)

    with deploy(mapped(Outside(), lambda context: range(11))) as deployment:
        expected = "A map takes at most 10 items, and this plan has more."
        assert reason(ended(deployment)) == expected
        assert deployment.task(start(deployment)).groups is None


def test_an_item_that_is_too_large_fails_the_plan_with_a_sentence() -> None:
    with deploy(mapped(Outside(), lambda context: ["x" * 1_000_000])) as deployment:
        expected = "The item came to 1,000,003 bytes; at most 1,000,000 are kept."
        assert reason(ended(deployment)) == expected


def test_a_plan_that_takes_longer_than_an_invocation_says_what_to_do() -> None:
    def numbers(context: Context) -> Iterator[int]:
        for number in range(1000):
            context.clock.sleep(timedelta(seconds=1))
            yield number

    with deploy(mapped(Outside(), numbers)) as deployment:
        assert reason(ended(deployment)) == (
            "The plan had named 51 items when its invocation's time was up;"
            " plan in a pool with more time, or hand over JsonLines."
        )


def test_an_object_in_the_bucket_is_a_plan() -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: JsonLines(KEY))) as deployment:
        put(deployment, b'{"n":1}\r\n[2]\n"three\\n"\n4\nnull')

        assert ended(deployment).progress.succeeded == 5
        assert outside.done == [{"n": 1}, [2], "three\n", 4, None]


@pytest.mark.parametrize(
    "key", ["items/other/numbers.jsonl", "items/numbers.jsonl", "tasks/default/1/params-2.json"]
)
def test_an_object_that_is_not_the_tenants_own_is_not_read(key: str) -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: JsonLines(key))) as deployment:
        deployment.engine.bucket.put(key, b"1\n2\n", "application/jsonl")

        expected = (
            f"The object {key!r} cannot be a map's items: it does not lie under items/default/."
        )
        assert reason(ended(deployment)) == expected
        assert deployment.port.count("GetObject") == 0


def test_an_empty_object_is_a_map_without_items() -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: JsonLines(KEY))) as deployment:
        put(deployment, b"")

        assert ended(deployment).state is State.SUCCEEDED
        assert outside.finished == [Outcome(0, 0, 0)]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "there is no such object"),
        (b"1\n\n3\n", "line 2 is empty"),
        (b"1\n  \n", "line 2 is empty"),
    ],
)
def test_an_object_that_cannot_be_items_fails_the_map_before_anything_is_done(
    body: bytes | None, why: str
) -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: JsonLines(KEY))) as deployment:
        if body is not None:
            put(deployment, body)

        assert reason(ended(deployment)) == f"The object {KEY!r} cannot be a map's items: {why}."
        assert outside.done == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{broken", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"NaN", "NaN is no JSON value"),
    ],
)
def test_a_line_that_is_no_json_fails_its_chunk_alone(line: bytes, why: str) -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: JsonLines(KEY))) as deployment:
        put(deployment, b"0\n1\n2\n" + line + b"\n4\n")

        record = ended(deployment)

        assert (record.progress.succeeded, record.progress.failed) == (3, 2)
        assert outside.done == [0, 1, 4]
        errors = [chunk.error for chunk in deployment.chunks(record.ref.task) if chunk.error]
        assert [error.message for error in errors] == [
            f"The object {KEY!r} cannot be a map's items: line 4 is not JSON: {why}."
        ]


class Nowhere:
    """A bucket that forgets what it is given."""

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        return {"ETag": "etag", "UploadId": "1"}

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        raise AssertionError("nobody asks for a link")


def test_memory_stays_flat_however_many_items_are_planned() -> None:
    with deploy(mapped(Outside(), lambda context: [])) as deployment:
        record = deployment.task(start(deployment))
        engine = replace(deployment.engine, bucket=Bucket(Nowhere(), "nowhere"))
        items = ("x" * 997 for _ in range(40_000))
        until = deployment.clock.now() + MINUTE

        tracemalloc.start()
        try:
            planned = plan.keep(engine, record, 50, until, items)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert planned.task.progress.total == 40_000
        assert planned.whole is None
        assert peak < 3 * PART, f"{peak:,} bytes for items of 40 MB"


def test_what_an_upload_leaves_behind_is_removed_by_the_bucket() -> None:
    rules = resources()["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]

    assert {"DaysAfterInitiation": 1} in [
        rule.get("AbortIncompleteMultipartUpload") for rule in rules
    ]
