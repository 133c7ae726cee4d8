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
        """One word on a row."""
        if row.is_met:
            return "yes"
        return "short" if self.budget.is_chosen or self.is_interrupted else "NO"

    def table(self) -> Table:
        """The table: the bars in their order, then what layers add of their own."""
        title = f"Reliability: {self.budget.profile} profile, seed {self.budget.seed}"
        table = Table("what", "bar", "seen", "met?", title=title, caption=CAPTION)
        for what, bar, row in self._lines():
            if row is None:
                table.add_row(what, bar, NOT_RUN, "")
            else:
                table.add_row(what, row.bar, row.seen, self.standing(row))
        return table

    def show(self, console: Console) -> None:
        """Print the table and every problem."""
        console.print(self.table())
        for problem in self.problems:
            console.print(f"PROBLEM {problem}", markup=False, highlight=False, soft_wrap=True)
        times = ", ".join(f"{name} {seconds:g} s" for name, seconds in self.seconds.items())
        console.print(f"Layers: {times or 'none'}.", highlight=False)
        if self.is_interrupted:
            console.print("Interrupted: this is what there was until then.")

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
                    "bar": row.bar if row else bar,
                    "seen": row.seen if row else NOT_RUN,
                    "is_met": row.is_met if row else None,
                }
                for what, bar, row in self._lines()
            ],
            "layers": {
                name: {**asdict(outcome), "seconds": self.seconds[name]}
                for name, outcome in self.outcomes.items()
            },
        }

    def _rows(self) -> list[Row]:
        return [row for outcome in self.outcomes.values() for row in outcome.rows]

    def _lines(self) -> list[tuple[str, str, Row | None]]:
        """(what, bar of the full profile, row or None) for each line of the table."""
        rows, known = self._rows(), {bar.what for bar in BARS}
        lines: list[tuple[str, str, Row | None]] = []
        for bar in BARS:
            own = [row for row in rows if row.what == bar.what]
            lines += [(bar.what, bar.full, row) for row in own] or [(bar.what, bar.full, None)]
        return [*lines, *((row.what, row.bar, row) for row in rows if row.what not in known)]
