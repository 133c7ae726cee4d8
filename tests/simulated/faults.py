"""What can happen to a call on its way, drawn from a seed or planned for one call exactly."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from tests.simulated.time import SECOND
from windrow.aws.port import Parameters


class Effect(StrEnum):
    """What becomes of a call, and of its caller.

    FAILED, THROTTLED, LOST  the SDK has given up: the caller is told that AWS was unavailable
    LOST, REPEATED           the call took effect; in REPEATED the SDK sends it a second time
    DELAYED                  the request travels long: others act first, deadlines may pass
    LATE                     the caller dies, and its request arrives long afterwards
    """

    DONE = "done"
    FAILED = "failed before"
    THROTTLED = "throttled"
    LOST = "answer lost"
    REPEATED = "answer lost, sent again"
    DELAYED = "delayed"
    KILLED_BEFORE = "caller killed before"
    KILLED_AFTER = "caller killed after"
    LATE = "caller killed, request late"


FAULTS = tuple(effect for effect in Effect if effect is not Effect.DONE)

type Matcher = Callable[[str, str, Parameters], bool]


def evenly(rate: float) -> dict[Effect, float]:
    """Rates that let this part of all calls meet a fault, each kind as often as another."""
    return {effect: rate / len(FAULTS) for effect in FAULTS}


@dataclass
class Faults:
    """The faults of a world. Planned ones come at a call's number, from 0; others by their rates.

    `delay` is the range of a delay in milliseconds. `matches` limits drawn faults to some calls.
    """

    random: Random
    rates: Mapping[Effect, float] = field(default_factory=dict)
    planned: Mapping[int, Effect] = field(default_factory=dict)
    delay: tuple[int, int] = (100, 90 * SECOND)
    matches: Matcher | None = None
    calls: int = 0
    injected: Counter[Effect] = field(default_factory=Counter)

    def next(self, service: str, operation: str, parameters: Parameters) -> Effect:
        """What becomes of the next call."""
        number, self.calls = self.calls, self.calls + 1
        effect = self.planned.get(number)
        if effect is None:
            effect = self._drawn(service, operation, parameters)
        if effect is not Effect.DONE:
            self.injected[effect] += 1
        return effect

    def drawn_delay(self) -> int:
        """How long a delayed request travels, in milliseconds: short ones are likelier."""
        low, high = self.delay
        return low + int((high - low) * self.random.random() ** 3)

    def stop(self) -> None:
        """From now on AWS never fails."""
        self.rates, self.planned = {}, {}

    def _drawn(self, service: str, operation: str, parameters: Parameters) -> Effect:
        if not self.rates or (self.matches and not self.matches(service, operation, parameters)):
            return Effect.DONE
        chance = self.random.random()
        for effect, rate in self.rates.items():
            chance -= rate
            if chance < 0:
                return effect
        return Effect.DONE
