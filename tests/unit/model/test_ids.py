"""Task ids."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.clock import EPOCH
from windrow.model.ids import ALPHABET, LENGTH, derived_id, new_id


def is_id(text: str) -> bool:
    return len(text) == LENGTH and set(text) <= set(ALPHABET)


def test_ids_sort_by_time() -> None:
    earlier = new_id(EPOCH, 2**80 - 1)
    later = new_id(EPOCH + timedelta(milliseconds=1), 0)

    assert earlier < later


@given(st.integers(0, 2**80 - 1))
def test_an_id_has_the_shape_of_one(bits: int) -> None:
    assert is_id(new_id(EPOCH, bits))


@given(st.text(), st.text())
def test_a_key_has_one_id(tenant: str, key: str) -> None:
    assert derived_id(tenant, key) == derived_id(tenant, key)
    assert is_id(derived_id(tenant, key))


def test_two_tenants_with_one_key_have_two_tasks() -> None:
    assert derived_id("one", "key") != derived_id("two", "key")
