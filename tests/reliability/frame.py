"""The frame of the proof: what a layer is given, what it hands back, and which layers there are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from time import monotonic
from typing import Literal, Protocol, cast

type Profile = Literal["quick", "full"]
type Figure = int | float | str

# The whole quick profile, one layer after the other on one processor.
QUICK_SECONDS = 240


@dataclass(frozen=True)
class Budget:
    """How much a layer may do.

    profile    `quick` is a part of `make test`; `full` holds the layer against its bar
    seed       the first seed: whatever is drawn is drawn from it or from those after it
    processes  how many may work at once; 1 stays in this process
    runs       how many runs of what the layer runs; None leaves it to the profile
    seconds    when the layer stops, done or not; None leaves it to the profile
    """

    profile: Profile
    seed: int
    processes: int
    runs: int | None = None
    seconds: float | None = None
    began: float = field(default_factory=monotonic, compare=False)

    @property
    def is_full(self) -> bool:
        """Is the layer held against the bars of the full profile?"""
        return self.profile == "full"

    @property
    def is_chosen(self) -> bool:
        """Did a person choose how much is done? A bar of quantity is then no promise."""
        return self.runs is not None or self.seconds is not None

    @property
    def is_over(self) -> bool:
        """Is the time up?"""
        return self.seconds is not None and monotonic() - self.began >= self.seconds


@dataclass(frozen=True)
class Row:
    """A row of the table: `what` is one of bars.BARS or the layer's own; figures go to the JSON.

    A row is not met when less was seen than its bar wants. A broken promise is a problem besides.
    """

    what: str
    bar: str
    seen: str
    is_met: bool
    figures: dict[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a layer saw; each problem is a broken promise, with the command that shows it again."""

    rows: list[Row]
    problems: list[str] = field(default_factory=list)


class Layer(Protocol):
    """A module of tests/reliability/layers. SHARE is its part of the quick profile's time.

    A layer without a share has no place in the quick profile, and hands back no rows there.
    """

    NAME: str
    SHARE: float

    def run(self, budget: Budget) -> Outcome:
        """Do what the budget allows. An exception is a defect of the layer, not of the engine."""
        ...


def layers() -> Iterator[Layer]:
    """Every layer, in the order of its module's name."""
    folder = Path(__file__).parent / "layers"
    for module in sorted(iter_modules([str(folder)]), key=lambda module: module.name):
        if not module.name.startswith("_"):
            yield cast(Layer, import_module(f"tests.reliability.layers.{module.name}"))
