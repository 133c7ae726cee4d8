"""A slot and the record that takes it are written together, or it is said why not."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Registry, task
from windrow.aws.errors import Reason, ServiceError
from windrow.engine.claim import claim
from windrow.engine.submit import submit
from windrow.store.transactions import FAILED, Transactions


@task("limited", limit=1)
def limited(context: Context) -> None: ...


def refusing(monkeypatch: pytest.MonkeyPatch, *codes: str) -> list[int]:
    """Let every transaction be refused with these reasons; returns how many parts each had."""
    tried: list[int] = []

    def write(self: Transactions, parts: Sequence[dict[str, Any]]) -> tuple[Reason, ...]:
        tried.append(len(parts))
        return tuple(Reason(code, None, "Item size has exceeded") for code in codes)

    monkeypatch.setattr(Transactions, "write", write)
    return tried


def claimed(deployment: Deployment) -> object:
    waiting = submit(deployment.engine, "limited").task
    until = deployment.clock.now() + limited.deadline
    return claim(deployment.engine, waiting, until, limited.slots)


@pytest.mark.parametrize(
    "codes", [("ValidationError", "None"), ("None", "ValidationError"), ("ValidationError", FAILED)]
)
def test_a_write_that_aws_refuses_is_no_slot_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, codes: tuple[str, str]
) -> None:
    with deploy(Registry([limited])) as deployment:
        refusing(monkeypatch, *codes)

        with pytest.raises(ServiceError, match=r"ValidationError.*Item size has exceeded"):
            claimed(deployment)

        (message,) = deployment.hints.messages
        assert message is not None
        assert "task.waits_for_slot" not in deployment.telemetry.verbs()


@pytest.mark.parametrize("codes", [("None", FAILED), ("TransactionConflict", FAILED)])
def test_a_slot_that_others_take_again_and_again_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, codes: tuple[str, str]
) -> None:
    with deploy(Registry([limited])) as deployment:
        tried = refusing(monkeypatch, *codes)

        assert claimed(deployment) is None

        assert tried == [2, 2, 2, 2]
        assert "task.waits_for_slot" in deployment.telemetry.verbs()
