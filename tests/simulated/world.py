"""A whole world in one process: its time, its chance, its AWS, and everyone who acts in it.

Everything that happens is an event at an instant; the next one in order is taken, whatever it is.
All that is left to chance is drawn from one seed. So the same seed gives the same trace.
"""

from collections import Counter, deque
from collections.abc import Callable
from hashlib import blake2b
from heapq import heappop, heappush
from random import Random
from types import TracebackType
from typing import Self

from tests.simulated.aws import Services
from tests.simulated.faults import Faults
from tests.simulated.fibers import Fiber
from tests.simulated.lags import Lags, Range
from tests.simulated.sqs.quirks import Quirks
from tests.simulated.time import Time
from windrow.aws.port import Parameters

type Action = Callable[[], object]

LATENCY = (1, 12)
KEPT_LINES = 400


class World:
    """One seeded scheduler, which owns the time and chooses every step.

    `lags`, `quirks` and `faults` say how bad the weather is; a new world has the best.
    `latency` is how long a call travels, in milliseconds: it lets workers get between each other.
    """

    def __init__(self, seed: int, *, latency: Range = LATENCY) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.time = Time()
        self.lags = Lags(self.random)
        self.quirks = Quirks(self.random)
        self.faults = Faults(self.random)
        self.services = Services(self.time, self.lags, self.quirks)
        self.latency = latency
        self.current: Fiber | None = None
        # Who makes the call that takes effect right now: its caller may be gone already.
        self.acting: str | None = None
        # The promise that a call broke: raised out of the world, whatever its caller makes of it.
        self.broken: GeneratorExit | None = None
        # Told of each call as it takes effect: who makes it, and the call.
        self.witnesses: list[Callable[[str, str, str, Parameters], None]] = []
        # Told of each call that AWS refused: who made it, and the call.
        self.refusals: list[Callable[[str, str, str, Parameters], None]] = []
        # For whom a client asks, by the client's name; nobody else acts for one tenant alone.
        self.tenants: dict[str, str] = {}
        # How many faults each caller met.
        self.struck: Counter[str] = Counter()
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.steps = 0
        self._digest = blake2b(digest_size=16)
        self._events: list[tuple[int, int, Action]] = []
        self._number = 0
        self._horizon = 0
        self._fibers: dict[Fiber, Action | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Whoever still waits for a turn is sent home."""
        for fiber in list(self._fibers):
            self.kill(fiber)

    def at(self, instant: int, action: Action) -> None:
        """Let something happen at an instant, in milliseconds; never before now."""
        self._number += 1
        heappush(self._events, (max(instant, self.time.now), self._number, action))

    def after(self, milliseconds: int, action: Action) -> None:
        """Let something happen after a while."""
        self.at(self.time.now + milliseconds, action)

    def spawn(self, name: str, function: Action, on_end: Action | None = None) -> Fiber:
        """Let a fiber begin now; its calls take turns with those of the others."""
        fiber = Fiber(name, function)
        self._fibers[fiber] = on_end
        self.at(self.time.now, lambda: self._turn(fiber))
        return fiber

    def kill(self, fiber: Fiber) -> None:
        """End a fiber that waits for its turn, as the platform does at a deadline."""
        if not fiber.is_over:
            fiber.is_killed = True
            self._turn(fiber)

    def pause(self, milliseconds: int) -> None:
        """Let time pass for whoever runs. Alone in the world, it just passes."""
        fiber, until = self.current, self.time.now + milliseconds
        if fiber is None:
            self.time.now = until
            return
        if until <= self._horizon and (not self._events or self._events[0][0] > until):
            # Nobody else has anything to do until then.
            self.time.now = until
            return
        self.at(until, lambda: self._turn(fiber))
        fiber.pause()

    def travel(self) -> None:
        """Let the time pass that a request takes."""
        self.pause(self.random.randint(*self.latency))

    def step(self) -> bool:
        """The next event, whatever it is; False when nothing will ever happen again."""
        if not self._events:
            return False
        instant, _, action = heappop(self._events)
        self.time.now = instant
        self.steps += 1
        action()
        return True

    def run(self, milliseconds: int) -> None:
        """Let everything happen that happens in this time, and the time be over."""
        self._horizon = self.time.now + milliseconds
        while self._events and self._events[0][0] <= self._horizon:
            self.step()
        self.time.now, self._horizon = max(self.time.now, self._horizon), 0

    def note(self, line: str) -> None:
        """Add a line to the trace."""
        line = f"{self.time.now} {self.current.name if self.current else '-'} {line}"
        self.lines.append(line)
        self._digest.update(line.encode())

    @property
    def digest(self) -> str:
        """What the whole trace so far comes to: equal traces, equal digests."""
        return self._digest.hexdigest()

    def _turn(self, fiber: Fiber) -> None:
        if fiber.is_over:
            return
        self.current = fiber
        try:
            fiber.resume()
        finally:
            self.current = None
        if self.broken is not None:
            broken, self.broken = self.broken, None
            raise broken
        if not fiber.is_over:
            return
        on_end = self._fibers.pop(fiber)
        if fiber.error is not None:
            raise fiber.error
        if on_end is not None:
            on_end()
