"""Two ways to run tasks from a queue alone: by receive counts, and with a record that has no fence.

Both send a message for each task, to the queues of template.yaml with their visibility timeout and
dead letters, and a message whose handler raises comes back when its visibility ends.
"""

from datetime import timedelta
from typing import Any

from tests.reliability.rivals.load import TABLE, WORKERS, Standing, Work
from tests.simulated.functions import Function, Handler, Mapping
from tests.simulated.port import Port
from tests.simulated.time import HOUR, Clock
from tests.simulated.world import World
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ConditionFailed, ServiceError
from windrow.lambdas.invocation import LambdaContext


class ByReceiveCount:
    """A queue that delivers again until a handler returns, and at most ten times.

    It stands for a function behind a queue, as the platform's own guides set one up: the attempts
    are counted by the queue, and what failed too often goes to dead letters for a person.
    """

    def __init__(self, world: World, work: Work) -> None:
        self.world, self.work = world, work
        world.services.create_tables(TABLE)
        queues = world.services.create_queues()
        self.queue, self.dead = queues["DefaultQueue"], queues["DefaultDeadLetters"]
        function = Function(world, "worker", self.handler, concurrency=WORKERS)
        Mapping(world, self.queue, function).start()

    def submit(self, name: str) -> None:
        """Accepted is what the queue has said that it has."""

        def ask() -> None:
            message = {"QueueUrl": self.queue.url, "MessageBody": name}
            try:
                Port(self.world).call("sqs", "SendMessage", message)
            except ServiceError:
                return
            self.work.accepted.add(name)

        self.world.spawn(f"client-{name}", ask)

    def settle(self) -> None:
        """Ten times the visibility timeout, and some more."""
        self.world.run(3 * HOUR)

    def standing(self, name: str) -> Standing:
        """Nothing keeps a record: a message is left, or there was one."""
        left = {
            message.body for queue in (self.queue, self.dead) for message in queue.messages.values()
        }
        if name in left and not self.work.effects(name):
            return Standing.WAITS
        return Standing.UNKNOWN

    def handler(self, port: Port, clock: Clock) -> Handler:
        """A function that does what each message names, and reports those that raised."""

        def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
            failed = []
            for record in event["Records"]:
                try:
                    self.do(port, clock, record["body"], context)
                except ServiceError:
                    failed.append({"itemIdentifier": record["messageId"]})
            return {"batchItemFailures": failed}

        return handle

    def do(self, port: Port, clock: Clock, name: str, context: LambdaContext) -> None:
        """The task itself."""
        self.work.ask(clock, name)
        port.call("dynamodb", "UpdateItem", self.work.effect(name))


class Unfenced(ByReceiveCount):
    """The same, behind a record of each task that says whether it is in progress or completed.

    It stands for the idempotency helpers of function libraries: a conditional write claims the
    record until the function's own deadline; a success updates it, a failure deletes it, and
    neither of these two looks whose it is by then.
    """

    def do(self, port: Port, clock: Clock, name: str, context: LambdaContext) -> None:
        """Claim, do, complete; whoever finds it completed is done."""
        if not self._claim(port, clock, name, context):
            return
        try:
            super().do(port, clock, name, context)
        except ServiceError:
            port.call("dynamodb", "DeleteItem", {"TableName": TABLE, "Key": _key(name)})
            raise
        port.call("dynamodb", "UpdateItem", _completed(name))

    def standing(self, name: str) -> Standing:
        row = self.world.services.dynamodb.tables[TABLE].rows.get((f"record/{name}", "ROW"))
        if row is not None and decoded(row.item)["status"] == "COMPLETED":
            return Standing.DONE
        return super().standing(name)

    def _claim(self, port: Port, clock: Clock, name: str, context: LambdaContext) -> bool:
        """False when it is completed; raises, and so brings the message back, when in progress."""
        now = clock.now()
        until = now + timedelta(milliseconds=context.get_remaining_time_in_millis())
        claim = {
            "TableName": TABLE,
            "Item": encoded(
                {
                    "PK": f"record/{name}",
                    "SK": "ROW",
                    "status": "INPROGRESS",
                    "until": round(until.timestamp() * 1000),
                }
            ),
            **expression(
                condition="attribute_not_exists(#PK) OR (#status = :claimed AND #until < :now)",
                values={"claimed": "INPROGRESS", "now": round(now.timestamp() * 1000)},
            ),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            port.call("dynamodb", "PutItem", claim)
        except ConditionFailed as refused:
            if decoded(refused.item or {}).get("status") == "COMPLETED":
                return False
            raise
        return True


def _key(name: str) -> dict[str, Any]:
    return encoded({"PK": f"record/{name}", "SK": "ROW"})


def _completed(name: str) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "Key": _key(name),
        **expression(update="SET #status = :completed", values={"completed": "COMPLETED"}),
    }
