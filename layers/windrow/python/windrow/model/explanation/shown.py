"""An explanation for programs: JSON, with instants as RFC 3339 in UTC."""

from datetime import datetime
from typing import Any

from windrow.model.explanation.facts import Explanation, Fact
from windrow.model.shown import instant, present


def shown(explanation: Explanation) -> dict[str, Any]:
    """The JSON object of an explanation; what holds besides is in `also`, if anything does."""
    return present(
        reason=str(explanation.reason),
        sentence=explanation.sentence,
        facts={name: _plain(fact) for name, fact in explanation.facts.items()},
        also=[shown(each) for each in explanation.also] or None,
    )


def _plain(fact: Fact) -> Any:
    match fact:
        case datetime():
            return instant(fact)
        case tuple():
            return list(fact)
        case _:
            return fact
