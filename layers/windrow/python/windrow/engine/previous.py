"""Previous: what came before a task that follows another: a chain's step, or a callback."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from windrow.aws.errors import ServiceError
from windrow.engine.summary import summary
from windrow.errors import Misused, ObjectChanged
from windrow.model.children import Child
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.store.bucket import Bucket
from windrow.store.children import Children
from windrow.store.records import Records


def stored_result(bucket: Bucket, task: Task) -> Any:
    """What a task has come to, wherever it lies, as long as its record is there; None for nothing.

    Raises ObjectChanged when its object is gone.
    """
    if task.result_object is None:
        return None if task.result is None else json.loads(task.result)
    try:
        return json.loads(bucket.get(task.result_object))
    except ServiceError as error:
        if error.code == "NoSuchKey":
            raise ObjectChanged(task.result_object) from error
        raise


@dataclass(frozen=True, slots=True)
class Previous:
    """The task after whose end another one began: nothing is copied, all is read when asked for."""

    records: Records
    children: Children
    bucket: Bucket
    task: Task

    def value(self) -> Any:
        """The result of the step before; of a callback the summary of what has ended."""
        before = self._before()
        if before is None:
            return None
        result = stored_result(self.bucket, before)
        return result if self.task.parent is not None else summary(before, result)

    def ended(self) -> Iterator[Child]:
        """The children of what a callback follows, a hundred at a time. Raises Misused."""
        before = self._before()
        if before is None or self.task.parent is not None:
            raise Misused("Only the callback of a group or a chain has children before it.")
        return self.children.all(before)

    def result(self, ref: Ref) -> Any:
        """What one of these has come to; None for one that did not succeed."""
        ended = self.records.task(ref)
        return None if ended is None else stored_result(self.bucket, ended)

    def _before(self) -> Task | None:
        if self.task.previous is None:
            return None
        return self.records.task(Ref(self.task.ref.tenant, self.task.previous))
