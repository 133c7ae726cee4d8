"""Writes that happen all or none."""

from dataclasses import dataclass, field
from random import Random

import pytest

from tests.clock import EPOCH, FakeClock
from windrow.aws.errors import Reason, TransactionCanceled, Unavailable
from windrow.aws.port import Answer, Parameters
from windrow.model.ref import Ref
from windrow.store.transactions import FAILED, TRIES, Transactions, refused

CONFLICT = (Reason("TransactionConflict", None), Reason("None", None))
REFUSED = (Reason("None", None), Reason("ConditionalCheckFailed", None))


@dataclass
class Refusing:
    """A port whose transactions are refused for these reasons, one after the other."""

    refusals: list[tuple[Reason, ...]]
    tokens: list[str] = field(default_factory=list)

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        self.tokens.append(parameters["ClientRequestToken"])
        if self.refusals:
            raise TransactionCanceled(service, operation, "", self.refusals.pop(0))
        return {}


def test_a_transaction_that_meets_another_writer_is_tried_again_as_the_same_one() -> None:
    port, clock = Refusing([CONFLICT, CONFLICT]), FakeClock()

    reasons = Transactions(port, clock, Random(1)).write([])

    assert reasons == ()
    assert len(port.tokens) == 3
    assert len(set(port.tokens)) == 1
    assert clock.now() > EPOCH, "it waited"


def test_a_transaction_whose_condition_fails_is_not_tried_again() -> None:
    port = Refusing([REFUSED])

    reasons = Transactions(port, FakeClock(), Random(1)).write([])

    assert reasons == REFUSED
    assert len(port.tokens) == 1


def test_a_transaction_that_meets_other_writers_for_ever_gives_up() -> None:
    port = Refusing([CONFLICT] * TRIES)

    with pytest.raises(Unavailable):
        Transactions(port, FakeClock(), Random(1)).write([])

    assert len(port.tokens) == TRIES


def test_a_refusal_without_a_reason_is_no_success() -> None:
    port = Refusing([()])

    with pytest.raises(TransactionCanceled):
        Transactions(port, FakeClock(), Random(1)).write([])


def test_two_transactions_have_two_tokens() -> None:
    port = Refusing([])
    transactions = Transactions(port, FakeClock(), Random(1))

    transactions.write([])
    transactions.write([])

    assert len(set(port.tokens)) == 2
    assert all(len(token) <= 36 for token in port.tokens), "API_TransactWriteItems"


@pytest.mark.parametrize(
    ("code", "helps"),
    [("TransactionConflict", True), ("ThrottlingError", True), ("ValidationError", False)],
)
def test_a_conflict_beside_a_condition_that_did_not_hold_passes(code: str, helps: bool) -> None:
    error = refused(Ref("default", "01J"), [Reason(FAILED, None), Reason(code, None)])

    assert (error.code, error.retryable) == (code, helps)
