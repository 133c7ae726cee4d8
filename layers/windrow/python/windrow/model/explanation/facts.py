"""What an explanation is made of: the facts about a task that were read, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from windrow.model.modes import Orders
from windrow.model.records import Chunk, Task

type Fact = str | int | bool | datetime | tuple[str, ...]


class Reason(StrEnum):
    """Why a task does not run, or what became of it, in a word for programs."""

    TOO_LATE = "too_late"
    UNKNOWN_TYPE = "unknown_type"
    NO_QUEUE = "no_queue"
    PARENT_ENDS = "parent_ends"
    WAITS_FOR_TIME = "waits_for_time"
    WAITS_FOR_RETRY = "waits_for_retry"
    POOL_PAUSED = "pool_paused"
    WAITS_FOR_SLOT = "waits_for_slot"
    BEHIND_OTHERS = "behind_others"
    WAITS_FOR_WORKER = "waits_for_worker"
    OVERLOOKED = "overlooked"
    RUNS = "runs"
    WORKER_GONE = "worker_gone"
    WAITS_FOR_CHUNKS = "waits_for_chunks"
    CHUNKS_ENDED = "chunks_ended"
    WAITS_FOR_CHILDREN = "waits_for_children"
    CHILDREN_ENDED = "children_ended"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reason: the word, the sentence, the facts in it; and what holds besides."""

    reason: Reason
    sentence: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    also: tuple["Explanation", ...] = ()


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a worker would start first: at least so many where `is_more`.

    higher  of a higher priority
    older   of its own priority, that wait longer
    urgent  instead of both where priorities age: that are more urgent by now
    """

    higher: int = 0
    older: int = 0
    urgent: int = 0
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Slots:
    """Who holds the slots of a limited type.

    count    how many there are; None where the declaration is not known here
    held     how many are held, by whomever
    holders  the tasks and chunks among them that are of the asking tenant
    """

    count: int | None
    held: int
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunks:
    """How far a map's chunks are, where at least so many have ended, run or wait if `is_partial`.

    total   those that are written; a map that is still being cut has more to come
    oldest  the facts about the one that has been in the queue longest, of those not over
    """

    total: int
    ended: int
    running: int
    waiting: int
    is_partial: bool = False
    oldest: "Facts | None" = None


@dataclass(frozen=True, slots=True)
class Family:
    """How far the children of a task are that waits for them.

    total  how many there will be: the steps of a chain begin one after the other
    begun  how many there are
    left   the ids of those that have not ended
    """

    total: int
    begun: int
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A record that was read, and what else its reader found out.

    orders      what an operator has asked of its pool
    is_known    is its type registered, and its pool's queue known, where it was read?
    tries       how many of its attempts may fail, if its policy says so; for what failed last
    crashes     how many of its attempts may crash
    lease_over  when its present attempt must be over, whatever the clocks say
    parent_ends  is it a child of a task none of whose children shall start any more?
    ahead, slots, chunks, family   None where they are of no matter
    """

    record: Task | Chunk
    now: datetime
    orders: Orders
    is_known: bool = True
    has_queue: bool = True
    tries: int | None = None
    crashes: int
    lease_over: datetime | None = None
    ahead: Ahead | None = None
    slots: Slots | None = None
    chunks: Chunks | None = None
    family: Family | None = None
    parent_ends: bool = False

    @property
    def waits_since(self) -> datetime:
        """Since when it could have started."""
        return max(self.record.queued, self.record.not_before)

    @property
    def waited(self) -> timedelta:
        """For how long it could have started; nothing before its time."""
        return max(self.now - self.waits_since, timedelta())
