"""SQS behind the hints: one queue a pool."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from math import ceil

from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS
from windrow.errors import ConfigurationError
from windrow.model.ref import Ref, ScheduleRef
from windrow.model.trace import TRACEPARENT, Trace, cause
from windrow.queue.hint import encode

# SQS: at most ten entries a batch, and a delay of at most 900 s (API_SendMessageBatch).
BATCH = 10
LONGEST_DELAY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Queue:
    """Sends hints. One that is not sent is no error of its sender: the sweeper sends it."""

    aws: AWS
    urls: Mapping[str, str]

    def send[R: Ref | ScheduleRef](
        self, pool: str, refs: Iterable[R], *, delay: timedelta = timedelta()
    ) -> list[R]:
        """Send a hint for each record to a pool; returns those that could not be sent.

        A delay is cut at 15 minutes: a hint that comes early is sent on by who receives it.
        """
        url = self.url(pool)
        seconds = ceil(min(max(delay, timedelta()), LONGEST_DELAY).total_seconds())
        unsent: list[R] = []
        for batch in batched(refs, BATCH):
            unsent += self._send_batch(url, batch, seconds)
        return unsent

    def postpone(self, source: str, receipt: str, after: timedelta) -> None:
        """Let a message that was received be received again after a while, in whole seconds.

        `source` is the ARN of its queue, `receipt` the handle of this receive. One that cannot be
        postponed comes back when its visibility ends.
        """
        pool = self.pool(source)
        if pool is None:
            return
        change = {
            "QueueUrl": self.url(pool),
            "ReceiptHandle": receipt,
            "VisibilityTimeout": ceil(after.total_seconds()),
        }
        with suppress(ServiceError):
            self.aws.call("sqs", "ChangeMessageVisibility", change)

    def pool(self, source: str) -> str | None:
        """The pool whose queue has this ARN; None when it is none that is known here."""
        name = source.rpartition(":")[2]
        pools = (pool for pool, url in self.urls.items() if url.rpartition("/")[2] == name)
        return next(pools, None)

    def url(self, pool: str) -> str:
        """The queue of a pool. Raises ConfigurationError when this function has none for it."""
        if pool not in self.urls:
            raise ConfigurationError(
                f"There is no queue for pool {pool!r}; there are pools {sorted(self.urls)}."
                f" A pool is made by its queue and workers, and WINDROW_QUEUE_{pool.upper()}."
            )
        return self.urls[pool]

    def _send_batch[R: Ref | ScheduleRef](
        self, url: str, batch: tuple[R, ...], seconds: int
    ) -> list[R]:
        trace = cause().trace
        # For whoever follows a trace through the queue: the worker goes by the record.
        attributes = {"MessageAttributes": _traced(trace)} if trace else {}
        entries = [
            {
                "Id": str(position),
                "MessageBody": encode(ref),
                "DelaySeconds": seconds,
                # Groups make a standard queue fair: no tenant's backlog delays another's.
                "MessageGroupId": ref.tenant,
                **attributes,
            }
            for position, ref in enumerate(batch)
        ]
        try:
            answer = self.aws.call("sqs", "SendMessageBatch", {"QueueUrl": url, "Entries": entries})
        except ServiceError:
            return list(batch)
        # A batch is accepted entry by entry: an answer of 200 may carry failures.
        return [batch[int(failed["Id"])] for failed in answer.get("Failed", [])]


def _traced(trace: Trace) -> dict[str, dict[str, str]]:
    return {TRACEPARENT: {"DataType": "String", "StringValue": str(trace)}}
