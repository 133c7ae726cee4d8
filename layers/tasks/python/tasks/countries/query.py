"""The query of a list of countries."""

from collections.abc import Iterable

from tasks.countries.listing import Sort

PARAMETERS = ("region", "currency", "sort")


def complaints(query: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What is wrong with a query: parameter -> sentence; nothing if all is well.

    A parameter that is not known is refused: with a slip in its name ignored, a list would look
    filtered and be whole.
    """
    wrong: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in query:
        if name not in PARAMETERS:
            wrong[name] = f"is not a known parameter; known are {', '.join(PARAMETERS)}"
        elif name in seen:
            wrong[name] = "must be given once"
        elif not value.strip():
            wrong[name] = "must not be empty"
        elif name == "sort" and value not in list(Sort):
            wrong[name] = f"must be one of {', '.join(Sort)}"
        seen.add(name)
    return wrong
