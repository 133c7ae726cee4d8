"""How short lives begin: what is submitted, and what people do to it in the first minutes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from tests.simulated.deployment import Deployment
from tests.simulated.families import compose
from tests.simulated.lags import Range
from tests.simulated.time import MINUTE, SECOND
from windrow.engine.control import pause, resume
from windrow.engine.send import send

type Begin = Callable[[Deployment], None]

LATER = timedelta(seconds=100)
# By then most lives have begun.
BEGUN = 5 * SECOND
LONG = timedelta(seconds=900 + 75)
# Records are kept for so long, and are there for a while after that.
SHORT, LAG = timedelta(seconds=120), (10 * MINUTE, 20 * MINUTE)


@dataclass(frozen=True, slots=True)
class Life:
    """How a life begins, and the deployment that it is lived on.

    limit      how many attempts of each task may run at once
    retention  how long records are kept; `ttl` is how late they are deleted after that
    begun      by then all has been asked for, in milliseconds
    spare_hints  how many more are sent for each time that something goes wrong
    soon       what one fault may cost: its pool's timeout and 75 s
    """

    begin: Begin
    limit: int | None = None
    workers: int = 3
    retention: timedelta | None = None
    ttl: Range = (0, 0)
    begun: int = BEGUN
    spare_hints: int = 3
    soon: timedelta = timedelta(seconds=135)


def _one(name: str) -> Begin:
    return lambda deployment: deployment.submit(name)


def _two(name: str, *, key: str | None = None) -> Begin:
    def begin(deployment: Deployment) -> None:
        for _ in range(2):
            deployment.submit(name, key=key)

    return begin


def _cancelled(name: str, after: int) -> Begin:
    """Somebody cancels it so many milliseconds after it was submitted."""

    def begin(deployment: Deployment) -> None:
        deployment.submit(name)
        deployment.world.after(after, lambda: _cancel(deployment))

    return begin


def _cancel(deployment: Deployment) -> None:
    for submission in deployment.accepted:
        deployment.cancel(submission.task.ref)


def _without_workers(deployment: Deployment) -> None:
    """For ten minutes there is no worker, and hints pile up: but not too many."""
    deployment.worker.concurrency = 0
    deployment.submit("plain")

    def begin() -> None:
        deployment.worker.concurrency = 3

    deployment.world.after(10 * MINUTE, begin)


def _doubled(name: str) -> Begin:
    def begin(deployment: Deployment) -> None:
        deployment.world.quirks.duplicate = 0.5
        deployment.submit(name)

    return begin


def _read_late(deployment: Deployment) -> None:
    deployment.world.lags.stale = (0, SECOND)
    deployment.submit("numbers")


def _too_late(deployment: Deployment) -> None:
    """Its deadline passes while its pool is paused."""
    deployment.ask(pause)
    deployment.world.after(SECOND, lambda: deployment.submit("plain", deadline=LATER))
    _resume(deployment, 400)


def _paused(deployment: Deployment) -> None:
    deployment.ask(pause)
    deployment.world.after(SECOND, lambda: deployment.submit("plain"))
    _resume(deployment, 100)


def _resume(deployment: Deployment, seconds: int) -> None:
    """The operator looks whether it was done, and does it again: twice, for two may be refused."""
    for again in range(3):
        at = (seconds + 100 * again) * SECOND
        deployment.world.after(at, lambda: deployment.ask(resume))


def _at_a_tick(deployment: Deployment) -> None:
    """A map's chunks wait for a worker until the very moment at which the sweeper comes by."""
    deployment.submit("groups")
    deployment.world.after(150, partial(_have_workers, deployment, 0))
    deployment.world.after(119_870, partial(_have_workers, deployment, 3))


def _have_workers(deployment: Deployment, count: int) -> None:
    deployment.worker.concurrency = count
    if count:
        # Its hint lets the queue be looked at.
        deployment.submit("plain")


def _several(name: str, count: int) -> Begin:
    def begin(deployment: Deployment) -> None:
        for _ in range(count):
            deployment.submit(name)

    return begin


