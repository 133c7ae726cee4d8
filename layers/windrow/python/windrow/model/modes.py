"""Modes: what an operator has asked of the pools, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """What a pool does.

    run    accepts tasks and starts them
    pause  accepts tasks and starts none: they wait
    drain  accepts none, and starts what waits until nothing is left
    stop   neither: what a drain and then a pause leave behind
    """

    RUN = "run"
    PAUSE = "pause"
    DRAIN = "drain"
    STOP = "stop"

    @property
    def accepts(self) -> bool:
        """Are submissions accepted?"""
        return self in (Mode.RUN, Mode.PAUSE)

    @property
    def starts(self) -> bool:
        """Does what waits start?"""
        return self in (Mode.RUN, Mode.DRAIN)


@dataclass(frozen=True, slots=True)
class Orders:
    """Since when a pool starts nothing, and since when it accepts nothing; None where it does."""

    paused: datetime | None = None
    draining: datetime | None = None

    @property
    def mode(self) -> Mode:
        if self.paused:
            return Mode.STOP if self.draining else Mode.PAUSE
        return Mode.DRAIN if self.draining else Mode.RUN

    @property
    def since(self) -> datetime | None:
        """When the first of the orders that hold was given; None for a pool that runs."""
        return _earliest(self.paused, self.draining)


@dataclass(frozen=True, slots=True)
class Modes:
    """The orders for every pool, and those for single ones; a pool obeys both."""

    everywhere: Orders = Orders()
    pools: Mapping[str, Orders] = field(default_factory=dict)

    @property
    def since(self) -> datetime | None:
        """When the first of all orders that hold was given; None when every pool runs."""
        return _earliest(self.everywhere.since, *(orders.since for orders in self.pools.values()))

    def of(self, pool: str) -> Orders:
        """What holds for a pool."""
        own = self.pools.get(pool, Orders())
        return Orders(
            paused=_earliest(self.everywhere.paused, own.paused),
            draining=_earliest(self.everywhere.draining, own.draining),
        )


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant), default=None)
