"""What must be true after every write and every call of a world: S1 to S16, one topic a module.

The names are those that the research on reliability gives them. S17, which speaks of answers over
HTTP, is asked where requests are made: `answers`.
"""

from tests.simulated.invariants.step import Violation
from tests.simulated.invariants.watch import Invariants

__all__ = ["Invariants", "Violation"]
