"""Small sizes for simulated lives, so that a few calls show what takes thousands in production.

With 3 chunks a group a small map has several groups; with 2 shards a sweep of an empty index is 2
queries, and each of them can be at fault. Nothing that is simulated knows these numbers.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

SMALL = {
    "windrow.model.ref.GROUP_SIZE": 3,
    "windrow.engine.expand.GROUP_SIZE": 3,
    "windrow.store.keys.GROUP_SIZE": 3,
    "windrow.store.children.GROUP_SIZE": 3,
    "windrow.engine.make.AT_ONCE": 2,
    "windrow.store.keys.DUE_SHARDS": 2,
    "windrow.engine.sweep.PUT_OFF": timedelta(minutes=5),
    "windrow.engine.payloads.INLINE_PARAMS": 300,
    "windrow.engine.payloads.INLINE_RESULT": 300,
}


@contextmanager
def small_sizes() -> Iterator[None]:
    """The engine's sizes are small while this lasts."""
    with ExitStack() as stack:
        for name, size in SMALL.items():
            stack.enter_context(patch(name, size))
        yield