def _urgent_first(deployment: Deployment) -> None:
    """The one worker is busy while a delayed task's time comes, and an urgent one after it."""
    deployment.submit("slow")
    deployment.submit("plain", delay=timedelta(seconds=10))
    deployment.world.after(40 * SECOND, partial(deployment.submit, "plain", priority=10))


def _not_in_time(deployment: Deployment) -> None:
    """There is a worker again when its time in the queue is up, and before the sweeper comes by."""
    deployment.worker.concurrency = 0
    deployment.submit("plain", start_within=timedelta(seconds=65))
    deployment.world.after(70 * SECOND, partial(_have_workers, deployment, 3))


def _pool_gone(*, cancelled: bool) -> Begin:
    """The deployment loses a pool while a task of it waits without a hint."""

    def begin(deployment: Deployment) -> None:
        deployment.submit("asking", delay=timedelta(seconds=100))
        deployment.world.after(50 * SECOND, deployment.queues["LongQueue"].lose)
        deployment.world.after(60 * SECOND, partial(deployment.redeploy, without="long"))
        if cancelled:
            deployment.world.after(185 * SECOND, partial(_cancel, deployment))
        deployment.world.after(470 * SECOND, deployment.redeploy)

    return begin


def _two_bodies(deployment: Deployment) -> None:
    """One key with a body and then with another one: one of the two is refused."""
    for text in ("one", "other"):
        deployment.submit("wordy", {"text": text * 200}, key="the same")


def _key_again(name: str) -> Begin:
    """A key is used again, by two at once, when its task has expired and is there still."""

    def begin(deployment: Deployment) -> None:
        deployment.submit(name, key="the same")
        for _ in range(2):
            again = partial(deployment.submit, name, key="the same")
            deployment.world.after(200 * SECOND, again)

    return begin


def _met_by_key(deployment: Deployment) -> None:
    """A key meets the live holder of a unique key; later it leads there still."""
    deployment.submit("numbers")
    for at in (30, 20 * SECOND):
        deployment.world.after(at, partial(deployment.submit, "numbers", key="the same"))


def _again(
    name: str,
    *,
    cancelled: int | None = None,
    rival: bool = False,
    deadline: timedelta | None = None,
) -> Begin:
    """Half a minute later somebody lets it begin again: its failed items, if it has any.

    With `cancelled` it was cancelled after so many milliseconds; with a `rival` somebody else
    submits the same at the same moment.
    """

    def begin(deployment: Deployment) -> None:
        world = deployment.world
        deployment.submit(name, deadline=deadline)
        if cancelled is not None:
            world.after(cancelled, partial(_cancel, deployment))
        if rival:
            world.after(30 * SECOND, partial(deployment.submit, name))
        world.after(30 * SECOND, partial(_retry, deployment, name == "groups"))

    return begin


def _redriven(deployment: Deployment) -> None:
    """While a map begins again that was cancelled, hints of its chunks arrive that are long old."""
    _again("numbers", cancelled=150)(deployment)
    for late in range(0, 100, 10):
        deployment.world.after(30 * SECOND + late, partial(_redrive, deployment))


def _redrive(deployment: Deployment) -> None:
    for submission in deployment.accepted:
        chunks = deployment.engine.records.chunks(submission.task.ref.group_at(0))
        again = partial(send, pool="default", refs=[chunk.ref for chunk in chunks])
        deployment.ask(again)


def _retry(deployment: Deployment, failed_items_only: bool) -> None:
    for submission in deployment.accepted[:1]:
        deployment.retry(submission.task.ref, failed_items_only=failed_items_only)


def _composed(name: str) -> Begin:
    return lambda deployment: compose(deployment, name)


def _cancelled_composition(name: str, *after: int) -> Begin:
    """Somebody cancels it so many milliseconds after it was submitted, and may do so again."""

    def begin(deployment: Deployment) -> None:
        compose(deployment, name)
        for milliseconds in after:
            deployment.world.after(milliseconds, partial(_cancel, deployment))

    return begin


def _group_read_late(deployment: Deployment) -> None:
    deployment.world.lags.stale = (0, SECOND)
    compose(deployment, "group")


def _composed_again(name: str) -> Begin:
    """Somebody lets it begin again when it has failed, and looks whether that was done."""

    def begin(deployment: Deployment) -> None:
        compose(deployment, name)
        for after in (100 * SECOND, 200 * SECOND):
            deployment.world.after(after, partial(_retry_once, deployment))

    return begin


