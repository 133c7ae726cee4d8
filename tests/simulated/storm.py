"""A stormy world: dozens of tasks at once, and for a while all goes wrong that may.

A world's size and its weather are drawn from its seed too. Dense worlds are the cheap ones: the
sweeper and the clock cost the same whether five tasks or two hundred share them.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from tests.simulated.deployment import TENANTS, Deployment
from tests.simulated.families import COMPOSITIONS, compose
from tests.simulated.faults import evenly
from tests.simulated.invariants import Invariants
from tests.simulated.outside import Outside
from tests.simulated.scenario import WORDS, registry
from tests.simulated.sizes import small_sizes
from tests.simulated.time import HOUR, MINUTE, SECOND, START, instant
from tests.simulated.world import World
from windrow.engine.control import drain, pause, resume
from windrow.engine.redrive import redrive
from windrow.engine.reprioritize import reprioritize
from windrow.model.priority import Mode
from windrow.model.ref import Ref

# How many tasks a world is asked for, and what part of its calls meet a fault.
SIZES = (8, 40, 120, 240)
RATES = (0.1, 0.2, 0.3, 0.4)
# How often each task is submitted, beside the others.
MIX = (
    *("plain",) * 5,
    *("counted", "numbers") * 2,
    *("groups", "flaky", "hopeless", "stepping"),
    *("lines", "asking", "refused", "wordy"),
    *("family", *COMPOSITIONS),
)
KEYED_CALLERS = 3
# For so many of the submissions somebody asks for the end of a task, whichever it is.
MEDDLED = 0.1
# As often somebody lets a task begin again, or finds it more urgent; and so often a submission has
# a term of each kind.
TERMED = 0.05
NEAR, HALF = 0.8, 0.5
# In so many of the worlds an operator pauses a pool for a while, and in as many he drains one,
# and in as many he sends fresh hints; in as many tasks are limited, or priorities age, or records
# expire while the storm is on, and their keys are used again.
ORDERED = 0.25
LIMIT = 2
RETENTION, LATE_TTL = timedelta(minutes=10), (0, 10 * MINUTE)
# What comes with a key does so anywhere in the storm, so often for each key.
KEYED, RETURNS = ("counted", "numbers", "wordy"), 6

ARRIVALS = 8 * MINUTE
STORM = 45 * MINUTE
# By then every deadline is over.
LONGEST = 7 * HOUR


def stormy(seed: int) -> World:
    """A world in which most things go wrong that may."""
    world = World(seed)
    world.lags.index, world.lags.stale = (10, 3 * SECOND), (0, SECOND)
    world.lags.unread = 0.05
    quirks = world.quirks
    quirks.unsent = quirks.duplicate = quirks.unreceived = quirks.undeleted = 0.05
    quirks.window = 5
    # So long that a request may arrive when its caller's lease is another's.
    world.faults.delay = (100, 5 * MINUTE)
    world.faults.rates = evenly(world.random.choice(RATES))
    return world


def live(
    world: World,
    *,
    limit: int | None = None,
    prepare: Callable[[Deployment], None] = lambda deployment: None,
) -> Deployment:
    """Let clients submit, let the storm pass, and be calm until nothing is left to do.

    With `limit` at most so many attempts of a task may run at once. `prepare` adds what else there
    is to a deployment, before anybody comes.
    """
    random = world.random
    size = random.choice(SIZES)
    if limit is None and random.random() < ORDERED:
        limit = LIMIT
    expires = random.random() < ORDERED
    if expires:
        world.lags.ttl = LATE_TTL
    deployment = Deployment(
        world,
        registry(Outside(random, failing=0.1, slow=0.1), limit=limit),
        workers=4 + size // 6,
        skew=(-30 * SECOND, 30 * SECOND),
        retention=RETENTION if expires else None,
        mode=Mode.AGING if random.random() < ORDERED else Mode.STRICT,
    )
    schedule = deployment.schedule
    schedule.doubled, schedule.missed, schedule.late = 0.1, 0.1, (0, 20 * SECOND)
    Invariants(world, deployment.table, 60 * SECOND, deployment).watch()
    prepare(deployment)
    with small_sizes():
        _plan_clients(deployment, size)
        _plan_operator(deployment)
        world.run(STORM)
        deployment.calm()
        deployment.ask(resume)
        # A world in which nothing is left to do is quiet before anybody was heard.
        world.run(SECOND)
        deployment.run_until_quiet(LONGEST)
    return deployment


def _plan_clients(deployment: Deployment, size: int) -> None:
    world, random = deployment.world, deployment.world.random
    for _ in range(size):
        name, tenant = random.choice(MIX), random.choice(TENANTS)
        params = {"text": WORDS} if name == "wordy" else None
        submit = partial(deployment.submit, name, params, tenant=tenant, **_terms(random))
        if name in COMPOSITIONS:
            submit = partial(compose, deployment, name, tenant)
        world.after(random.randrange(ARRIVALS), submit)
        for verb in (_cancel, _retry, _reprioritize):
            if random.random() < MEDDLED:
                world.after(random.randrange(STORM), partial(_meddle, deployment, verb))
    for _ in range(KEYED_CALLERS):
        raced = random.randrange(100)
        world.after(MINUTE + raced, lambda: deployment.submit("plain", key="the same"))
    for name in KEYED:
        tenant = random.choice(TENANTS)
        for _ in range(RETURNS):
            # Now and then the body is another one.
            params = {"text": WORDS * random.choice((1, 1, 2))} if name == "wordy" else None
            again = partial(deployment.submit, name, params, tenant=tenant, key=f"of {name}")
            world.after(random.randrange(STORM), again)


def _terms(random: Random) -> dict[str, Any]:
    """What a client says of a submission besides its task's name: mostly nothing."""
    may_be: dict[str, Any] = {
        **_later(random),
        "start_within": timedelta(seconds=random.randrange(1, 600)),
        "priority": random.randint(1, 10),
    }
    return {name: value for name, value in may_be.items() if random.random() < TERMED}


