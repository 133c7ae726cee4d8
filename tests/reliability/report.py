"""The report of a proof: a table for people, JSON for programs, and whether all of it held."""

import os
import platform
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

import windrow
from tests.reliability.bars import BARS
from tests.reliability.frame import Budget, Outcome, Row

NOT_RUN = "not run"
# A row with one of these beginnings has no bar that could be missed.
SHOWN_ONLY = ("shown only", "for comparison")
CAPTION = "On a simulated AWS, except for the local stack; never on AWS itself."


@dataclass
class Report:
    """What the layers saw so far, by name, and how many seconds each took."""

    budget: Budget
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    is_interrupted: bool = False

    def add(self, name: str, outcome: Outcome, seconds: float) -> None:
        """Take what a layer saw."""
        self.outcomes[name], self.seconds[name] = outcome, round(seconds, 1)

    @property
    def problems(self) -> list[str]:
        """Every broken promise, with its layer."""
        return [
            f"{name}: {problem}"
            for name, outcome in self.outcomes.items()
            for problem in outcome.problems
        ]

    @property
    def has_held(self) -> bool:
        """Did all that was run hold what it promised?

        Where a person chose the amount, or stopped it, a bar of quantity may be missed.
        """
        is_short = self.budget.is_chosen or self.is_interrupted
        return not self.problems and (is_short or all(row.is_met for row in self._rows()))

    def standing(self, row: Row) -> str:
        """One word on a row; none on what is only shown."""
        if row.bar.startswith(SHOWN_ONLY) and row.is_met:
            return ""
        if row.is_met:
            return "yes"
        return "short" if self.budget.is_chosen or self.is_interrupted else "NO"

    def table(self) -> Table:
        """What was run: the bars in their order, then what layers add of their own."""
        title = f"Reliability: {self.budget.profile} profile, seed {self.budget.seed}"
        table = Table("what", "bar", "seen", "met?", title=title, caption=CAPTION)
        for what, row in self._lines():
            if row is not None:
                table.add_row(what, row.bar, row.seen, self.standing(row))
        return table

    @property
    def closing(self) -> str:
        """Whether all that was run has held, in a sentence."""
        if not self._rows() and not self.problems:
            return "Nothing was run."
        if not self.has_held:
            missed = sum(self.standing(row) == "NO" for row in self._rows())
            return (
                f"It has NOT held: problems {len(self.problems)}, bars that were missed {missed}."
            )
        if any(self.standing(row) == "short" for row in self._rows()):
            return "No promise was broken in what was run; less was run than its bars want."
        return "All that was run has held."

    def show(self, console: Console) -> None:
        """Print the table and every problem."""
        console.print(self.table())
        if missing := [what for what, row in self._lines() if row is None]:
            console.print(f"Not run: {'; '.join(missing)}.", highlight=False, soft_wrap=True)
        for problem in self.problems:
            console.print(f"PROBLEM {problem}", markup=False, highlight=False, soft_wrap=True)
        times = ", ".join(f"{name} {seconds:g} s" for name, seconds in self.seconds.items())
        console.print(f"Layers: {times or 'none'}.", highlight=False)
        if self.is_interrupted:
            console.print("Interrupted: this is what there was until then.")
        console.print(self.closing, highlight=False)

    def json(self) -> dict[str, Any]:
        """The same, for programs. Nothing in it names a host, a user or a folder."""
        return {
            "profile": self.budget.profile,
            "seed": self.budget.seed,
            "runs": self.budget.runs,
            "seconds_allowed": self.budget.seconds,
            "processes": self.budget.processes,
            "measured_on": CAPTION,
            "is_interrupted": self.is_interrupted,
            "has_held": self.has_held,
            "seconds": round(sum(self.seconds.values()), 1),
            "versions": {
                "windrow": windrow.__version__,
                "python": platform.python_version(),
            },
            "machine": {"processors": os.cpu_count(), "architecture": platform.machine()},
            "bars": [
                {
                    "what": what,
                    "bar": row.bar if row else None,
                    "seen": row.seen if row else NOT_RUN,
                    "is_met": row.is_met if row else None,
                }
                for what, row in self._lines()
            ],
            "layers": {
                name: {**asdict(outcome), "seconds": self.seconds[name]}
                for name, outcome in self.outcomes.items()
            },
        }

    def _rows(self) -> list[Row]:
        return [row for outcome in self.outcomes.values() for row in outcome.rows]

    def _lines(self) -> list[tuple[str, Row | None]]:
        """What each bar counts, with its rows; None for one that was not run."""
        rows, known = self._rows(), {bar.what for bar in BARS}
        lines: list[tuple[str, Row | None]] = []
        for bar in BARS:
            own = [row for row in rows if row.what == bar.what]
            lines += [(bar.what, row) for row in own] or [(bar.what, None)]
        return [*lines, *((row.what, row) for row in rows if row.what not in known)]
