"""What the library tells operators, and through what."""

import json
import logging
import traceback
from typing import Any, Protocol

from windrow.errors.base import is_expected
from windrow.model.trace import cause
from windrow.telemetry.metrics import Metric


class Telemetry(Protocol):
    """Where events and figures go."""

    def event(self, verb: str, **ids: Any) -> None:
        """One line: a fixed verb such as `chunk.settled`, and the ids that belong to it."""
        ...

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        """The same, for what an operator should look at.

        An error that says itself what went wrong is told by its kind and its sentence, another one
        by its traceback.
        """
        ...

    def count(self, metric: Metric, amount: float = 1) -> None:
        """Add to a metric."""
        ...

    @property
    def logger(self) -> logging.Logger:
        """For the application's own lines."""
        ...


def told(error: BaseException) -> dict[str, str]:
    """What a line says of an error that needs no traceback."""
    return {"error_kind": type(error).__name__, "error": str(error)}


class Lines:
    """JSON lines on standard output, and no metrics: no import, for the polling path."""

    def event(self, verb: str, **ids: Any) -> None:
        line = {"level": "INFO", "message": verb, **cause().ids, **ids}
        print(json.dumps(line, default=str))

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        line = {"level": "WARNING", "message": verb, **cause().ids, **ids}
        if error is not None and is_expected(error):
            line |= told(error)
        elif error is not None:
            line |= {"exception": traceback.format_exception(error)}
        print(json.dumps(line, default=str))

    def count(self, metric: Metric, amount: float = 1) -> None:
        """Polls are counted by API Gateway and Lambda already."""

    @property
    def logger(self) -> logging.Logger:
        return logging.getLogger("windrow")