def _retry_once(deployment: Deployment) -> None:
    for submission in deployment.accepted:
        record = deployment.engine.records.task(submission.task.ref)
        if record is not None and record.round == 0:
            deployment.retry(submission.task.ref)


LIVES: Mapping[str, Life] = {
    "plain": Life(_one("plain")),
    "retried": Life(_one("flaky")),
    "given up": Life(_one("hopeless")),
    "cancelled while it waits": Life(_cancelled("plain", 15)),
    "cancelled while it runs": Life(_cancelled("plain", 45)),
    "counted": Life(_one("counted")),
    "continued": Life(_one("stepping")),
    "one key twice": Life(_two("plain", key="the same")),
    "cancelled retry": Life(_cancelled("flaky", 45)),
    "slow": Life(_one("slow")),
    "deadly": Life(_one("deadly")),
    "stumbling": Life(_one("stumbling")),
    "no worker": Life(_without_workers),
    "retried, hints doubled": Life(_doubled("flaky")),
    "slow, hints doubled": Life(_doubled("slow")),
    "delayed": Life(lambda deployment: deployment.submit("plain", delay=LATER)),
    "too late": Life(_too_late),
    "map, read late": Life(_read_late),
    "paused": Life(_paused),
    "map": Life(_one("numbers")),
    "unique map twice": Life(_two("numbers")),
    "cancelled map": Life(_cancelled("numbers", 150)),
    "map of groups": Life(_one("groups")),
    "map of groups at a tick": Life(_at_a_tick, begun=2 * MINUTE),
    "limited": Life(_several("plain", 3), limit=1, spare_hints=6),
    "limited and dying": Life(_several("stumbling", 2), limit=1, spare_hints=6),
    "limited map": Life(_one("numbers"), limit=1, spare_hints=6),
    "urgent first": Life(_urgent_first, workers=1, begun=MINUTE),
    "not in time": Life(_not_in_time, begun=2 * MINUTE),
    "pool gone": Life(_pool_gone(cancelled=False), soon=LONG),
    "cancelled, pool gone": Life(_pool_gone(cancelled=True), soon=LONG),
    "one key, two bodies": Life(_two_bodies),
    "key used again": Life(_key_again("counted"), retention=SHORT, ttl=LAG, begun=4 * MINUTE),
    "key of a map used again": Life(
        _key_again("numbers"), retention=SHORT, ttl=LAG, begun=4 * MINUTE
    ),
    "key of a map that is gone used again": Life(
        _key_again("numbers"), retention=SHORT, begun=4 * MINUTE
    ),
    "met by key": Life(_met_by_key, begun=MINUTE),
    "begun again": Life(_again("hopeless"), begun=MINUTE),
    "errors begun again": Life(_again("groups"), begun=MINUTE),
    "errors begun again, parts expiring": Life(
        _again("groups", deadline=LATER), retention=SHORT, begun=MINUTE
    ),
    "cancelled map begun again": Life(_again("numbers", cancelled=150), begun=MINUTE),
    "cancelled map begun again, hints redriven": Life(_redriven, begun=MINUTE),
    "unique map begun again": Life(_again("numbers", cancelled=150, rival=True), begun=MINUTE),
    "group": Life(_composed("group")),
    "group with a map": Life(_composed("group with a map")),
    "failed group": Life(_composed("group of one kind")),
    "group, cancelled while it is begun": Life(_cancelled_composition("group", 60)),
    "group, cancelled half way": Life(_cancelled_composition("group", 160)),
    "group, read late": Life(_group_read_late),
    "delayed group, cancelled": Life(
        _cancelled_composition("delayed group", 5 * SECOND, 100 * SECOND, 200 * SECOND)
    ),
    "failed group, begun again": Life(_composed_again("group of one kind")),
    "failed chain, begun again": Life(_composed_again("doomed chain")),
    "chain": Life(_composed("chain")),
    "doomed chain": Life(_composed("doomed chain")),
    "cancelled chain": Life(_cancelled_composition("chain", 120)),
    "family": Life(_one("family")),
    "cancelled family": Life(_cancelled("family", 70)),
}
