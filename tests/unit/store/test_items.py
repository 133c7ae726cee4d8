"""Records as items, and back."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from windrow.aws.dynamodb import decoded, encoded
from windrow.model.priority import Mode
from windrow.model.records import Chunk, Failure, Group, Lost, Progress, Record, Task
from windrow.model.ref import Ref
from windrow.model.states import Phase, State
from windrow.store.items import from_item, to_item
from windrow.store.ready import Order

INSTANTS = st.integers(1_600_000_000_000, 2_000_000_000_000).map(
    lambda milliseconds: datetime.fromtimestamp(milliseconds / 1000, UTC)
)
SECONDS = st.integers(1_600_000_000, 2_000_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
COUNTS = st.integers(0, 10**6)
TASKS = st.from_regex(r"[0-9A-HJKMNP-TV-Z]{26}", fullmatch=True)
FAILURES = st.builds(Failure, kind=st.text(min_size=1), message=st.text(min_size=1))
POSITIONS = st.lists(st.integers(0, 99), max_size=5).map(tuple)
PROGRESS = st.builds(Progress, COUNTS, COUNTS, COUNTS, COUNTS)
SHARED = {
    "pool": st.sampled_from(["default", "long"]),
    "state": st.sampled_from(State),
    "attempt": COUNTS,
    "owner": st.none() | st.text(min_size=1),
    "failures": COUNTS,
    "max_retries": st.none() | COUNTS,
    "crashes": COUNTS,
    "sends": COUNTS,
    "dead": COUNTS,
    "slot": st.none(),
    "waits_for": st.none() | st.text(min_size=1),
    "created": INSTANTS,
    "queued": INSTANTS,
    "not_before": INSTANTS,
    "deadline": INSTANTS,
    "started": st.none() | INSTANTS,
    "lease": st.none() | INSTANTS,
    "due": st.none() | INSTANTS,
    "ended": st.none() | INSTANTS,
    "expires": st.none() | SECONDS,
    "error": st.none() | FAILURES,
    "checkpoint": st.none() | st.text(min_size=1),
    "continuations": COUNTS,
    "cancel_requested": st.none() | INSTANTS,
    "round": COUNTS,
}
RECORDS = st.one_of(
    st.builds(
        Task,
        **SHARED,
        ref=st.builds(Ref, st.just("default"), TASKS),
        name=st.text(min_size=1),
        priority=st.integers(1, 10),
        params=st.text(),
        params_object=st.none() | st.text(min_size=1),
        said=st.none() | st.text(min_size=1),
        result=st.none() | st.text(),
        result_object=st.none() | st.text(min_size=1),
        result_expires=st.none() | INSTANTS,
        unique=st.none() | st.text(min_size=1),
        trace=st.none() | st.text(min_size=1),
        start_by=st.none() | INSTANTS,
        has_remains=st.booleans(),
        phase=st.none() | st.sampled_from(Phase),
        items=st.none() | st.text(min_size=1),
        chunk_size=st.none() | COUNTS,
        items_etag=st.none() | st.text(min_size=1),
        expanded=COUNTS,
        groups=st.none() | COUNTS,
        message=st.none() | st.text(),
        chunks_began=st.none() | INSTANTS,
        is_work_done=st.booleans(),
        progress=PROGRESS,
    ),
    st.builds(
        Chunk,
        **SHARED,
        ref=st.builds(lambda task, n: Ref("default", task).chunk_at(n), TASKS, COUNTS),
        first=COUNTS,
        count=COUNTS,
        offset=COUNTS,
        length=COUNTS,
        left=st.none() | POSITIONS,
        lost=st.lists(st.builds(Lost, POSITIONS, FAILURES), max_size=3).map(tuple),
    ),
    st.builds(
        Group,
        ref=st.builds(lambda task, n: Ref("default", task).group_at(n), TASKS, COUNTS),
        pool=SHARED["pool"],
        chunks=COUNTS,
        deadline=INSTANTS,
        is_closed=st.booleans(),
        sends=COUNTS,
        due=st.none() | INSTANTS,
        expires=st.none() | SECONDS,
        progress=PROGRESS,
        error=st.none() | FAILURES,
        round=COUNTS,
    ),
)


@given(RECORDS)
def test_a_record_comes_back_from_its_item_as_it_was(record: Task | Chunk | Group) -> None:
    assert from_item(decoded(encoded(to_item(record)))) == record


@given(RECORDS)
def test_a_record_is_in_the_due_index_while_it_has_a_due_time(
    record: Task | Chunk | Group,
) -> None:
    assert (to_item(record)["due_shard"] is not None) == (record.due is not None)


@given(RECORDS, st.sampled_from(Mode))
def test_only_what_is_queued_is_in_the_ready_index_and_a_chunk_for_a_slot_alone(
    record: Task | Chunk | Group, mode: Mode
) -> None:
    shard = Order(mode).place(record)["ready_shard"]

    assert shard is None or (isinstance(record, Record) and record.state is State.QUEUED)
    assert shard is None or isinstance(record, Task) or str(shard).startswith("N#")


@given(RECORDS)
def test_the_tenant_is_in_every_key(record: Task | Chunk | Group) -> None:
    item = to_item(record)

    assert str(item["PK"]).startswith("K#default#")
    assert item.get("list_shard") is None or "#default#" in str(item["list_shard"])


def test_a_record_has_a_name_for_each_attribute_that_an_item_has() -> None:
    assert set(SHARED) | {"ref"} == set(Record.__dataclass_fields__)
