"""A whole deployment in a simulated world: the product's own handlers on AWS."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from tests.simulated.dynamodb.table import Change
from tests.simulated.functions import Function, Handler, Mapping, Schedule
from tests.simulated.lags import Range
from tests.simulated.overdue import overlooked
from tests.simulated.port import Port
from tests.simulated.time import MINUTE, SECOND, Clock
from tests.simulated.world import World
from windrow import wiring
from windrow.engine.cancel import cancel
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.engine.retry_again import retry_again
from windrow.engine.submit import Submission, submit
from windrow.engine.sweep import sweep
from windrow.lambdas import dead_letters, worker
from windrow.lambdas.invocation import ends_at
from windrow.model.priority import Mode
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT, Ref
from windrow.model.states import State
from windrow.store.tasks import Tasks
from windrow.store.transactions import Transactions
from windrow.telemetry.metrics import Metric

TABLES = ("TasksTable", "ApplicationTable")
BUCKET = "windrow-bucket"
TENANTS = ("default", "another")
# The items of a map that somebody has put into the bucket for each tenant.
LINES = b"0\n1\n2\n3\n4\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A submission as a client made it: when, in milliseconds, who, for whom, with which key, of
    what.
    """

    at: int
    caller: str
    tenant: str
    key: str | None
    name: str
    params: str


type Told = Callable[[Asked, Submission | Exception], None]


@dataclass
class Counted:
    """Telemetry that counts its verbs and its metrics, and how many attempts each caller began."""

    who: Callable[[], str] = lambda: "-"
    verbs: Counter[str] = field(default_factory=Counter)
    metrics: Counter[Metric] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("windrow"))

    def event(self, verb: str, **ids: Any) -> None:
        self.verbs[verb] += 1
        if verb == "task.claimed":
            self.begun[self.who()] += 1

    def warning(self, verb: str, *, error: BaseException | None = None, **ids: Any) -> None:
        self.verbs[verb] += 1
        if error is not None:
            self.errors.append(error)

    def count(self, metric: Metric, amount: float = 1) -> None:
        self.metrics[metric] += int(amount)


