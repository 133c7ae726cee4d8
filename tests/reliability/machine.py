"""A state machine for hypothesis: whatever anybody may do to a deployment, in any order.

Each rule is one thing that a client, an operator, AWS or fate does, and lets some time pass. All
invariants are checked at every write, call and answer in between. At the end faults stop, time
passes until nothing is left to do, and the judge looks at everything that was accepted.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition
from hypothesis.stateful import rule as any_rule

from tests.simulated.deployment import Deployment
from tests.simulated.faults import FAULTS, Effect
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.judge import complaints
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.sizes import small_sizes
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World
from windrow import Context
from windrow.engine.control import drain, pause, resume
from windrow.engine.engine import Engine
from windrow.engine.reprioritize import reprioritize
from windrow.errors import KeyReused
from windrow.lambdas.scheduler import fire
from windrow.model.ref import Ref

TASKS = ("plain", "counted", "flaky", "numbers", "groups", "lines", "asking", "refused")
KEYS = ("a", "b")
TENANTS = ("default", "another")
SKEW = (-30 * SECOND, 30 * SECOND)
RETENTION = timedelta(minutes=40)
LONGEST = 8 * HOUR


class Freezing(Outside):
    """An outside that freezes who asks it next, for longer than a lease."""

    freezes = 0

    def ask(self, context: Context, what: str) -> int:
        if self.freezes:
            self.freezes -= 1
            context.clock.sleep(timedelta(seconds=self.random.uniform(60, 300)))
        return super().ask(context, what)


def rule(**given: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule of hypothesis that also takes its place in the order of its life."""

    def noted(function: Callable[..., None]) -> Any:
        @wraps(function)
        def act(self: "Lives", **drawn: Any) -> None:
            self.order.append(function.__name__)
            function(self, **drawn)

        return any_rule(**given)(act)  # type: ignore[no-untyped-call]

    return noted


