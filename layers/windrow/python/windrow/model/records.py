"""The records of the table: a task, a group of chunks, a chunk."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from windrow.model.ref import Ref
from windrow.model.states import Phase, State


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed: the name of the exception's class, and its sentence."""

    kind: str
    message: str

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """What an exception says of itself; at most 1,000 characters of it are kept."""
        text = ""
        # Anybody's exception: saying what it is may raise, too.
        with suppress(Exception):
            text = str(error)[:1000]
        text = text or type(error).__name__
        # Half of a surrogate pair cannot be stored.
        return cls(type(error).__name__, text.encode(errors="replace").decode())


@dataclass(frozen=True, slots=True)
class Lost:
    """Items of a chunk that failed for good, by their positions in it, and why."""

    positions: tuple[int, ...]
    reason: Failure


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a map's items have ended, and how."""

    total: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def ended(self) -> int:
        return self.succeeded + self.failed + self.cancelled

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            self.total + other.total,
            self.succeeded + other.succeeded,
            self.failed + other.failed,
            self.cancelled + other.cancelled,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a task and a chunk share: all that claiming, retrying and settling need.

    attempt     how often it was claimed; with `owner` it fences off whoever claimed it before
    owner       the random name of whoever wrote it last: its submission, then each attempt
    failures    attempts that raised and were followed by another; the task's own RetryPolicy says
                how many. The one that ended the record is in `error` alone
    max_retries  how many failures another attempt may follow, where its submission said so
    crashes     attempts that vanished (killed, timed out, out of memory); a budget of their own
    sends       hints that the sweeper sent since the record was last queued or claimed
    dead        hints of it that ended in the dead-letter queue
    queued      when it last entered the queue
    not_before  no attempt starts earlier
    slot        the slot of a limited task that its present attempt holds, as "limit#number"
    waits_for   the limit for whose slots it waits
    lease       until when its present attempt may be running; nobody runs it without one
    due         when the sweeper should look at it; absent once it is over
    deadline    by when it must have ended
    checkpoint  where the next attempt goes on, as its author's code has said: a JSON text
    continuations  attempts that another one went on from because their time was up
    cancel_requested  when a caller asked a running one to stop: no attempt starts after it
    round       how often it was begun again by hand after it was over
    error       why it ended as it did; while it waits for another attempt, why the last one failed
    """

    ref: Ref
    pool: str
    state: State = State.QUEUED
    attempt: int = 0
    owner: str | None = None
    failures: int = 0
    max_retries: int | None = None
    crashes: int = 0
    sends: int = 0
    dead: int = 0
    slot: str | None = None
    waits_for: str | None = None
    created: datetime
    queued: datetime
    not_before: datetime
    deadline: datetime
    started: datetime | None = None
    lease: datetime | None = None
    due: datetime | None = None
    ended: datetime | None = None
    expires: datetime | None = None
    error: Failure | None = None
    cancel_requested: datetime | None = None
    checkpoint: str | None = None
    continuations: int = 0
    round: int = 0

    def has_expired(self, now: datetime) -> bool:
        """Is it gone for those who ask? TTL deletes up to days later."""
        return self.expires is not None and self.expires <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Record):
    """One submission. A map is a task with a `phase`; `items` is the object that holds its items.

    params, result   JSON texts: DynamoDB's own maps refuse floats and deep nesting
    params_object    the object that holds the params where they are large; `params` is then empty
    result_object    the object that holds the result where it is large
    result_expires   when the result is gone for those who ask
    said             the fingerprints of params and terms as they were sent, if with a key
    unique           the key that no second live task may have
    trace            the W3C traceparent of the request that it was submitted for
    webhook          the endpoint that its submission named to be told of its end
    start_by         when its time in the queue is up; once it has started that is of no matter
    has_remains      rows of an expired task of the same key may be left, and must go before it runs
    items_etag       the version of that object, where it is not the map's own
    chunk_size       how many items a chunk of the map has, fixed with `items`
    expanded         how many groups were written when an attempt to write them began
    groups           how many groups of chunks the map has, once all of them are written
    message          what a plain task said last of how far it is
    chunks_began     when the first chunk of a map could start, or a task was begun again by hand:
                     since when its estimate is measured
    schedule         the id of the schedule that started it
    is_awaited       its schedule wants to know of its end
    is_work_done     only a best-effort finish is left, whose failure does not fail the map
    parent           the id of the task that this one is a child of
    number           its place among its parent's children, from 0
    previous         the id of the task after whose end it began: the step before it in a chain; or
                     the group or the chain that it is the callback of
    needed_until     until when its parent may have to know what it came to
    children         how many children it has made
    verdict          how it is to end when all of its children have, unless they decide otherwise
    lasting          how long it may take whenever it begins: a group or a chain has no declaration
    lost_children    how many of its children did not succeed, once all are over
    """

    name: str
    priority: int = 5
    params: str = "{}"
    params_object: str | None = None
    said: str | None = None
    result: str | None = None
    result_object: str | None = None
    result_expires: datetime | None = None
    unique: str | None = None
    trace: str | None = None
    webhook: str | None = None
    start_by: datetime | None = None
    has_remains: bool = False
    phase: Phase | None = None
    items: str | None = None
    items_etag: str | None = None
    chunk_size: int | None = None
    expanded: int = 0
    groups: int | None = None
    message: str | None = None
    chunks_began: datetime | None = None
    schedule: str | None = None
    is_awaited: bool = False
    is_work_done: bool = False
    parent: str | None = None
    number: int | None = None
    previous: str | None = None
    needed_until: datetime | None = None
    children: int = 0
    verdict: State | None = None
    lasting: timedelta | None = None
    lost_children: int = 0
    progress: Progress = Progress()

    @property
    def has_errors(self) -> bool:
        """Did it end as succeeded though some of its items, or of its children, did not?"""
        has_lost = self.progress.failed > 0 or self.lost_children > 0
        return self.state is State.SUCCEEDED and has_lost

    @property
    def parent_ref(self) -> Ref | None:
        """The task that this one is a child of."""
        return Ref(self.ref.tenant, self.parent) if self.parent else None

    def is_too_late(self, now: datetime) -> bool:
        """Has it waited for its first start for longer than it may?"""
        return self.start_by is not None and self.started is None and self.start_by <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(Record):
    """A slice of a map's items: `count` lines of the items object, `length` bytes from `offset`.

    left   the positions of the items that are still to do; None for all
    lost   those that failed for good one by one; the rest of the chunk went on without them
    """

    first: int
    count: int
    offset: int
    length: int
    left: tuple[int, ...] | None = None
    lost: tuple[Lost, ...] = ()

    @property
    def progress(self) -> Progress:
        """What this chunk adds to its map's progress, once it has ended."""
        lost = sum(len(each.positions) for each in self.lost)
        left = self.count - lost if self.left is None else len(self.left)
        match self.state:
            case State.SUCCEEDED:
                return Progress(self.count, self.count - lost, failed=lost)
            case State.FAILED:
                return Progress(self.count, self.count - lost - left, failed=lost + left)
            case State.CANCELLED:
                return Progress(self.count, self.count - lost - left, lost, left)
            case State.QUEUED | State.RUNNING:
                return Progress(self.count)

    @property
    def has_succeeded(self) -> bool:
        """Has every item of it?"""
        return self.state is State.SUCCEEDED and not self.lost

    @property
    def unfinished(self) -> tuple[int, ...]:
        """The positions of the items that have not succeeded, once it has ended."""
        lost = {position for each in self.lost for position in each.positions}
        if self.state is State.SUCCEEDED:
            return tuple(sorted(lost))
        return tuple(range(self.count)) if self.left is None else tuple(sorted({*lost, *self.left}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Up to 100 chunks that report to the task as one; their items begin at byte `offset`."""

    ref: Ref
    pool: str
    chunks: int
    offset: int = 0
    deadline: datetime
    is_closed: bool = False
    sends: int = 0
    due: datetime | None = None
    expires: datetime | None = None
    progress: Progress = Progress()
    error: Failure | None = None
    round: int = 0

    @property
    def is_whole(self) -> bool:
        """Has every item succeeded that it counted? One that the sweeper gave up counted none."""
        return 0 < self.progress.total == self.progress.succeeded


type AnyRecord = Task | Chunk | Group

# A hint normally arrives within a second; when a record is due, its hint is taken for lost.
HINT_GRACE = timedelta(seconds=60)
