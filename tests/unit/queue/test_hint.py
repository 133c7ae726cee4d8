"""The message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windrow.model.ref import Ref
from windrow.queue.hint import UnreadableHint, decode, encode

TASK = Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E")


@pytest.mark.parametrize("ref", [TASK, TASK.group_at(3), TASK.chunk_at(19_999)])
def test_a_hint_comes_back_as_it_was(ref: Ref) -> None:
    assert decode(encode(ref)) == ref


def test_a_hint_is_small() -> None:
    assert len(encode(TASK.chunk_at(9_999_999))) < 300


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"v":2,"tenant":"default","task":"x"}',
        '{"v":1,"tenant":"","task":"x"}',
        '{"v":1,"tenant":"a#b","task":"x"}',
        '{"v":1,"tenant":"default","task":7}',
        '{"v":1,"tenant":"default","task":"x","chunk":-1}',
        '{"v":1,"tenant":"default","task":"x","chunk":true}',
        '{"v":1,"tenant":"default","task":"x","group":"0"}',
    ],
)
def test_what_is_no_hint_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableHint):
        decode(body)


@given(st.text())
def test_no_text_does_more_than_be_unreadable(body: str) -> None:
    with pytest.raises(UnreadableHint):
        decode(body)
