"""Powertools behind the telemetry: JSON logs, and metrics in CloudWatch's embedded format."""

import logging
from typing import Any, cast

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from windrow.errors.base import is_expected
from windrow.model.trace import cause
from windrow.telemetry.metrics import Metric
from windrow.telemetry.port import told


class Powertools:
    """Service and namespace come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_METRICS_NAMESPACE."""

    def __init__(self) -> None:
        # Its own idea of the place would be this module, and a stack as data doubles the traceback.
        self._logger = Logger(location=None, serialize_stacktrace=False)
        self._metrics = Metrics()

    def event(self, verb: str, **ids: Any) -> None:
        self._logger.info(verb, extra=cause().ids | ids)

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        if error is not None and is_expected(error):
            ids, error = ids | told(error), None
        self._logger.warning(verb, extra=cause().ids | ids, exc_info=error)

    def count(self, metric: Metric, amount: float = 1) -> None:
        unit = MetricUnit.Seconds if metric.endswith("Seconds") else MetricUnit.Count
        self._metrics.add_metric(name=metric, unit=unit, value=amount)

    @property
    def logger(self) -> logging.Logger:
        return cast(logging.Logger, self._logger)

    def begin(self, request: str) -> None:
        """Name the invocation in every line until the next one begins."""
        self._logger.append_keys(request=request)

    def flush(self) -> None:
        """Write the metrics of one invocation as one line; nothing when there are none."""
        if self._metrics.metric_set:
            self._metrics.flush_metrics()