class Lives(RuleBasedStateMachine):
    """The deployment and everybody who acts on it. `first` is added to the seed of its worlds.

    `lives` and `steps` count what began and what happened; `orders` are the orders in which rules
    came, whatever was drawn for each of them.
    """

    first: ClassVar[int] = 0
    lives: ClassVar[int] = 0
    steps: ClassVar[int] = 0
    orders: ClassVar[set[tuple[str, ...]]] = set()

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        """A deployment with nothing to do, whose clocks are wrong and whose indexes lag."""
        type(self).lives += 1
        self.order: list[str] = []
        self.world = world = World(self.first + seed)
        world.lags.index, world.quirks.window = (10, 3 * SECOND), 5
        world.faults.delay = (SECOND, 2 * MINUTE)
        self.outside = Freezing(world.random)
        deployment = Deployment(world, registry(self.outside), skew=SKEW, retention=RETENTION)
        self.deployment = deployment
        deployment.worker.overrun = 10 * MINUTE
        Invariants(world, deployment.table, 60 * SECOND, deployment).watch()
        self.fired: dict[str, set[str]] = {}

    @rule(
        name=st.sampled_from(TASKS),
        tenant=st.sampled_from(TENANTS),
        options=st.fixed_dictionaries(
            {},
            optional={
                "key": st.sampled_from(KEYS),
                "delay": st.integers(1, 1200).map(lambda seconds: timedelta(seconds=seconds)),
                "priority": st.integers(1, 10),
            },
        ),
        copies=st.integers(1, 3),
    )
    def submit(self, name: str, tenant: str, options: dict[str, Any], copies: int) -> None:
        """Clients submit the same at once: with a key that is used, perhaps for something else."""
        for _ in range(copies):
            self.deployment.submit(name, tenant=tenant, **options)
        self._pass(SECOND)

    @rule(effect=st.sampled_from(FAULTS), call=st.integers(0, 12))
    def go_wrong(self, effect: Effect, call: int) -> None:
        """Something happens to one of the next calls: a lost answer, a crash, a late request."""
        faults = self.world.faults
        faults.planned = {**faults.planned, faults.calls + call: effect}

    @rule(milliseconds=st.integers(1, 3 * MINUTE))
    def wait(self, milliseconds: int) -> None:
        """Time passes: hints are delivered, leases run out, sweepers come."""
        self._pass(milliseconds)

    @rule()
    def lose_every_hint(self) -> None:
        """A queue drops what it has."""
        self.deployment.queues["DefaultQueue"].lose()

    @rule(is_on=st.booleans())
    def deliver_twice(self, is_on: bool) -> None:
        """Half of all messages are received a second time, or none."""
        self.world.quirks.duplicate = self.world.quirks.undeleted = 0.5 if is_on else 0

    @rule(count=st.integers(1, 3))
    def freeze(self, count: int) -> None:
        """The next workers freeze for longer than their lease."""
        self.outside.freezes = count

    @rule()
    def sweep(self) -> None:
        """A tick that nobody planned."""
        if self.deployment.sweeper.has_room:
            self.deployment.sweeper.invoke({"time": self.world.time.now})
        self._pass(SECOND)

    @precondition(lambda self: self.deployment.accepted)
    @rule(choice=st.integers(0, 99))
    def cancel(self, choice: int) -> None:
        """Somebody wants the end of a task."""
        self.deployment.cancel(self._chosen(choice))
        self._pass(SECOND)

    @precondition(lambda self: self.deployment.accepted)
    @rule(choice=st.integers(0, 99), priority=st.integers(1, 10))
    def reprioritize(self, choice: int, priority: int) -> None:
        """Somebody finds a task more urgent, or less."""
        ref = self._chosen(choice)
        self.deployment.ask(lambda engine: reprioritize(engine, ref, priority), ref.tenant)
        self._pass(SECOND)

    @precondition(lambda self: self.deployment.accepted)
    @rule(choice=st.integers(0, 99), failed_items_only=st.booleans())
    def retry(self, choice: int, failed_items_only: bool) -> None:
        """Somebody lets a task begin again, whether it may or not."""
        self.deployment.retry(self._chosen(choice), failed_items_only=failed_items_only)
        self._pass(SECOND)

    @rule(order=st.sampled_from((pause, drain, resume)), pool=st.sampled_from((None, "default")))
    def order(self, order: Callable[..., Any], pool: str | None) -> None:
        """An operator stops a pool, or all, or lets them run again."""
        self.deployment.ask(partial(order, pool=pool))
        self._pass(6 * SECOND)

    @rule()
    def redrive(self) -> None:
        """Dead letters go back to their queue."""
        queues = self.deployment.queues
        queues["DefaultDeadLetters"].redrive(queues["DefaultQueue"])
        self._pass(SECOND)

    @rule(number=st.integers(0, 2))
    def fire_twice(self, number: int) -> None:
        """A schedule fires for one planned time, at least twice."""
        event = {"task": "plain", "schedule": "nightly", "scheduled_time": f"day {number}"}
        told = partial(self._told_of_fire, event["scheduled_time"])
        for _ in range(2):
            self.deployment.ask(lambda engine: _fired(engine, event), "default", told)
        self._pass(SECOND)

    @rule()
    def expire(self) -> None:
        """Whatever has ended by now expires, and TTL deletes it."""
        self._pass(int(RETENTION.total_seconds()) * SECOND)

    def teardown(self) -> None:
        """Faults stop, everybody is let go on, and all that was accepted must end as it should."""
        type(self).steps += self.world.steps
        type(self).orders.add(tuple(self.order))
        try:
            self.deployment.calm()
            # An order whose answer nobody waited for may still be under way.
            self._pass(self.world.faults.delay[1])
            self.deployment.ask(resume)
            self._pass(MINUTE)
            with small_sizes():
                self._guarded(lambda: self.deployment.run_until_quiet(LONGEST))
            # What TTL deletes at this very moment is gone before it is looked for.
            self.world.services.dynamodb.settle()
            found = self._guarded(lambda: complaints(self.deployment))
            if found:
                raise AssertionError("; ".join(found))
        finally:
            self.world.__exit__(None, None, None)

    def _pass(self, milliseconds: int) -> None:
        with small_sizes():
            self._guarded(lambda: self.world.run(milliseconds))

    def _guarded[T](self, act: Callable[[], T]) -> T:
        """Hypothesis makes a smaller example of an Exception only."""
        try:
            return act()
        except Violation as violation:
            raise AssertionError(str(violation)) from violation

    def _chosen(self, choice: int) -> Ref:
        accepted = self.deployment.accepted
        return accepted[choice % len(accepted)].task.ref

    def _told_of_fire(self, planned: str, _caller: str, answer: Any) -> None:
        """S12: one fire of a schedule, however often it comes, is one task until that expires."""
        if isinstance(answer, KeyReused):
            raise Violation(f"S12: {planned} was refused: {answer}")
        if isinstance(answer, Exception):
            return
        met = self.fired.setdefault(planned, set())
        met.add(answer["task"])
        if len(met) > 1:
            raise Violation(f"S12: {planned} is {met}")


def _fired(engine: Engine, event: dict[str, Any]) -> dict[str, Any]:
    return fire(engine, event)
