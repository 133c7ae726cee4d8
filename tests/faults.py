"""A port that fails on purpose."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from windrow.aws.errors import Unavailable
from windrow.aws.port import Answer, Parameters, SigningAWS

type Matcher = Callable[[str, Parameters], bool]


class Killed(GeneratorExit):
    """The process is gone: nothing after this call happens, and nobody is told.

    Of the few that the engine leaves alone even where an author's code may raise anything.
    """


@dataclass
class Fault:
    """What happens to a matching call, after `skip` that pass."""

    matches: Matcher
    skip: int
    effect: str
    times: int


@dataclass
class FaultyPort:
    """Passes calls through, but for the faults that a test plans; remembers every call."""

    inner: SigningAWS
    faults: list[Fault] = field(default_factory=list)
    calls: list[tuple[str, Parameters]] = field(default_factory=list)

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        self.calls.append((operation, parameters))
        fault = self._due(operation, parameters)
        match fault.effect if fault else None:
            case "refused":
                raise Unavailable(service, operation, "ThrottlingException", "planned")
            case "killed before":
                raise Killed(operation)
            case "killed after":
                self.inner.call(service, operation, parameters)
                raise Killed(operation)
            case "answer never came":
                self.inner.call(service, operation, parameters)
                raise Unavailable(service, operation, "ReadTimeoutError", "planned")
            case "answer lost":
                # The SDK tries again on its own, and the second try meets what the first one did.
                self.inner.call(service, operation, parameters)
                return self.inner.call(service, operation, parameters)
        return self.inner.call(service, operation, parameters)

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        return self.inner.presigned(service, operation, parameters, lifetime)

    def plan(
        self, effect: str, operation: str, *, skip: int = 0, times: int = 1, **containing: str
    ) -> None:
        """Let a call of this operation fail, or any call for "".

        `skip` matching calls pass first; `containing` asks for texts in the call's parameters.
        """

        def matches(called: str, parameters: Parameters) -> bool:
            return operation in ("", called) and all(
                text in str(parameters.get(name)) for name, text in containing.items()
            )

        self.faults.append(Fault(matches, skip, effect, times))

    def count(self, operation: str) -> int:
        """How many calls of this operation were made."""
        return sum(called == operation for called, _ in self.calls)

    def _due(self, operation: str, parameters: Any) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.matches(operation, parameters):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None
