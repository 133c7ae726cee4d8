"""A port whose calls take time."""

from dataclasses import dataclass
from datetime import timedelta

from tests.clock import FakeClock
from windrow.aws.port import Answer, Parameters, SigningAWS


@dataclass
class Slow:
    """The calls of another port, each of whose calls takes ten milliseconds."""

    inner: SigningAWS
    clock: FakeClock

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        self.clock.advance(timedelta(milliseconds=10))
        return self.inner.call(service, operation, parameters)

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        return self.inner.presigned(service, operation, parameters, lifetime)
