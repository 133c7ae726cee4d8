"""Where something is wrong in a caller's own words: the names that he sent, and no type's.

pydantic's paths name the branches of a union, too: ("chart", "ChartParams", "label"). What is not
in the params themselves is left out of a path, and a value that fits no branch is told of once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from windrow.model.expected import expected


def expectations(error: ValueError, params: Mapping[str, Any]) -> dict[str, str]:
    """Field -> what is expected, from pydantic's ValidationError of these params.

    Any other error speaks of the whole, which is called "params".
    """
    details = getattr(error, "errors", None)
    if not callable(details):
        return {"params": str(error)}
    said: dict[tuple[str, ...], list[str]] = {}
    for detail in details():
        sentences = said.setdefault(_place(detail, params), [])
        if (sentence := expected(detail)) not in sentences:
            sentences.append(sentence)
    # Of the branches of a union, that which found more to read is what was meant.
    deepest = [path for path in said if not any(_is_above(path, other) for other in said)]
    return {".".join(path) or "params": " or ".join(said[path]) for path in deepest}


def _place(detail: Mapping[str, Any], params: Any) -> tuple[str, ...]:
    """The parts of a path that are in the params, and the name of what is missing there."""
    path: list[str] = []
    value = params
    for part in detail["loc"]:
        if _holds(value, part):
            path.append(str(part))
            value = value[part]
    if detail["type"] == "missing":
        path.append(str(detail["loc"][-1]))
    return tuple(path)


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return is_list and isinstance(part, int) and part < len(value)


def _is_above(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(path) < len(other) and other[: len(path)] == path
