"""How late DynamoDB is in a simulated world: drawn from its seed, not at all by default."""

from dataclasses import dataclass, field
from random import Random

type Range = tuple[int, int]


@dataclass(slots=True)
class Lags:
    """Ranges in milliseconds, ends included.

    index   how far a global secondary index is behind its table
    stale   how far a read that is not strongly consistent may be behind
    ttl     how late an expired item is deleted
    unread  how often, 0 to 1, an item of a BatchGetItem is left for another call
    """

    random: Random = field(default_factory=lambda: Random(0))
    index: Range = (0, 0)
    stale: Range = (0, 0)
    ttl: Range = (0, 0)
    unread: float = 0

    def leaves(self) -> bool:
        """Draw whether an item of a batch is left unread; what never is draws nothing."""
        return self.unread > 0 and self.random.random() < self.unread

    def draw(self, range_: Range) -> int:
        """A lag from a range; a range of one value draws nothing."""
        low, high = range_
        return low if low == high else self.random.randint(low, high)
