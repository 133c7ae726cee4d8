"""A stormy world: dozens of tasks at once, and for a while all goes wrong that may.

A world's size and its weather are drawn from its seed too. Dense worlds are the cheap ones: the
sweeper and the clock cost the same whether five tasks or two hundred share them.
"""

from functools import partial

from tests.simulated.deployment import Deployment
from tests.simulated.faults import evenly
from tests.simulated.invariants import Invariants
from tests.simulated.scenario import Outside, registry
from tests.simulated.sizes import small_sizes
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World
from windrow.engine.control import drain, pause, resume

# How many tasks a world is asked for, and what part of its calls meet a fault.
SIZES = (8, 40, 120, 240)
RATES = (0.1, 0.2, 0.3, 0.4)
# How often each task is submitted, beside the others.
MIX = (
    *("plain",) * 5,
    *("counted", "numbers") * 2,
    *("groups", "flaky", "hopeless", "stepping"),
)
TENANTS = ("default", "another")
KEYED_CALLERS = 3
# For so many of the submissions somebody asks for the end of a task, whichever it is.
CANCELLED = 0.1
# In so many of the worlds an operator pauses a pool for a while, and in as many he drains one.
ORDERED = 0.25

ARRIVALS = 8 * MINUTE
STORM = 45 * MINUTE
# By then every deadline is over.
LONGEST = 7 * HOUR


def stormy(seed: int) -> World:
    """A world in which most things go wrong that may."""
    world = World(seed)
    world.lags.index, world.lags.stale = (10, 3 * SECOND), (0, SECOND)
    quirks = world.quirks
    quirks.unsent = quirks.duplicate = quirks.unreceived = quirks.undeleted = 0.05
    quirks.window = 5
    # So long that a request may arrive when its caller's lease is another's.
    world.faults.delay = (100, 5 * MINUTE)
    world.faults.rates = evenly(world.random.choice(RATES))
    return world


def live(world: World, *, limit: int | None = None) -> Deployment:
    """Let clients submit, let the storm pass, and be calm until nothing is left to do.

    With `limit` at most so many attempts of a task may run at once.
    """
    size = world.random.choice(SIZES)
    deployment = Deployment(
        world,
        registry(Outside(world.random, failing=0.1, slow=0.1), limit=limit),
        workers=4 + size // 6,
        skew=(-30 * SECOND, 30 * SECOND),
    )
    schedule = deployment.schedule
    schedule.doubled, schedule.missed, schedule.late = 0.1, 0.1, (0, 20 * SECOND)
    Invariants(world, deployment.table, 60 * SECOND, deployment).watch()
    with small_sizes():
        _plan_clients(deployment, size)
        _plan_operator(deployment)
        world.run(STORM)
        deployment.calm()
        deployment.ask(resume)
        deployment.run_until_quiet(LONGEST)
    return deployment


def _plan_clients(deployment: Deployment, size: int) -> None:
    world, random = deployment.world, deployment.world.random
    for _ in range(size):
        submit = partial(deployment.submit, random.choice(MIX), tenant=random.choice(TENANTS))
        world.after(random.randrange(ARRIVALS), submit)
        if random.random() < CANCELLED:
            world.after(random.randrange(STORM), lambda: _cancel_one(deployment))
    for _ in range(KEYED_CALLERS):
        raced = random.randrange(100)
        world.after(MINUTE + raced, lambda: deployment.submit("plain", key="the same"))


def _cancel_one(deployment: Deployment) -> None:
    """Somebody wants the end of a task, whether it has ended or not."""
    if deployment.accepted:
        deployment.cancel(deployment.world.random.choice(deployment.accepted).task.ref)


def _plan_operator(deployment: Deployment) -> None:
    """In some worlds an operator stops a pool, or all, for a while; if AWS lets him."""
    world, random = deployment.world, deployment.world.random
    for stop in (pause, drain):
        if random.random() < ORDERED:
            began, pool = random.randrange(ARRIVALS), random.choice((None, "default"))
            world.after(began, partial(deployment.ask, partial(stop, pool=pool)))
            over = began + random.randrange(MINUTE, 5 * MINUTE)
            world.after(over, partial(deployment.ask, partial(resume, pool=pool)))