def _later(random: Random) -> dict[str, Any]:
    """A time to start: mostly within minutes, now and then hours away, as a delay or an instant."""
    seconds = random.randrange(1, 1200 if random.random() < NEAR else 7200)
    if random.random() < HALF:
        return {"delay": timedelta(seconds=seconds)}
    return {"at": instant(START + seconds * SECOND)}


def _meddle(deployment: Deployment, verb: Callable[[Deployment, Ref], None]) -> None:
    """Somebody wants something of a task, wherever it stands."""
    if deployment.accepted:
        verb(deployment, deployment.world.random.choice(deployment.accepted).task.ref)


def _cancel(deployment: Deployment, ref: Ref) -> None:
    deployment.cancel(ref)


def _retry(deployment: Deployment, ref: Ref) -> None:
    deployment.retry(ref, failed_items_only=deployment.world.random.random() < 0.5)


def _reprioritize(deployment: Deployment, ref: Ref) -> None:
    priority = deployment.world.random.randint(1, 10)
    deployment.ask(partial(reprioritize, ref=ref, priority=priority), ref.tenant)


def _plan_operator(deployment: Deployment) -> None:
    """In some worlds an operator stops a pool, or all, for a while; if AWS lets him."""
    world, random = deployment.world, deployment.world.random
    for stop in (pause, drain):
        if random.random() < ORDERED:
            began, pool = random.randrange(ARRIVALS), random.choice((None, "default"))
            world.after(began, partial(deployment.ask, partial(stop, pool=pool)))
            over = began + random.randrange(MINUTE, 5 * MINUTE)
            world.after(over, partial(deployment.ask, partial(resume, pool=pool)))
    if random.random() < ORDERED:
        fresh = partial(redrive, pool=random.choice(("default", "long")))
        world.after(random.randrange(ARRIVALS, STORM), partial(deployment.ask, fresh))
