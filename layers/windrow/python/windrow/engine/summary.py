"""Summary: what a callback is told of the group or the chain that has ended."""

from typing import Any

from windrow.model.records import Task


def summary(parent: Task, result: Any) -> dict[str, Any]:
    """How it ended, in numbers; `result` is a chain's. Its children are read one page at a time."""
    told: dict[str, Any] = {
        "task": parent.ref.task,
        "state": parent.state.value,
        "total": parent.progress.total,
        "succeeded": parent.progress.succeeded,
        "failed": parent.progress.failed,
        "cancelled": parent.progress.cancelled,
    }
    if result is not None:
        told["result"] = result
    if parent.error is not None:
        told["error"] = {"kind": parent.error.kind, "message": parent.error.message}
    return told
