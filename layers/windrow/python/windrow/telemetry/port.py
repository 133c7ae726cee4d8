"""What the library tells operators, and through what."""

import json
import logging
import traceback
from typing import Any, Protocol

from windrow.model.trace import cause
from windrow.telemetry.metrics import Metric


class Telemetry(Protocol):
    """Where events and figures go."""

    def event(self, verb: str, **ids: Any) -> None:
        """One line: a fixed verb such as `chunk.settled`, and the ids that belong to it."""
        ...

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        """The same, for what an operator should look at; with the traceback of an error."""
        ...

    def count(self, metric: Metric, amount: float = 1) -> None:
        """Add to a metric."""
        ...

    @property
    def logger(self) -> logging.Logger:
        """For the application's own lines."""
        ...


class Lines:
    """JSON lines on standard output, and no metrics: no import, for the polling path."""

    def event(self, verb: str, **ids: Any) -> None:
        line = {"level": "INFO", "message": verb, **cause().ids, **ids}
        print(json.dumps(line, default=str))

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        trace = {"exception": traceback.format_exception(error)} if error else {}
        line = {"level": "WARNING", "message": verb, **cause().ids, **ids, **trace}
        print(json.dumps(line, default=str))

    def count(self, metric: Metric, amount: float = 1) -> None:
        """Polls are counted by API Gateway and Lambda already."""

    @property
    def logger(self) -> logging.Logger:
        return logging.getLogger("windrow")
