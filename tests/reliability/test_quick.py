"""The quick profile of the proof: every layer with a small bound, in this process."""

import pytest

from tests.reliability.frame import Budget, Layer, layers

QUICK = [layer for layer in layers() if layer.SHARE]


# Most take seconds; on a busy machine the longest takes minutes.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("layer", QUICK, ids=lambda layer: layer.NAME)
def test_the_promises_hold(layer: Layer) -> None:
    outcome = layer.run(Budget(profile="quick", seed=1, processes=1))

    assert outcome.problems == []
    assert [row for row in outcome.rows if not row.is_met] == []
    assert outcome.rows
