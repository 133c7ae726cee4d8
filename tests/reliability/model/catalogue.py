"""Which models are explored in which profile, and every mutant with the smallest model it needs."""

from collections.abc import Iterator

from tests.reliability.model import lock
from tests.reliability.model.explore import AnyModel
from tests.reliability.model.lock import Lock


def models(*, is_full: bool) -> Iterator[AnyModel]:
    """The models as the protocol is, the largest first."""
    yield Lock(callers=4 if is_full else 3)


def mutants() -> Iterator[tuple[AnyModel, str]]:
    """A model with one condition left out, and what that means."""
    for without, meaning in lock.MUTANTS.items():
        yield Lock(without=without), meaning
