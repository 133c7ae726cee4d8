"""The built functions of one stack: requests in, hints carried from queue to worker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.built.emulator import RunningFunction
from tests.built.world import World
from tests.harness import http_event

STATUS = "/api/v1/countries/refresh/status"


@dataclass
class Deployment:
    """Each function is started when it is first asked for, as Lambda does, and then stays."""

    start: Callable[[str], RunningFunction]
    world: World
    _running: dict[str, RunningFunction] = field(default_factory=dict)

    def __getitem__(self, name: str) -> RunningFunction:
        """A function by its logical id."""
        if name not in self._running:
            self._running[name] = self.start(name)
        return self._running[name]

    def http(self, method: str, path: str) -> dict[str, Any]:
        """A request to the API function; its answer as API Gateway takes it."""
        event = http_event(method, path, None, {}) | {"routeKey": "$default"}
        answer: dict[str, Any] = self["ApiFunction"].invoke(event)
        return answer

    def poll(self) -> dict[str, Any]:
        """A poll of the refresh, answered by the status function."""
        answer: dict[str, Any] = self["StatusFunction"].invoke(http_event("GET", STATUS, None, {}))
        return answer

    def work(self, worker: RunningFunction) -> int:
        """Hand every hint of the default pool to a worker; returns how many there were."""
        for delivered in range(1000):
            batch = self.world.receive("DefaultQueue")
            if batch is None:
                return delivered
            assert worker.invoke(batch) == {"batchItemFailures": []}
        raise AssertionError("hints still arrive after a thousand deliveries")
