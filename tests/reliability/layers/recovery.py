"""Recovery: workers are killed at random calls; how long until somebody else does their work.

Nothing but those kills goes wrong, one at a time in a world, and an attempt after the first takes
no time of its own: so what is measured is Windrow's alone. A kill is timed from its call to the
next start of what was killed, and again to what that attempt settles; for whoever dies between the
end of a map's last chunk and the map's next phase, to that phase. What is never seen again is a
problem, and so is all that the judge complains of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from statistics import median

from tests.reliability.bars import RECOVERY
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, pieces, spread
from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change, Table
from tests.simulated.faults import Effect
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.judge import complaints
from tests.simulated.outside import life, write_row
from tests.simulated.time import HOUR, MINUTE, SECOND
from tests.simulated.world import LATENCY, World
from windrow import Context, Registry, RetryPolicy, task
from windrow import Outcome as Ended
from windrow.aws.port import Parameters

NAME = "recovery"
SHARE = 0.05

# Each pool's timeout, and the 75 s that finding out and starting again may take.
TIMEOUTS = {"default": 60, "long": 900}
BOUNDS = {pool: timeout + 75 for pool, timeout in TIMEOUTS.items()}
# One world in so many has its tasks in the long pool, where a recovery takes up to a quarter of an
# hour; and it lives that much longer.
LONG = 6
FULL_KILLS, QUICK_KILLS = 5_000, 150
WORLDS = 10_000
TASKS, CHUNKS = 40, 20
RATE = 0.1
KILLS = {Effect.KILLED_BEFORE: 0.5, Effect.KILLED_AFTER: 0.5}
OVER = frozenset({"succeeded", "failed", "cancelled"})


@dataclass
class Recoveries:
    """Who works on what, what was killed, and when it went on; seconds of simulated time.

    `measured` are the kills that were timed: what was killed, and when.
    """

    world: World
    table: Table
    subjects: dict[str, Key] = field(default_factory=dict)
    started: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    gathered: list[float] = field(default_factory=list)
    measured: set[tuple[str, int]] = field(default_factory=set)
    _dying: int = 0
    _starting: dict[Key, int] = field(default_factory=dict)
    _settling: dict[Key, int] = field(default_factory=dict)
    _gathering: dict[str, int] = field(default_factory=dict)

    def asked(self, caller: str, service: str, operation: str, parameters: Parameters) -> None:
        """A worker's record is the one that it looks at first, until it claims one."""
        if "worker" in caller and operation == "GetItem":
            self.subjects.setdefault(caller, _key(parameters))

    def is_killed(self, service: str, operation: str, parameters: Parameters) -> bool:
        """Decide whether somebody dies at this call, and see what becomes of his work if so."""
        caller = self.world.current.name if self.world.current else ""
        if "worker" not in caller or self.world.random.random() >= RATE:
            return False
        now, asked = self.world.time.now, _key(parameters)
        if self._dying or self._starting or self._settling or self._gathering:
            return False  # One death at a time: the next one comes when this one is mended.
        self._dying += 1
        # The call takes effect, or does not, while it travels; then he is dead. It may have been a
        # claim, and not of what his hint was for.
        self.world.after(
            LATENCY[1] + 1, lambda: self._killed(self.subjects.get(caller) or asked, now)
        )
        return True

    def left(self) -> Iterator[str]:
        """What was killed, and that nobody went on with."""
        for what, waiting in (
            ("start", self._starting),
            ("settling", self._settling),
            ("next phase", self._gathering),
        ):
            for key in waiting:
                yield f"after a kill there was no {what} of {key}"

    def _killed(self, key: Key, now: int) -> None:
        self._dying -= 1
        row = self.table.rows.get(key)
        if row is None or "state" not in row.item:
            return
        state = row.item["state"]["S"]
        is_in_chunks = row.item.get("phase", {}).get("S") == "chunks"
        if state not in OVER and not is_in_chunks:
            # What waits for its time is not late before that.
            since = max(now, int(row.item["not_before"]["N"]))
            self._starting[key] = self._settling[key] = since
            return
        map_ = key[0] if is_in_chunks else key[0].rpartition("#")[0]
        if self._is_waiting(map_):
            self._gathering[map_] = now

    def changed(self, change: Change) -> None:
        """Somebody has written."""
        key, now = change.key, self.world.time.now
        if change.after is None or change.before is None or "state" not in change.after.item:
            return
        before, after = change.before.item, change.after.item
        if before["attempt"] != after["attempt"]:
            self.subjects[self.world.acting or "-"] = key
            self._note(self.started, key, self._starting.pop(key, None), now)
            if after["attempt"]["N"] == "1":
                # Killed before its first attempt, which takes as long as it takes.
                self._settling.pop(key, None)
            return
        if before["state"] != after["state"] or before.get("phase") != after.get("phase"):
            self._starting.pop(key, None)
            self._note(self.settled, key, self._settling.pop(key, None), now)
            if key[1] == "A":
                self._note(self.gathered, key, self._gathering.pop(key[0], None), now)

    def _note(self, took: list[float], key: Key, since: int | None, now: int) -> None:
        if since is not None:
            self.measured.add(("/".join(key), since))
            took.append((now - since) / SECOND)

    def _is_waiting(self, map_: str) -> bool:
        """Is there nothing left to do for a map in its chunks but to move it on?"""
        row = self.table.rows.get((map_, "A"))
        if row is None or row.item.get("phase", {}).get("S") != "chunks":
            return False
        chunks = [
            self.table.rows[f"{map_}#{group:05d}", sort]
            for group in range(int(row.item["groups"]["N"]))
            for sort in self.table.partitions.get(f"{map_}#{group:05d}", [])
        ]
        return all(chunk.item["state"]["S"] in OVER for chunk in chunks)


