"""What is known of a column so far: figures that can be added to those of other rows.

Sums are exact: decimals are added without rounding. Of the most frequent values a bounded number is
kept; what is dropped by that is known, so that the error of each count is, too.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact
from math import isfinite
from typing import Any

from tasks.analytics.rows import Number

# Numbers have up to 200 digits, the first before 10^309, the last after 10^-1100: sums of them fit.
EXACT = Context(prec=2_500, Emax=9_999, Emin=-9_999, traps=[Inexact])
ROUNDED = Context(prec=15)
# Of a slice, and of all of them together.
KEPT, KEPT_TOGETHER = 200, 2_000
LONGEST = 100


@dataclass(slots=True)
class Column:
    """The figures of a column.

    counts      how often values are there, the most frequent ones
    missed      a value that is not in `counts`, or not all of it, is there so often more at most
    is_partial  some values are in no count
    """

    numbers: int = 0
    texts: int = 0
    total: Decimal = Decimal(0)
    least: Decimal | None = None
    most: Decimal | None = None
    first: str | None = None
    last: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    is_partial: bool = False

    def add(self, values: Mapping[str, int]) -> None:
        """Add the values of some rows, each with how often it is there."""
        short = Counter[str]()
        for value, count in values.items():
            if isinstance(value, Number):
                self._add_number(Decimal(value), count)
            else:
                self._add_text(value[:LONGEST], count)
            if len(value) <= LONGEST:
                short[str(value)] += count
            else:
                self.is_partial = True
        self._keep(self.counts + short, KEPT)

    def merge(self, other: "Column") -> None:
        """Add another's figures."""
        self.numbers += other.numbers
        self.texts += other.texts
        self.total = EXACT.add(self.total, other.total)
        self.least, self.most = _ends(self.least, self.most, other.least, other.most)
        self.first, self.last = _ends(self.first, self.last, other.first, other.last)
        self.missed += other.missed
        self.is_partial = self.is_partial or other.is_partial
        self._keep(self.counts + other.counts, KEPT_TOGETHER)

    def to_json(self) -> dict[str, Any]:
        """As JSON, numbers as texts."""
        return {
            "numbers": self.numbers,
            "texts": self.texts,
            "total": str(self.total),
            "least": _text(self.least),
            "most": _text(self.most),
            "first": self.first,
            "last": self.last,
            "counts": dict(self.counts),
            "missed": self.missed,
            "is_partial": self.is_partial,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Column":
        """The column that was stored so."""
        ends = {
            name: None if found[name] is None else Decimal(found[name])
            for name in ("least", "most")
        }
        return cls(
            **{
                **found,
                **ends,
                "total": Decimal(found["total"]),
                "counts": Counter(found["counts"]),
            }
        )

    def shown(self, name: str, rows: int, top: int) -> dict[str, Any]:
        """What a reader is told; docs/processing.md explains each key."""
        values = self.numbers + self.texts
        frequent = [
            {"value": value, "count": count}
            for value, count in sorted(self.counts.items(), key=lambda each: (-each[1], each[0]))
            if count > self.missed
        ]
        shown: dict[str, Any] = {
            "name": name,
            "type": self._type(),
            "count": values,
            "nulls": rows - values,
            "distinct": None if self.is_partial else len(self.counts),
            "top": frequent[:top],
            "top_error": self.missed,
        }
        if self.numbers:
            mean = ROUNDED.divide(self.total, Decimal(self.numbers))
            shown |= {
                "min": _plain(self.least),
                "max": _plain(self.most),
                "mean": _plain(mean),
                "sum": _plain(self.total),
                "sum_exact": f"{self.total:f}",
            }
        elif self.texts:
            shown |= {"min": self.first, "max": self.last}
        return shown

    def _type(self) -> str:
        if self.numbers and self.texts:
            return "mixed"
        return "number" if self.numbers else "text" if self.texts else "empty"

    def _add_number(self, value: Decimal, count: int) -> None:
        self.numbers += count
        self.total = EXACT.add(self.total, EXACT.multiply(value, Decimal(count)))
        self.least, self.most = _ends(self.least, self.most, value, value)

    def _add_text(self, value: str, count: int) -> None:
        self.texts += count
        self.first, self.last = _ends(self.first, self.last, value, value)

    def _keep(self, counts: Counter[str], most: int) -> None:
        if len(counts) > most:
            ordered = counts.most_common()
            self.missed += ordered[most][1]
            self.is_partial = True
            counts = Counter(dict(ordered[:most]))
        self.counts = counts


def _ends[T: (Decimal, str)](
    least: T | None, most: T | None, low: T | None, high: T | None
) -> tuple[T | None, T | None]:
    lows = [each for each in (least, low) if each is not None]
    highs = [each for each in (most, high) if each is not None]
    return min(lows, default=None), max(highs, default=None)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _plain(value: Decimal | None) -> int | float | None:
    """As a JSON number, which readers hold as a double; None for what is beyond doubles."""
    if value is None or not isfinite(float(value)):
        return None
    return (
        int(value) if value == value.to_integral_value() and abs(value) < 10**18 else float(value)
    )
