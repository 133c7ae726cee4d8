"""What must be true after every write, call and answer of a world: S1 to S18, one topic a module.

The names are those that the research on reliability gives them; S18 is of work made of work.
"""

from tests.simulated.invariants.step import Violation
from tests.simulated.invariants.watch import Invariants

__all__ = ["Invariants", "Violation"]