@dataclass
class Tally:
    """What some worlds came to: seconds of simulated time. `measured` are kills, each once."""

    kills: int = 0
    measured: int = 0
    started: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)
    gathered: list[float] = field(default_factory=list)
    long: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in what another world came to."""
        self.kills += other.kills
        self.measured += other.measured
        self.started += other.started
        self.settled += other.settled
        self.gathered += other.gathered
        self.long += other.long
        self.problems += other.problems


def run(budget: Budget) -> Outcome:
    """Worlds of seeds from SEED on, until there were enough kills. RUNS is how many worlds."""
    tally, progress = Tally(), Progress(NAME)
    wanted = FULL_KILLS if budget.is_full else QUICK_KILLS
    for each in spread(budget, lived, pieces(budget.seed, budget.runs or WORLDS, 1)):
        tally.add(each)
        progress.tell(f"{tally.measured:,} kills")
        if tally.measured >= wanted and budget.runs is None:
            break
    every = tally.started + tally.settled + tally.gathered
    row = Row(
        what=RECOVERY.what,
        bar=f"<= {BOUNDS['default']} s, in the long pool {BOUNDS['long']} s (its timeout + 75 s),"
        f" >= {wanted:,} kills measured",
        seen=f"{_shown(every)} after {tally.measured:,} kills; in the long pool"
        f" {_shown(tally.long)}",
        is_met=bool(every)
        and max(every) <= BOUNDS["default"]
        and max(tally.long, default=0) <= BOUNDS["long"]
        and tally.measured >= wanted,
        figures={
            "kills": tally.kills,
            "kills measured, each once": tally.measured,
            "to the next start": _shown(tally.started),
            "to what that settled": _shown(tally.settled),
            "to a map's next phase": _shown(tally.gathered),
            "in the long pool": _shown(tally.long),
        },
    )
    return Outcome([row], tally.problems)


def lived(seeds: range) -> Tally:
    """The world of one seed, lived and judged."""
    (seed,) = seeds
    pool = "default" if seed % LONG else "long"
    slower = 1 if pool == "default" else LONG
    with World(seed) as world:
        world.lags.index = (10, 3 * SECOND)
        deployment = Deployment(world, _registry(world, pool), workers=1000)
        Invariants(world, deployment.table, deployment=deployment).watch()
        recoveries = Recoveries(world, deployment.table)
        deployment.table.watchers.append(recoveries.changed)
        world.witnesses.append(recoveries.asked)
        world.faults.rates, world.faults.matches = KILLS, recoveries.is_killed
        for name in ("plain",) * TASKS + ("map",):
            arrives = world.random.randrange(10 * MINUTE * slower)
            world.after(arrives, partial(deployment.submit, name))
        problems = []
        try:
            world.run(15 * MINUTE * slower)
            deployment.calm()
            deployment.run_until_quiet(3 * HOUR)
            problems += [*recoveries.left(), *complaints(deployment)]
        except Violation as violation:
            problems.append(str(violation).partition("\n")[0])
        late = [
            f"{name} took {seconds} s"
            for name in ("started", "settled", "gathered")
            for seconds in getattr(recoveries, name)
            if seconds > BOUNDS[pool]
        ]
        started, settled, gathered = recoveries.started, recoveries.settled, recoveries.gathered
        long: list[float] = []
        if pool == "long":
            long = started + settled + gathered
            started, settled, gathered = [], [], []
        return Tally(
            world.faults.injected.total(),
            len(recoveries.measured),
            started,
            settled,
            gathered,
            long,
            [f"{problem} | {_replay(seed)}" for problem in problems + late],
        )


def _registry(world: World, pool: str) -> Registry:
    """Tasks whose first attempt takes nearly all of its time, and a map that lives for minutes."""

    def work(context: Context) -> None:
        if context.attempt == 1 and world.random.random() < 0.5:
            longest = TIMEOUTS[pool] - 10
            context.clock.sleep(timedelta(seconds=world.random.uniform(0, longest)))

    @task("plain", pool=pool)
    def plain(context: Context) -> None:
        work(context)
        write_row(context, f"plain/{life(context)}")

    waits = RetryPolicy(attempts=20, base=timedelta(minutes=4), cap=timedelta(minutes=4))

    @task.map("map", pool=pool, chunk_size=1, retry=waits)
    def map_(context: Context) -> range:
        return range(CHUNKS)

    @map_.each
    def each(context: Context, item: int) -> None:
        work(context)
        if context.attempt <= item % 5:
            raise TimeoutError("an upstream did not answer")

    @map_.finish()
    def finish(context: Context, ended: Ended) -> None:
        write_row(context, f"map/{life(context)}")

    return Registry([plain, map_])


def _key(parameters: Parameters) -> Key:
    key = parameters.get("Key") or parameters.get("Item")
    # The key of an object in the bucket is a text.
    if not isinstance(key, dict) or "SK" not in key:
        return ("", "")
    return (key["PK"]["S"], key["SK"]["S"])


def _shown(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    return f"at most {max(seconds):.1f} s, median {median(seconds):.1f} s of {len(seconds):,}"


def _replay(seed: int) -> str:
    return f"make reliability LAYER={NAME} SEED={seed} RUNS=1"
