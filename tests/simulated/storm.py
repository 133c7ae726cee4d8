"""A stormy world: dozens of tasks at once, and for twenty minutes all goes wrong that may.

A world's size and its weather are drawn from its seed too. Dense worlds are the cheap ones: the
sweeper and the clock cost the same whether five tasks or two hundred share them.
"""

from functools import partial

from tests.simulated.deployment import Deployment
from tests.simulated.faults import evenly
from tests.simulated.invariants import Invariants
from tests.simulated.scenario import Outside, registry
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import World

# How many tasks a world is asked for, and what part of its calls meet a fault.
SIZES = (8, 40, 120, 240)
RATES = (0.1, 0.2, 0.3, 0.4)
# Of ten submissions so many are of each task.
MIX = ("plain",) * 7 + ("numbers",) * 3
TENANTS = ("default", "another")
KEYED_CALLERS = 3
# For so many of the submissions somebody asks for the end of a task, whichever it is.
CANCELLED = 0.1

ARRIVALS = 8 * MINUTE
STORM = 20 * MINUTE
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


def live(world: World) -> Deployment:
    """Let clients submit, let the storm pass, and be calm until nothing is left to do."""
    random = world.random
    size = random.choice(SIZES)
    outside = Outside(random, failing=0.1, slow=0.1)
    deployment = Deployment(
        world, registry(outside), workers=4 + size // 6, skew=(-30 * SECOND, 30 * SECOND)
    )
    schedule = deployment.schedule
    schedule.doubled, schedule.missed, schedule.late = 0.1, 0.1, (0, 20 * SECOND)
    Invariants(world, deployment.table, 60 * SECOND, deployment).watch()
    for _ in range(size):
        submit = partial(deployment.submit, random.choice(MIX), tenant=random.choice(TENANTS))
        world.after(random.randrange(ARRIVALS), submit)
        if random.random() < CANCELLED:
            world.after(random.randrange(STORM), lambda: _cancel_one(deployment))
    for _ in range(KEYED_CALLERS):
        raced = random.randrange(100)
        world.after(MINUTE + raced, lambda: deployment.submit("plain", key="the same"))
    world.run(STORM)
    deployment.calm()
    deployment.run_until_quiet(LONGEST)
    return deployment


def _cancel_one(deployment: Deployment) -> None:
    """Somebody wants the end of a task, whether it has ended or not."""
    if deployment.accepted:
        deployment.cancel(deployment.world.random.choice(deployment.accepted).task.ref)
