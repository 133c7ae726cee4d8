"""Lambda, its event source mappings and its schedules, simulated."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulated.lags import Range
from tests.simulated.port import Port
from tests.simulated.sqs.queue import Message, Queue
from tests.simulated.sqs.service import shown
from tests.simulated.time import MINUTE, SECOND, Clock
from tests.simulated.world import World
from windrow.lambdas.invocation import Event, LambdaContext

type Handler = Callable[[Event, LambdaContext], Any]
type Build = Callable[[Port, Clock], Handler]


@dataclass(slots=True)
class Invocation:
    """What a handler is invoked with, and how it ended. `value` is what it returned."""

    world: World
    event: Event
    deadline: int
    aws_request_id: str
    value: Any = None
    error: Exception | None = None
    has_returned: bool = False

    def get_remaining_time_in_millis(self) -> int:
        """Until the deadline, as the platform counts: its own clock is right."""
        return max(0, self.deadline - self.world.time.now)


@dataclass
class Function:
    """A Lambda function: up to `concurrency` sandboxes, each with one invocation at a time.

    A sandbox is what a cold start makes: a port, a clock that is wrong by some of `skew`, and a
    handler. An invocation that is not over at its deadline is killed, and its sandbox with it.
    With `overrun` that is so late, in milliseconds: as if it had been frozen, and woke up again.
    """

    world: World
    name: str
    build: Build
    timeout: int = 60 * SECOND
    concurrency: int = 10
    skew: Range = (0, 0)
    overrun: int = 0
    running: int = 0
    invoked: int = 0
    killed: int = 0
    timed_out: int = 0
    errors: list[Exception] = field(default_factory=list)
    idle: list[Handler] = field(default_factory=list)

    @property
    def has_room(self) -> bool:
        """Can another invocation begin?"""
        return self.running < self.concurrency

    def invoke(self, event: Event, on_end: Callable[[Invocation], None] | None = None) -> None:
        """Begin an invocation; `on_end` is told of its end, however it ends."""
        self.running += 1
        self.invoked += 1
        name = f"{self.name}-{self.invoked}"
        invocation = Invocation(self.world, event, self.world.time.now + self.timeout, name)
        handler = self.idle.pop() if self.idle else self._cold_start()

        def handle() -> None:
            try:
                invocation.value = handler(json.loads(json.dumps(event)), invocation)
                # Mangum answers whatever is raised, its own process's death included.
                fiber.check()
            except Exception as error:  # noqa: BLE001 - as the runtime reports whatever a handler raises
                invocation.error = error
            invocation.has_returned = True

        def ended() -> None:
            self.running -= 1
            if invocation.has_returned:
                self.idle.append(handler)
            else:
                self.killed += 1
            if invocation.error is not None:
                self.errors.append(invocation.error)
            if on_end is not None:
                on_end(invocation)

        def time_out() -> None:
            if not fiber.is_over:
                self.timed_out += 1
                self.world.kill(fiber)

        fiber = self.world.spawn(name, handle, ended)
        self.world.at(invocation.deadline + self.overrun, time_out)

    def _cold_start(self) -> Handler:
        low, high = self.skew
        skew = self.world.random.randint(low, high) if high > low else low
        return self.build(Port(self.world), Clock(self.world.time, self.world.pause, skew))


@dataclass
class Mapping:
    """An event source mapping: polls a queue and invokes a function, with partial batches."""

    world: World
    queue: Queue
    function: Function
    batch_size: int = 1

    def start(self) -> None:
        """Poll whenever a message can be received."""
        self.queue.listeners.append(self._wake)
        self._wake(self.world.time.now)

    def _wake(self, visible: int) -> None:
        self.world.at(visible, self._poll)

    def _poll(self) -> None:
        while self.function.has_room:
            messages = self.queue.receive(self.batch_size)
            if not messages:
                return
            self._deliver(messages)

    def _deliver(self, messages: list[Message]) -> None:
        records = [self._record(message) for message in messages]
        self.world.note("deliver " + " ".join(message.body for message in messages))

        def ended(invocation: Invocation) -> None:
            if invocation.has_returned and invocation.error is None:
                self._acknowledge(records, invocation.value)
            self._poll()

        self.function.invoke({"Records": records}, ended)

    def _acknowledge(self, records: list[dict[str, Any]], reply: Any) -> None:
        """Delete what was handled. A reply that names an unknown message fails all of them."""
        failed = {failure["itemIdentifier"] for failure in reply["batchItemFailures"]}
        if not failed <= {record["messageId"] for record in records}:
            return
        for record in records:
            if record["messageId"] not in failed:
                self.queue.delete(record["receiptHandle"])

    def _record(self, message: Message) -> dict[str, Any]:
        received = shown(self.queue, message)
        return {
            "messageId": received["MessageId"],
            "receiptHandle": received["ReceiptHandle"],
            "body": received["Body"],
            "attributes": received["Attributes"],
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in received.get("MessageAttributes", {}).items()
            },
            "md5OfBody": received["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue.arn,
            "awsRegion": "us-east-1",
        }


@dataclass
class Schedule:
    """A schedule of EventBridge Scheduler: fires at least once at each planned time, maybe late.

    `event` makes the payload from the planned time. `doubled` is how often it fires twice, `missed`
    how often not at all; `late` is how late it is, in milliseconds.
    """

    world: World
    function: Function
    event: Callable[[int], Event]
    every: int = MINUTE
    late: Range = (0, 0)
    doubled: float = 0
    missed: float = 0

    def start(self) -> None:
        """Fire from now on."""
        self.world.after(self.every, self._fire)

    def _fire(self) -> None:
        planned, random = self.world.time.now, self.world.random
        self.world.after(self.every, self._fire)
        if self.missed and random.random() < self.missed:
            return
        for _ in range(1 + (self.doubled > 0 and random.random() < self.doubled)):
            late = random.randint(*self.late) if self.late != (0, 0) else 0
            self.world.after(late, lambda: self._invoke(planned))

    def _invoke(self, planned: int) -> None:
        if self.function.has_room:
            self.function.invoke(self.event(planned))
