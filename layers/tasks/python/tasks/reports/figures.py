"""How numbers are shown: with the decimals that all of a column need, on scales of round steps."""

from collections.abc import Iterable
from math import ceil, floor, log10

# A number of more decimals is shown by its first digits: 1.2e-07.
MOST = 6
# So many steps of a scale can be told apart.
STEPS = 5


def places(values: Iterable[object]) -> int:
    """The decimals with which all of some numbers are shown, so that they can be compared.

    As few as show each of them, two at the most, and more only where the smallest one would be
    nothing with two. What is no fraction counts for nothing.
    """
    found = [abs(value) for value in values if isinstance(value, float) and value]
    if not found:
        return 0
    most = min(max(2, 1 - floor(log10(min(found)))), MOST)
    return max(_needed(value, most) for value in found)


def figure(value: float, decimals: int) -> str:
    """A number with so many decimals: 1,234.50. What would be nothing keeps two digits."""
    shown = f"{value:,.{decimals}f}"
    if not shown.strip("-0.,"):
        return f"{value:.2g}" if value else shown.removeprefix("-")
    return shown


def ticks(values: Iterable[float]) -> list[float]:
    """The marks of a scale that holds some values and zero, 1, 2 or 5 times a power of ten apart.

    Zero is one of them, and there are two of them at the least.
    """
    found = [*values, 0.0]
    low, high = min(found), max(found)
    if high - low < 1e-300:
        low, high = 0.0, 1.0
    span = high - low
    power = 10.0 ** floor(log10(span / STEPS))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= span / STEPS * 0.999999)
    first, last = floor(low / step + 1e-6), ceil(high / step - 1e-6)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _needed(value: float, most: int) -> int:
    return len(f"{value:.{most}f}".partition(".")[2].rstrip("0"))
