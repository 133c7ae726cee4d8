"""A background task in the memory of the process that accepted it.

It stands for the background tasks of web frameworks and for thread pools: the request is answered,
and the function runs afterwards in the same process. Its users keep each task's state in a
dictionary and catch what it raises. It is given more than it has: a process of its own for each
task, so that one that dies takes no other with it, and no deployment ever restarts one.
"""

from tests.reliability.rivals.load import Standing, Work
from tests.simulated.port import Port
from tests.simulated.time import HOUR, Clock
from tests.simulated.world import World
from windrow.aws.errors import ServiceError


class Background:
    """Tasks that run where they were accepted."""

    def __init__(self, world: World, work: Work) -> None:
        self.world, self.work = world, work
        self.states: dict[str, Standing] = {}
        world.services.create_tables("ApplicationTable")

    def submit(self, name: str) -> None:
        """Accepting needs no AWS, so it never fails."""
        self.work.accepted.add(name)
        self.states[name] = Standing.WAITS

        def run() -> None:
            self.work.ask(Clock(self.world.time, self.world.pause), name)
            try:
                Port(self.world).call("dynamodb", "UpdateItem", self.work.effect(name))
            except ServiceError:
                self.states[name] = Standing.FAILED
            else:
                self.states[name] = Standing.DONE

        fiber = self.world.spawn(name, run, lambda: self._ended(name, is_dead=fiber.is_killed))

    def settle(self) -> None:
        self.world.run(HOUR)

    def standing(self, name: str) -> Standing:
        """The dictionary of a process that died died with it."""
        return self.states.get(name, Standing.UNKNOWN)

    def _ended(self, name: str, *, is_dead: bool) -> None:
        if is_dead:
            del self.states[name]
