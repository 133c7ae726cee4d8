"""Failures are one when only values differ in them."""

import pytest

from windrow.model.fingerprint import LONGEST, fingerprint, normalised
from windrow.model.records import Failure


@pytest.mark.parametrize(
    ("message", "without_values"),
    [
        ("It took 31.5 s of 30", "It took # s of #"),
        ("Letter 01JD8Z6N5K3Q4R7T9V2X0Y1W8E is lost", "Letter # is lost"),
        ("no host 'db-7.internal' found", "no host '…' found"),
        ("bad value \"a, 'b'\" given", "bad value '…' given"),
        ("It can't be, it won't be", "It can't be, it won't be"),
        (
            "GET https://api.example.com/v1/users/77?x=1 answered 503",
            "GET https://api.example.com answered #",
        ),
        ("request 6f1ed002-ab59-5b1c-9d5f-1f6b5a3f2c11 failed", "request # failed"),
        ("two\n  lines", "two lines"),
        ("", ""),
    ],
)
def test_a_message_is_left_without_its_values(message: str, without_values: str) -> None:
    assert normalised(message) == without_values


def test_a_long_message_is_cut() -> None:
    assert len(normalised("word " * 1000)) == LONGEST


def test_failures_that_differ_in_values_are_one() -> None:
    one = fingerprint(Failure("HTTPError", "https://a.example/1 answered 502 after 30 s"))
    other = fingerprint(Failure("HTTPError", "https://a.example/2 answered 502 after 31 s"))

    assert one == other
    assert len(one) == 16


@pytest.mark.parametrize(
    "other",
    [Failure("Timeout", "The host is gone."), Failure("HTTPError", "The host has moved.")],
)
def test_failures_of_another_kind_or_sentence_are_others(other: Failure) -> None:
    assert fingerprint(other) != fingerprint(Failure("HTTPError", "The host is gone."))
