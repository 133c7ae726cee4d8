"""The one place that makes clients and reads the environment."""

import os
from collections.abc import Mapping
from random import SystemRandom

from windrow.aws.boto import Boto
from windrow.aws.port import SigningAWS
from windrow.clock import Clock, SystemClock
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.model.allowance import Rule
from windrow.model.priority import Mode
from windrow.outgoing import Outgoing
from windrow.queue.sqs import Queue
from windrow.settings import Settings
from windrow.store.bucket import Bucket
from windrow.store.control import Control
from windrow.store.cursors import Cursors
from windrow.store.due import DueIndex
from windrow.store.locks import Locks
from windrow.store.quota import Quota
from windrow.store.ready import Order, ReadyIndex
from windrow.store.records import Records
from windrow.store.schedules import Schedules
from windrow.store.tasks import Tasks
from windrow.store.timers import Timers
from windrow.store.transactions import Transactions
from windrow.system.delivery import Delivering, elsewhere, with_deliveries
from windrow.telemetry.port import Telemetry


def engine(
    registry: Registry,
    telemetry: Telemetry,
    *,
    aws: SigningAWS | None = None,
    clock: Clock | None = None,
    environment: Mapping[str, str] = os.environ,
    delivering: Delivering = elsewhere,
) -> Engine:
    """An engine for the environment at hand; a worker says how it delivers webhooks.

    Raises ConfigurationError when the environment is incomplete.
    """
    settings = Settings.from_environment(environment)
    outgoing = Outgoing.from_environment(environment)
    port = aws or Boto()
    time = clock or SystemClock()
    random = SystemRandom()
    order = Order(Mode(settings.priority_mode), settings.ready_shards)
    records = Records(port, settings.table, order)
    transactions = Transactions(port, time, random)
    return Engine(
        aws=port,
        registry=with_deliveries(registry, delivering(outgoing)),
        records=records,
        tasks=Tasks(records, Locks(port, settings.table), transactions),
        due=DueIndex(port, settings.table),
        ready=ReadyIndex(port, settings.table, order),
        control=Control(port, settings.table, time),
        cursors=Cursors(port, settings.table, random),
        bucket=Bucket(port, settings.bucket),
        queue=Queue(port, settings.queues),
        schedules=Schedules(port, settings.table, transactions, settings.schedules_per_tenant),
        timers=Timers(
            aws=port,
            group=settings.schedule_group,
            target=settings.schedule_target,
            role=settings.schedule_role,
        ),
        clock=time,
        random=random,
        telemetry=telemetry,
        quota=Quota(port, settings.table, time, _rule(settings.requests_per_minute)),
        retention=settings.retention,
        outgoing=outgoing,
    )


def _rule(requests_per_minute: int) -> Rule | None:
    return Rule(requests_per_minute) if requests_per_minute else None
