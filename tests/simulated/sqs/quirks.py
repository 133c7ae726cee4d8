"""What a standard queue may do to a message, as SQS documents it; nothing by default."""

from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Quirks:
    """How often each happens, 0 to 1, drawn from a seed.

    unsent      an entry of a batch fails though the batch succeeds (API_SendMessageBatch)
    duplicate   a received message stays to be received again (at-least-once delivery)
    unreceived  a receive is counted, and its answer never arrives
    undeleted   a deleted message comes back (API_DeleteMessage)
    window      how many messages, from the oldest on, a receive picks from: 1 keeps the order
    """

    random: Random = field(default_factory=lambda: Random(0))
    unsent: float = 0
    duplicate: float = 0
    unreceived: float = 0
    undeleted: float = 0
    window: int = 1

    def happens(self, rate: float) -> bool:
        """Draw whether something happens; what never does draws nothing."""
        return rate > 0 and self.random.random() < rate
