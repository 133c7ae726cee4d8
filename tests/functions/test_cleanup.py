"""Old tasks go, with all that is theirs, and nothing else does."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tasks.cleanup import archive
from tasks.cleanup import tasks as cleanup
from tests.harness import ENVIRONMENT, Deployment, deploy
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.compose import submit_group
from windrow.engine.list_tasks import list_tasks
from windrow.engine.rebuild import rebuild
from windrow.engine.retry_again import retry_again
from windrow.engine.stats import stats
from windrow.engine.submit import submit
from windrow.model.draft import Draft
from windrow.model.records import Task
from windrow.model.states import State

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LARGE = "x" * 40_000


@task("note")
def note(context: Context) -> str:
    context.once("step", lambda: 1)
    return "done"


@task("large")
def large(context: Context) -> str:
    return LARGE


@task("refused", retry=RetryPolicy(attempts=1))
def refused(context: Context) -> None:
    raise PermissionError("no")


@task("single", unique="single")
def single(context: Context) -> None: ...


@task.map("pieces", chunk_size=2)
def pieces(context: Context) -> range:
    return range(5)


@task.map("crowd", chunk_size=1)
def crowd(context: Context) -> range:
    return range(250)


@crowd.each
def one(context: Context, item: int) -> None: ...


@pieces.each
def piece(context: Context, item: int) -> None:
    context.once(f"piece {item}", lambda: item)


REGISTRY = Registry([note, large, refused, single, pieces, crowd, *cleanup.tasks])


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(REGISTRY) as deployed:
        yield deployed


def done(deployment: Deployment, name: str, **options: Any) -> Task:
    """A task of this name when it is over."""
    submitted = submit(deployment.engine, name, **options)
    deployment.pump()
    return deployment.task(submitted.task.ref.task)


def removed(deployment: Deployment, **params: int) -> Any:
    """The result of a removal."""
    return json.loads(done(deployment, "cleanup.remove_old_tasks", params=params).result or "")


def rows(deployment: Deployment, task_id: str) -> list[str]:
    """The sort keys of all that lies in the table of a task."""
    keys = deployment.services.dynamodb.tables["TasksTable"].rows
    return sorted(sort for partition, sort in keys if f"#{task_id}" in partition)


def objects(deployment: Deployment) -> set[str]:
    return set(deployment.services.s3.buckets[ENVIRONMENT["WINDROW_BUCKET"]])


def lines(deployment: Deployment, key: str) -> list[dict[str, Any]]:
    body = deployment.services.s3.buckets[ENVIRONMENT["WINDROW_BUCKET"]][key].body
    return [json.loads(line) for line in gzip.decompress(body).splitlines()]


def tasks_in(found: list[dict[str, Any]]) -> set[str]:
    """The ids of the tasks of these lines."""
    return {line["version"]["id"] for line in found if line["kind"] == "task"}


def test_what_ended_a_day_ago_goes_with_its_parts_and_its_objects(deployment: Deployment) -> None:
    old = [done(deployment, name) for name in ("note", "large", "refused", "pieces")]
    assert all(rows(deployment, each.ref.task) for each in old)
    assert objects(deployment)
    deployment.clock.advance(DAY + HOUR)
    young = done(deployment, "note")

    assert removed(deployment) == {"status": "success", "removed": 4}

    assert [rows(deployment, each.ref.task) for each in old] == [[], [], [], []]
    assert objects(deployment) == set()
    assert deployment.task(young.ref.task).state is State.SUCCEEDED


def test_what_has_not_ended_stays_however_old_it_is(deployment: Deployment) -> None:
    waiting = submit(deployment.engine, "note", delay=10 * DAY).task
    deployment.clock.advance(5 * DAY)

    assert removed(deployment, max_age_hours=1)["removed"] == 0

    assert deployment.task(waiting.ref.task).state is State.QUEUED


def test_age_counts_from_the_end_not_from_the_submission(deployment: Deployment) -> None:
    late = submit(deployment.engine, "note", delay=DAY).task
    deployment.run_for(DAY + 5 * timedelta(minutes=1), tick=HOUR)
    assert deployment.task(late.ref.task).state is State.SUCCEEDED
    deployment.clock.advance(HOUR)

    assert removed(deployment)["removed"] == 0
    deployment.clock.advance(DAY)
    assert removed(deployment)["removed"] == 1


def test_a_key_leads_to_its_task_for_a_day_whatever_is_asked(deployment: Deployment) -> None:
    keyed = done(deployment, "note", key="k")
    unique = done(deployment, "single")
    deployment.clock.advance(2 * HOUR)

    assert removed(deployment, max_age_hours=1)["removed"] == 0
    assert submit(deployment.engine, "note", key="k").task.ref == keyed.ref

    deployment.clock.advance(DAY)
    removed(deployment, max_age_hours=1)
    assert rows(deployment, keyed.ref.task) == []
    assert rows(deployment, unique.ref.task) == []
    assert submit(deployment.engine, "note", key="k").is_new
    assert submit(deployment.engine, "single").is_new


def test_a_group_goes_before_its_children_and_waits_for_its_callback(
    deployment: Deployment,
) -> None:
    callback = Draft("note", delay=2 * DAY)
    group = submit_group(deployment.engine, [Draft("note"), Draft("large")], callback=callback)
    deployment.pump()
    parent = deployment.task(group.task.ref.task)
    children = [each.ref for each in deployment.engine.tasks.children.all(parent)]
    deployment.clock.advance(DAY + HOUR)

    # The callback waits for its time, and may ask for every one of them.
    assert removed(deployment)["removed"] == 0

    deployment.run_for(DAY + HOUR, tick=HOUR)
    assert removed(deployment)["removed"] >= 1 + len(children)
    assert rows(deployment, group.task.ref.task) == []
    assert [rows(deployment, each.task) for each in children] == [[], []]


def test_counts_are_as_when_they_expire_and_a_rebuild_finds_nothing_wrong(
    deployment: Deployment,
) -> None:
    for name in ("note", "refused", "pieces"):
        done(deployment, name)
    deployment.clock.advance(2 * DAY)
    removed(deployment)
    deployment.count()

    figures = {each.name: each for each in stats(deployment.engine, "default", minutes=5000).types}

    assert [sum(figures[name].states.values()) for name in ("note", "refused", "pieces")] == [0] * 3
    assert figures["note"].events["succeeded"] == 1
    assert figures["refused"].events["failed"] == 1
    assert rebuild(deployment.engine, "default").drifts == ()


@pytest.mark.parametrize("skip", [0, 3, 6, 9])
def test_whoever_is_killed_is_followed_by_one_that_finishes(
    deployment: Deployment, skip: int
) -> None:
    old = [done(deployment, name) for name in ("large", "pieces")]
    deployment.clock.advance(2 * DAY)
    deployment.port.plan("killed after", "Delete", skip=skip)

    cleaning = submit(deployment.engine, "cleanup.remove_old_tasks").task.ref.task
    deployment.port.faults[-1].matches = lambda operation, _: operation.startswith("Delete")
    deployment.pump()
    deployment.run_for(timedelta(minutes=10))

    assert deployment.task(cleaning).result == '{"status":"success","removed":2}'
    assert deployment.task(cleaning).attempt == 2
    assert [rows(deployment, each.ref.task) for each in old] == [[], []]
    assert objects(deployment) == set()


def test_what_begins_again_while_it_is_looked_at_is_left_alone(deployment: Deployment) -> None:
    """The removal has read it; then somebody lets it begin again; then the removal writes."""
    failed = done(deployment, "refused")
    deployment.clock.advance(2 * DAY)
    whole = deployment.engine.records.aws.call
    engine = deployment.engine

    def between(service: str, operation: str, parameters: Any) -> Any:
        values = parameters.get("ExpressionAttributeValues", {})
        if operation == "UpdateItem" and ":expires" in values and not again:
            again.append(retry_again(engine, failed.ref))
        return whole(service, operation, parameters)

    again: list[Task] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment.port, "call", between)
        assert removed(deployment)["removed"] == 0

    assert again
    assert deployment.task(failed.ref.task).round == 1
    assert "A" in rows(deployment, failed.ref.task)


def test_a_task_that_is_being_removed_cannot_begin_again(deployment: Deployment) -> None:
    failed = done(deployment, "refused")
    deployment.clock.advance(2 * DAY)
    deployment.port.plan("killed before", "DeleteItem")
    submit(deployment.engine, "cleanup.remove_old_tasks")
    deployment.pump()

    assert "A" in rows(deployment, failed.ref.task)
    with pytest.raises(Exception, match="There is no task"):
        retry_again(deployment.engine, failed.ref)
    assert list_tasks(deployment.engine).tasks[0].name == "cleanup.remove_old_tasks"


def test_records_are_in_the_archive_before_they_go(deployment: Deployment) -> None:
    old = [done(deployment, name) for name in ("note", "large", "refused", "pieces")]
    deployment.clock.advance(2 * DAY)

    cleaning = done(deployment, "cleanup.archive_old_records", params={"days_old": 1})

    result = json.loads(cleaning.result or "")
    (key,) = result.pop("objects")
    assert result == {"status": "success", "archived": 4, "removed": 4}
    assert key == f"archive/{cleaning.created:%Y-%m-%d}/{cleaning.ref.task}-00000.jsonl.gz"
    found = lines(deployment, key)
    by_id = {line["version"]["id"]: line for line in found if line["kind"] == "task"}
    assert by_id.keys() == {each.ref.task for each in old}
    assert by_id[old[0].ref.task]["result"] == "done"
    assert by_id[old[1].ref.task]["result"] == LARGE
    assert by_id[old[2].ref.task]["task"]["error"]["message"] == "no"
    assert [line["kind"] for line in found].count("chunk") == 3
    assert [rows(deployment, each.ref.task) for each in old] == [[], [], [], []]


@pytest.mark.parametrize("operation", ["PutObject", "DeleteItem", "GetObject"])
@pytest.mark.parametrize("effect", ["killed before", "killed after"])
def test_a_crash_loses_no_record_and_writes_the_archive_once(
    deployment: Deployment, operation: str, effect: str
) -> None:
    old = [done(deployment, "note").ref.task for _ in range(3)]
    deployment.clock.advance(2 * DAY)
    cleaning = submit(
        deployment.engine, "cleanup.archive_old_records", {"days_old": 1}
    ).task.ref.task
    deployment.port.plan(effect, operation, skip=1 if operation == "DeleteItem" else 0)
    deployment.pump()
    written = {key for key in objects(deployment) if key.startswith("archive/")}
    before = {key: lines(deployment, key) for key in written}
    gone = [each for each in old if not rows(deployment, each)]
    archived = {each for found in before.values() for each in tasks_in(found)}
    assert set(gone) <= archived

    deployment.run_for(timedelta(minutes=10))

    result = json.loads(deployment.task(cleaning).result or "")
    (key,) = result["objects"]
    assert (result["archived"], result["removed"]) == (3, 3)
    assert tasks_in(lines(deployment, key)) == set(old)
    assert before in ({}, {key: lines(deployment, key)})


def archived_in_parts(deployment: Deployment, cleaning: str) -> tuple[Any, list[Any]]:
    """The result of an archiving task, and the lines of each of its objects."""
    result = json.loads(deployment.task(cleaning).result or "")
    return result, [lines(deployment, key) for key in result["objects"]]


@pytest.mark.parametrize("fault", [None, "PutObject", "DeleteItem"])
def test_a_part_is_bounded_and_the_next_goes_on_where_it_ended(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, fault: str | None
) -> None:
    monkeypatch.setattr(archive, "PART", 20_000)
    old = [done(deployment, name).ref.task for name in ("large", "crowd", "large", "note")]
    deployment.clock.advance(2 * DAY)
    if fault:
        deployment.port.plan("killed after", fault, skip=1)

    cleaning = submit(deployment.engine, "cleanup.archive_old_records", {"days_old": 1})
    deployment.pump()
    deployment.run_for(timedelta(minutes=10))

    result, parts = archived_in_parts(deployment, cleaning.task.ref.task)
    assert (result["archived"], result["removed"]) == (4, 4)
    assert len(parts) > 3
    assert [tasks_in(part) for part in parts].count(set()) >= 1
    every = [line for part in parts for line in part]
    assert sorted(line["version"]["id"] for line in every if line["kind"] == "task") == sorted(old)
    kinds = [line["kind"] for line in every]
    assert (kinds.count("group"), kinds.count("chunk")) == (3, 250)
    assert {each["id"] for line in every for each in line.get("whole", ())} == set(old)
    assert [rows(deployment, each) for each in old] == [[]] * 4


def test_an_attempt_whose_time_is_up_leaves_a_part_and_the_next_one_goes_on(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each group takes so long that an attempt writes one of them."""
    old = done(deployment, "crowd").ref.task
    deployment.clock.advance(2 * DAY)
    chunks = deployment.engine.records.__class__.chunks

    def slow(records: Any, group: Any) -> Any:
        deployment.clock.advance(timedelta(seconds=56))
        return chunks(records, group)

    monkeypatch.setattr(deployment.engine.records.__class__, "chunks", slow)
    cleaning = submit(deployment.engine, "cleanup.archive_old_records", {"days_old": 1})
    deployment.pump()

    result, parts = archived_in_parts(deployment, cleaning.task.ref.task)
    assert (result["archived"], result["removed"]) == (1, 1)
    assert [[line["kind"] for line in part].count("group") for part in parts] == [1, 1, 1]
    assert deployment.task(cleaning.task.ref.task).continuations >= 2
    assert rows(deployment, old) == []


def test_a_task_that_begins_again_between_two_of_its_parts_is_whole_in_none(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = done(deployment, "crowd")
    deployment.clock.advance(2 * DAY)
    monkeypatch.setattr(archive, "PART", 1)
    deployment.port.plan("killed after", "PutObject")
    cleaning = submit(deployment.engine, "cleanup.archive_old_records", {"days_old": 1})
    deployment.pump()
    assert deployment.engine.records.write(old, replace(old, round=old.round + 1))

    deployment.run_for(timedelta(minutes=10))

    result, _ = archived_in_parts(deployment, cleaning.task.ref.task)
    assert (result["archived"], result["removed"]) == (0, 0)
    assert len(rows(deployment, old.ref.task)) > 3
