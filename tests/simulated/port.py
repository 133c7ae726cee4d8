"""The port as one process of a simulated world sees it: each call takes time, and may go wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from tests.simulated.faults import Effect
from tests.simulated.fibers import Fiber, Killed
from tests.simulated.world import World
from windrow.aws.errors import ServiceError, Unavailable
from windrow.aws.port import Answer, Parameters

# How long the SDK waits before it sends a call again, in milliseconds.
BACKOFF = (20, 1000)
# For how long a transaction has its items before it commits, at the most.
LONGEST_COMMIT = 2000


@dataclass(frozen=True, slots=True)
class Port:
    """A process's way to AWS. Before each call takes effect, everyone else may act.

    Code outside of any fiber, a test that looks at things, is answered at once and without faults.
    """

    world: World

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        world, fiber = self.world, self.world.current
        if fiber is None:
            return world.services.call(service, operation, parameters)
        fiber.check()
        effect = world.faults.next(service, operation, parameters)
        if effect is not Effect.DONE:
            world.struck[fiber.name] += 1
        world.travel()
        world.note(f"{operation} {_subject(parameters)} {effect}")
        return self._affected(effect, fiber, (service, operation, parameters))

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        """Signing takes no request: it cannot fail, and takes no time."""
        return self.world.services.presigned(service, operation, parameters, lifetime)

    def _affected(
        self, effect: Effect, fiber: Fiber, request: tuple[str, str, Parameters]
    ) -> Answer:
        do = self._acting(fiber.name, request, partial(self.world.services.call, *request))
        match effect:
            case Effect.DONE:
                return do()
            case Effect.FAILED:
                raise Unavailable(*request[:2], "ConnectTimeoutError", "planned")
            case Effect.THROTTLED:
                raise Unavailable(*request[:2], "ThrottlingException", "planned")
            case Effect.LOST:
                _outcome(do)
                raise Unavailable(*request[:2], "ReadTimeoutError", "planned")
            case Effect.REPEATED:
                # The SDK knows no answer of the first try, and the second meets what that did.
                _outcome(do)
                self.world.pause(self.world.random.randint(*BACKOFF))
                return do()
            case Effect.DELAYED:
                return self._delayed(fiber.name, request)
            case Effect.KILLED_BEFORE:
                raise _killed(fiber)
            case Effect.KILLED_AFTER:
                _outcome(do)
                raise _killed(fiber)
            case Effect.LATE:
                self.world.after(self.world.faults.drawn_delay(), lambda: _outcome(do))
                raise _killed(fiber)

    def _delayed(self, caller: str, request: tuple[str, str, Parameters]) -> Answer:
        """A request that travels long arrives although its caller may be gone by then.

        A transaction takes its items when it arrives and commits a little later: others meet its
        conflicts meanwhile, but not for as long as it travelled.
        """
        world = self.world
        delay = world.faults.drawn_delay()
        arrived: list[Callable[[], Answer] | ServiceError] = []
        outcomes: list[Answer | ServiceError] = []

        def arrive() -> None:
            arrived.append(_outcome(partial(world.services.begin, *request)))

        def commit() -> None:
            (begun,) = arrived
            do = partial(_refuse, begun) if isinstance(begun, ServiceError) else begun
            outcomes.append(_outcome(self._acting(caller, request, do)))

        world.after(delay - min(delay, LONGEST_COMMIT), arrive)
        world.after(delay, commit)
        world.pause(delay)
        (outcome,) = outcomes
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    def _acting(
        self, caller: str, request: tuple[str, str, Parameters], do: Callable[[], Answer]
    ) -> Callable[[], Answer]:
        """The same call, with its caller known to whoever watches."""

        def act() -> Answer:
            self.world.acting = caller
            try:
                for witness in self.world.witnesses:
                    witness(caller, *request)
                return do()
            except ServiceError:
                for told in self.world.refusals:
                    told(caller, *request)
                raise
            except GeneratorExit as error:
                # Mangum makes an answer of whatever is raised, and an event loop another error.
                # A request that arrives after its caller raises out of the world by itself.
                if self.world.current is not None:
                    self.world.broken = error
                raise
            finally:
                self.world.acting = None

        return act


def _killed(fiber: Fiber) -> Killed:
    fiber.is_killed = True
    return Killed(fiber.name)


def _refuse(error: ServiceError) -> Answer:
    raise error


def _outcome[T](do: Callable[[], T]) -> T | ServiceError:
    """What a call comes to, when nobody waits for it."""
    try:
        return do()
    except ServiceError as error:
        return error


def _subject(parameters: Parameters) -> str:
    """What a call is about, for the trace."""
    if "TransactItems" in parameters:
        parts = (next(iter(part.items())) for part in parameters["TransactItems"])
        return " ".join(f"{action} {_subject(part)}" for action, part in parts)
    item = parameters.get("Key") or parameters.get("Item")
    if isinstance(item, dict):
        return "/".join(str(item[name]["S"]) for name in ("PK", "SK") if name in item)
    if "Entries" in parameters:
        return " ".join(str(entry["MessageBody"]) for entry in parameters["Entries"])
    return str(item or parameters.get("ExpressionAttributeValues", ""))
