"""What a request is known by: its id, and its place in a trace."""

from random import Random

import pytest

from windrow.model.trace import Cause, Trace, cause, cause_of, caused_by, tracing

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


def asked(**headers: str) -> Cause:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return cause_of(named, "gateway-1", Random(1).getrandbits)


def test_a_trace_goes_on_with_a_span_of_its_own() -> None:
    trace = asked(traceparent=GIVEN).trace

    assert trace is not None
    assert (trace.trace_id, trace.flags) == (TRACE, "01")
    assert trace.span_id != SPAN
    assert Trace.parsed(str(trace)) == trace


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "00",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}-0x",
    ],
)
def test_a_malformed_trace_is_ignored_and_another_begins(malformed: str) -> None:
    trace = asked(traceparent=malformed).trace

    assert trace is not None
    assert trace.trace_id != TRACE
    assert Trace.parsed(str(trace)) == trace


def test_of_a_newer_version_is_kept_what_this_one_knows() -> None:
    trace = Trace.parsed(f"cc-{TRACE}-{SPAN}-ff-what-comes")

    assert str(trace) == f"00-{TRACE}-{SPAN}-01"


def test_a_new_trace_has_the_id_that_x_ray_knows_the_request_by() -> None:
    cause = asked(x_amzn_trace_id="Root=1-673b1c2f-0a1b2c3d4e5f60718293a4b5;Sampled=1")

    assert cause.ids["trace_id"] == "673b1c2f0a1b2c3d4e5f60718293a4b5"


@pytest.mark.parametrize("named", ["order-7/1", "a" * 128, "JKJaXmPLvHcESHA="])
def test_a_caller_may_name_his_request(named: str) -> None:
    assert asked(x_request_id=named).request_id == named


@pytest.mark.parametrize("named", ["", "a" * 129, "a b", "é", 'a"b', "a\r\nb"])
def test_what_a_log_could_trip_over_is_no_name(named: str) -> None:
    assert asked(x_request_id=named).request_id == "gateway-1"


def test_what_is_done_for_a_request_is_done_for_it_alone() -> None:
    with caused_by(Cause("outer")):
        with tracing(GIVEN):
            assert cause().ids == {"trace_id": TRACE}
        with tracing(None):
            assert cause().ids == {}
        assert cause().ids == {"request_id": "outer"}

    assert cause() == Cause()
