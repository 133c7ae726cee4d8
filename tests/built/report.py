"""What was measured of each function, as a table for people."""

from collections.abc import Iterable, Mapping

HEADINGS = ("function", "MB", "init ms")


def table(properties: Iterable[Mapping[str, object]]) -> list[str]:
    """A line for each function that tests recorded something of; nothing if there is none."""
    rows: dict[str, dict[str, object]] = {}
    for each in properties:
        if "function" in each:
            rows.setdefault(str(each["function"]), {}).update(each)
    if not rows:
        return []
    cells = [HEADINGS, *((name, *_figures(row)) for name, row in sorted(rows.items()))]
    return [f"{name:<22}{size:>8}{init:>9}" for name, size, init in cells]


def _figures(row: Mapping[str, object]) -> tuple[str, str]:
    return f"{row.get('size', '-')}", f"{row.get('init', '-')}"
