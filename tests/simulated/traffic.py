"""Traffic of ten priorities on twenty workers, and who was overtaken by whom."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change
from tests.simulated.time import SECOND
from tests.simulated.world import World
from windrow import Context, Registry, Retry, task
from windrow.aws.dynamodb import decoded
from windrow.aws.port import Answer, Parameters
from windrow.engine.submit import submit

WORKERS = 20
PRIORITIES = range(1, 11)
# How long a task works; with what a start costs, half a second on the average.
WORK = (0.2, 0.72)
MEAN_SECONDS = 0.5
# What is for later waits for so many seconds.
LATER = (1, 30)
# How far an index of DynamoDB is behind, in milliseconds: mostly much less than a second.
INDEX_LAG = (10, 800)
# A start is an overtake when a more important task could be seen for longer than this.
VISIBLE = 2 * SECOND


@dataclass
class Starts:
    """What was started, what was overtaken, and what it cost. Times are in milliseconds.

    `overtakes` holds the longest that a more important task had been visible at a start, for each
    start where that was more than two seconds. `late` holds how long after its time each delayed or
    retried task started.
    """

    world: World
    count: int = 0
    overtakes: list[int] = field(default_factory=list)
    waited: dict[int, list[int]] = field(default_factory=dict)
    late: list[int] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    _visible: dict[int, dict[Key, int]] = field(
        default_factory=lambda: {priority: {} for priority in PRIORITIES}
    )
    _queued: dict[Key, int] = field(default_factory=dict)

    def watch(self, deployment: Deployment) -> None:
        """Note every start from now on, and every call."""
        deployment.table.watchers.append(self._note)
        services = self.world.services
        call = services.call

        def counted(service: str, operation: str, parameters: Parameters) -> Answer:
            if self.world.current is not None or self.world.acting is not None:
                self.calls[operation] += 1
            return call(service, operation, parameters)

        services.call = counted  # type: ignore[method-assign]

    @property
    def left(self) -> int:
        """How many tasks wait."""
        return len(self._queued)

    def _note(self, change: Change) -> None:
        if change.after is None or change.key[1] != "A" or not change.key[0].startswith("K#"):
            return
        item = decoded(change.after.item)
        waiting = self._visible[item["priority"]]
        if "ready_at" in item and item["ready_at"] != _place(change):
            # The index shows it from an instant that only the index knows: this is the latest.
            waiting.setdefault(change.key, self.world.time.now + INDEX_LAG[1])
            self._queued.setdefault(change.key, self.world.time.now)
        is_start = item["state"] == "running" and _state(change) == "queued"
        if is_start and item["not_before"] > item["created"]:
            self.late.append(self.world.time.now - item["not_before"])
        if item["state"] == "running" and change.key in self._queued:
            waiting.pop(change.key, None)
            self._start(item["priority"], self._queued.pop(change.key))

    def _start(self, priority: int, queued: int) -> None:
        now = self.world.time.now
        self.count += 1
        self.waited.setdefault(priority, []).append(now - queued)
        visible = max(
            (now - since for since in self._oldest_above(priority)),
            default=0,
        )
        if visible > VISIBLE:
            self.overtakes.append(visible)

    def _oldest_above(self, priority: int) -> Iterator[int]:
        for higher in range(priority + 1, PRIORITIES.stop):
            yield from list(self._visible[higher].values())[:1]


def _place(change: Change) -> str | None:
    return decoded(change.before.item).get("ready_at") if change.before else None


def _state(change: Change) -> str | None:
    return decoded(change.before.item)["state"] if change.before else None


def registry(world: World) -> Registry:
    """A task for each priority, which works for a fraction of a second; and an urgent one, which
    asks for another attempt, some seconds later, before it does.
    """

    def work(context: Context) -> None:
        context.clock.sleep(timedelta(seconds=world.random.uniform(*WORK)))

    @task("again", priority=10)
    def again(context: Context) -> None:
        if context.attempt == 1:
            raise Retry(after=timedelta(seconds=world.random.uniform(*LATER)))
        work(context)

    plain = [task(f"p{priority}", priority=priority)(work) for priority in PRIORITIES]
    return Registry([*plain, again])


def busy(seed: int) -> World:
    """A world whose index lags as DynamoDB's does."""
    world = World(seed)
    world.lags.index = INDEX_LAG
    return world


def arrive(deployment: Deployment, count: int, *, load: float | None) -> int:
    """Let tasks of all priorities come, by chance; returns in how many milliseconds.

    `load` is how much of what the workers can do comes on the average; None lets all come within
    two seconds.
    """
    random = deployment.world.random
    rate = WORKERS / MEAN_SECONDS * load if load else count / 2
    at = 0.0
    for _ in range(count):
        at += random.expovariate(rate) * SECOND
        name = f"p{random.choice(PRIORITIES)}"
        deployment.world.after(int(at), partial(submit, deployment.engine, name))
    return int(at)


def arrive_later(deployment: Deployment, count: int) -> None:
    """Let urgent tasks come within two seconds whose time is later: delayed, or retried."""
    random = deployment.world.random
    for number in range(count):
        ask = partial(submit, deployment.engine, "again")
        if number % 2:
            delay = timedelta(seconds=random.uniform(*LATER))
            ask = partial(submit, deployment.engine, "p10", delay=delay)
        deployment.world.after(random.randrange(2 * SECOND), ask)
