"""An account of the application, and tasks that pay into it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.harness import Deployment
from windrow import Context, RetryPolicy, task
from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.engine.definition import Definition
from windrow.engine.submit import submit

SECOND = timedelta(seconds=1)

ROW = {"PK": "account", "SK": "ROW"}


def deposit(amount: int, **texts: Any) -> dict[str, Any]:
    """A write that must happen once: it adds."""
    return {
        "Update": {
            "TableName": "ApplicationTable",
            "Key": encoded(ROW),
            **expression(update="ADD #balance :amount", values={"amount": amount}, **texts),
        }
    }


def balance(deployment: Deployment) -> int:
    answer = deployment.engine.aws.call(
        "dynamodb", "GetItem", {"TableName": "ApplicationTable", "Key": encoded(ROW)}
    )
    found: int = decoded(answer.get("Item", {})).get("balance", 0)
    return found


def row(deployment: Deployment, operation: str, **key: str) -> dict[str, Any]:
    """A call about one item of the table of tasks."""
    return deployment.engine.aws.call(
        "dynamodb", operation, {"TableName": "TasksTable", "Key": encoded(key)}
    )


def submitted(deployment: Deployment, definition: Definition) -> str:
    return submit(deployment.engine, definition.name).task.ref.task


def once_in_three_attempts() -> tuple[Definition, list[int]]:
    """A task whose first two attempts fail after their step."""
    calls: list[int] = []

    @task("charge", retry=RetryPolicy(attempts=3, base=SECOND))
    def charge(context: Context) -> dict[str, Any]:
        def call() -> dict[str, Any]:
            calls.append(context.attempt)
            return {"id": len(calls)}

        answer = context.once("charge", call)
        if context.attempt < 3:
            raise OSError("down")
        return answer

    return charge, calls


def paying(after: Callable[[Context], None] = lambda context: None) -> Definition:
    """A task that deposits 100 exactly once."""

    @task("pay", retry=RetryPolicy(base=SECOND), timeout=20 * SECOND)
    def pay(context: Context) -> bool:
        is_done_now = context.transact("deposit", [deposit(100)])
        after(context)
        return is_done_now

    return pay


EFFECTS = ["refused", "killed before", "killed after", "answer lost", "answer never came"]