class Deployment:
    """Tables, queues, workers, a sweeper each minute, and clients that submit."""

    def __init__(
        self,
        world: World,
        registry: Registry,
        *,
        workers: int = 4,
        skew: Range = (0, 0),
        retention: timedelta | None = None,
        mode: Mode = Mode.STRICT,
    ) -> None:
        self.world = world
        self.registry = registry
        self.retention = retention
        self.mode = mode
        self.telemetry = Counted(lambda: world.current.name if world.current else "-")
        self.accepted: list[Submission] = []
        self.refused: list[Exception] = []
        self.callers = 0
        # Pools whose queue the deployment that is on knows nothing of.
        self.lost_pools: set[str] = set()
        self.to_be_cancelled: set[Ref] = set()
        self.told_cancelled: set[tuple[Ref, datetime]] = set()
        # Of these it was asked that they begin again, wherefore another end may follow.
        self.begun_again: set[Ref] = set()
        # Partitions of records that are gone, and how many attempts went with them.
        self.expired: set[str] = set()
        self.attempts_gone = 0
        # When faults stopped, in milliseconds; and what should have been looked at since, and was
        # not (tests.simulated.liveness).
        self.calm_since: int | None = None
        self.overlooked: list[str] = []
        # Told of each answer that a client gets, and what it had asked for.
        self.told: list[Told] = []
        services = world.services
        services.create_tables(*TABLES)
        services.call("s3", "CreateBucket", {"Bucket": BUCKET})
        for tenant in TENANTS:
            key = f"items/{tenant}/lines"
            services.call("s3", "PutObject", {"Bucket": BUCKET, "Key": key, "Body": LINES})
        self.queues = services.create_queues()
        self.table = services.dynamodb.tables["TasksTable"]
        self.table.watchers.append(self._note_end)
        # For tests that look at things: a port without faults, and the right time.
        self.engine = self._engine(Port(world), Clock(world.time, world.pause))

        function = partial(self.function, skew=skew)
        self.worker = function("worker", _worker, concurrency=workers)
        self.long_worker = function(
            "long-worker", _worker, timeout=15 * MINUTE, concurrency=workers
        )
        self.dead_letters = function("dead-letters", _dead_letters, timeout=30 * SECOND)
        self.sweeper = function("sweeper", _sweeper, timeout=55 * SECOND)
        self.schedule = Schedule(world, self.sweeper, lambda planned: {"time": planned})
        Mapping(world, self.queues["DefaultQueue"], self.worker).start()
        Mapping(world, self.queues["LongQueue"], self.long_worker).start()
        for name in ("DefaultDeadLetters", "LongDeadLetters"):
            Mapping(world, self.queues[name], self.dead_letters, batch_size=10).start()
        self.schedule.start()

    def function(self, name: str, build: Callable[[Engine], Handler], **options: Any) -> Function:
        """A Lambda function whose handlers are made for an engine of their own."""
        return Function(
            self.world, name, lambda port, clock: build(self._engine(port, clock)), **options
        )

    def submit(
        self,
        name: str,
        params: dict[str, Any] | None = None,
        *,
        tenant: str = DEFAULT_TENANT,
        key: str | None = None,
        **options: Any,
    ) -> None:
        """Let a client submit a task now; what it is told goes to `accepted` or `refused`."""
        ask = partial(submit, name=name, params=params, tenant=tenant, key=key, **options)
        self.accept(ask, name, tenant, params, key)

    def accept(
        self,
        ask: Callable[[Engine], Submission],
        name: str,
        tenant: str = DEFAULT_TENANT,
        params: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> None:
        """Let a client submit something now, by whatever verb; `name` and `params` tell what."""
        began = self.world.time.now

        def told(caller: str, answer: Submission | Exception) -> None:
            if not isinstance(answer, Exception):
                self.accepted.append(answer)
            said = json.dumps(params or {}, sort_keys=True)
            asked = Asked(began, caller, tenant, key, name, said)
            for listener in self.told:
                listener(asked, answer)

        self.ask(ask, tenant, told)

    def cancel(self, ref: Ref) -> None:
        """Let a client ask for the end of a task now."""
        self.to_be_cancelled.add(ref)

        def told(_caller: str, answer: Task | Exception) -> None:
            if isinstance(answer, Task) and answer.state is State.CANCELLED:
                self.told_cancelled.add((ref, answer.created))

        self.ask(lambda engine: cancel(engine, ref), ref.tenant, told)

    def retry(self, ref: Ref, *, failed_items_only: bool = False) -> None:
        """Let a client ask that a task begins again, whether it may or not."""
        self.begun_again.add(ref)
        again = partial(retry_again, ref=ref, failed_items_only=failed_items_only)
        self.ask(again, ref.tenant)

    def ask[T](
        self,
        verb: Callable[[Engine], T],
        tenant: str | None = None,
        told: Callable[[str, T | Exception], None] = lambda caller, answer: None,
    ) -> None:
        """Let a client of a tenant, or an operator, ask for something now.

        `told` is told its name and its answer. One that is an error goes to `refused` as well.
        """
        self.callers += 1
        caller = f"{'client' if tenant else 'operator'}-{self.callers}"
        if tenant is not None:
            self.world.tenants[caller] = tenant

        def asked() -> None:
            engine = self._engine(Port(self.world), Clock(self.world.time, self.world.pause))
            answer: T | Exception
            try:
                answer = verb(engine)
            except Exception as error:  # noqa: BLE001 - a client may be told anything
                answer = error
                self.refused.append(error)
            told(caller, answer)

        self.world.spawn(caller, asked)

    def redeploy(self, *, without: str | None = None) -> None:
        """Deploy anew, perhaps a template that has lost a pool: whoever starts, starts cold."""
        self.lost_pools = {without.upper()} if without else set()
        for function in (self.worker, self.long_worker, self.dead_letters, self.sweeper):
            function.idle.clear()

    def calm(self) -> None:
        """From now on AWS works. What is promised after faults is counted from here, or from when
        the last late request has arrived.
        """
        quirks, faults = self.world.quirks, self.world.faults
        faults.stop()
        self.schedule.missed = quirks.unsent = quirks.unreceived = 0
        late = faults.delay[1] if faults.injected else 0
        self.calm_since = self.world.time.now + late

    def _note_end(self, change: Change) -> None:
        """Notice a record that is deleted, or whose place an attempt's count begins anew in."""
        if not change.key[0].startswith("K#") or change.key[1][0] not in "AC":
            return
        if change.before is None:
            self.expired.discard(change.key[0])
            return
        attempts = int(change.before.item["attempt"]["N"])
        if change.after is None or int(change.after.item["attempt"]["N"]) < attempts:
            self.attempts_gone += attempts
        if change.after is None:
            self.expired.add(change.key[0])

    def run_until_quiet(self, limit: int) -> None:
        """Let time pass until no record is due and no message is left; at most `limit` ms of it."""
        end = self.world.time.now + limit
        while self.world.time.now < end and not self.is_quiet:
            self.world.run(min(MINUTE, end - self.world.time.now))
            self.overlooked += overlooked(self.table, self.world.time.now, self.calm_since)

    @property
    def is_quiet(self) -> bool:
        """Is nothing left to do: no record due, no message, no index behind?"""
        is_due = any("due_shard" in row.item for row in self.table.rows.values())
        is_behind = any(self.table.indexes[name].entries for name in ("due", "ready"))
        return not is_due and not is_behind and not any(q.messages for q in self.queues.values())

    def _engine(self, port: Port, clock: Clock) -> Engine:
        urls = {
            f"WINDROW_QUEUE_{pool}": self.queues[f"{pool.title()}Queue"].url
            for pool in ("DEFAULT", "LONG")
            if pool not in self.lost_pools
        }
        environment = {
            "WINDROW_TABLE": "TasksTable",
            "WINDROW_BUCKET": BUCKET,
            "WINDROW_READY_SHARDS": "2",
            "WINDROW_PRIORITY_MODE": self.mode,
            **urls,
        }
        made = wiring.engine(
            self.registry, self.telemetry, aws=port, clock=clock, environment=environment
        )
        # The wiring takes its chance from the system; here the seed is all the chance there is.
        random = Random(self.world.random.getrandbits(64))
        transactions = Transactions(port, clock, random)
        tasks = Tasks(made.records, made.tasks.locks, transactions)
        retention = self.retention or made.retention
        return replace(made, retention=retention, random=random, tasks=tasks)


def _worker(engine: Engine) -> Handler:
    return lambda event, context: worker.work(engine, event, context)


def _dead_letters(engine: Engine) -> Handler:
    return lambda event, context: dead_letters.note(engine, event)


def _sweeper(engine: Engine) -> Handler:
    return lambda event, context: {"overdue": sweep(engine, ends_at(engine.clock, context))}
