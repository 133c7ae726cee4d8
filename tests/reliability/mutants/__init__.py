"""Mutants: the engine with one condition, one part of the fence or one step of recovery taken out.

Each is a patch of the real code in this process. What the proof is worth shows in what it says of
them: whoever adds a condition to the engine adds the mutant that lacks it.
"""

from collections.abc import Mapping

from tests.reliability.mutants.budgets import BUDGETS
from tests.reliability.mutants.families import FAMILIES
from tests.reliability.mutants.fences import FENCES
from tests.reliability.mutants.hints import HINTS
from tests.reliability.mutants.keys import KEYS
from tests.reliability.mutants.limits import LIMITS
from tests.reliability.mutants.maps import MAPS
from tests.reliability.mutants.mutant import Mutant
from tests.reliability.mutants.rounds import ROUNDS
from tests.reliability.mutants.steps import STEPS

MUTANTS = (*FENCES, *HINTS, *BUDGETS, *KEYS, *LIMITS, *MAPS, *ROUNDS, *STEPS, *FAMILIES)
BY_NAME: Mapping[str, Mutant] = {mutant.name: mutant for mutant in MUTANTS}

__all__ = ["BY_NAME", "MUTANTS", "Mutant"]
