"""Cursors: what was handed out comes back as it was, and nothing else is taken."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults import FaultyPort
from tests.simulated.aws import Services
from tests.simulated.time import Time
from windrow.errors import InvalidCursor
from windrow.store.cursors import Cursors

SCOPE, PLACE = "tasks\ndefault\n[]", "1768473000000#01KF0Q5M00E4Q8V0J8Z1X2Y3W4"


def world() -> FaultyPort:
    services = Services(Time())
    services.create_tables("TasksTable")
    return FaultyPort(services)


def cursors(port: FaultyPort, seed: int = 1) -> Cursors:
    return Cursors(port, "TasksTable", Random(seed))


ONE = cursors(world())


@given(scope=st.text(), place=st.text(max_size=80))
def test_a_cursor_leads_back_to_its_place(scope: str, place: str) -> None:
    assert ONE.place(scope, ONE.at(scope, place)) == place


def test_it_is_safe_in_a_url() -> None:
    assert ONE.at(SCOPE, PLACE).replace("-", "").replace("_", "").isalnum()


@given(at=st.integers(0, 200), bit=st.integers(0, 7))
def test_a_cursor_with_any_bit_changed_is_refused(at: int, bit: int) -> None:
    cursor = ONE.at(SCOPE, PLACE)
    raw = bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[at % len(raw)] ^= 1 << bit
    changed = urlsafe_b64encode(raw).rstrip(b"=").decode()

    with pytest.raises(InvalidCursor):
        ONE.place(SCOPE, changed)


@given(st.text())
def test_what_was_never_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor, match="not one that this list gave"):
        ONE.place(SCOPE, text)


@pytest.mark.parametrize("given", ["", "A", "é", "A" * 10_000, "====", "null"])
def test_what_looks_strange_is_refused(given: str) -> None:
    with pytest.raises(InvalidCursor):
        ONE.place(SCOPE, given)


def test_scope_and_place_cannot_be_shifted_against_each_other() -> None:
    cursor = ONE.at("a", "b\nc")

    with pytest.raises(InvalidCursor):
        ONE.place("a\nb", cursor)


def test_the_key_is_drawn_once_for_a_deployment_and_read_once_by_a_process() -> None:
    port = world()
    first, second = cursors(port, seed=1), cursors(port, seed=2)

    cursor = first.at(SCOPE, PLACE)

    assert second.place(SCOPE, cursor) == PLACE
    assert [operation for operation, _ in port.calls] == ["GetItem", "PutItem", "GetItem"]
    assert second.place(SCOPE, second.at(SCOPE, PLACE)) == PLACE
    assert len(port.calls) == 3


def test_two_that_draw_at_once_agree_on_one_key() -> None:
    port = world()
    first, second = cursors(port, seed=1), cursors(port, seed=2)
    # The second has read that there is none before the first has stored its own.
    assert second._read() is None
    cursor = first.at(SCOPE, PLACE)
    second._key = second._drawn()

    assert second.place(SCOPE, cursor) == PLACE


def test_a_key_whose_storing_was_not_answered_is_the_key_all_the_same() -> None:
    port = world()
    port.plan("answer lost", "PutItem")

    cursor = cursors(port, seed=1).at(SCOPE, PLACE)

    assert cursors(port, seed=2).place(SCOPE, cursor) == PLACE


def test_another_deployment_takes_no_cursor_of_this_one() -> None:
    with pytest.raises(InvalidCursor):
        cursors(world(), seed=9).place(SCOPE, ONE.at(SCOPE, PLACE))
