"""One standard queue: messages that wait, are in flight, come back, and die."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from tests.simulated.refusals import Refusal
from tests.simulated.sqs.quirks import Quirks
from tests.simulated.time import DAY, HOUR, SECOND, Time

LONGEST_IN_FLIGHT = 12 * HOUR


@dataclass(slots=True)
class Message:
    """One message. `receipt` is the handle of its latest receive; older ones delete nothing."""

    number: int
    body: str
    sent: int
    visible: int
    group: str | None = None
    receives: int = 0
    receipt: int = 0
    received: int = 0
    is_gone: bool = False
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The message's id, the same at every delivery."""
        return f"{self.number:08x}-0000-4000-8000-{self.number:012x}"


@dataclass
class Queue:
    """A queue with its settings, in milliseconds; `dead` takes what was received too often."""

    name: str
    time: Time
    quirks: Quirks
    visibility: int = 30 * SECOND
    retention: int = 4 * DAY
    delay: int = 0
    dead: "Queue | None" = None
    most_receives: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    # Told when a message will be visible, each time that this changes.
    listeners: list[Callable[[int], None]] = field(default_factory=list)
    _hidden: list[tuple[int, int, Message]] = field(default_factory=list)
    _visible: deque[Message] = field(default_factory=deque)
    _receipts: int = 0
    _order: int = 0

    @property
    def url(self) -> str:
        """The queue's address."""
        return f"https://sqs.us-east-1.amazonaws.com/123456789012/{self.name}"

    @property
    def arn(self) -> str:
        """The queue's name in all of AWS."""
        return f"arn:aws:sqs:us-east-1:123456789012:{self.name}"

    def send(self, number: int, body: str, delay: int | None, group: str | None) -> Message:
        """Put a message in; it can be received after its delay."""
        now = self.time.now
        visible = now + (self.delay if delay is None else delay)
        message = Message(number, body, now, visible, group)
        self.messages[number] = message
        self._hide(message, visible)
        return message

    def receive(self, most: int, visibility: int | None = None) -> list[Message]:
        """Up to `most` visible messages, hidden from now on; each counts one receive more."""
        self._settle()
        received = []
        for message in self._picked(most):
            message.receives += 1
            if self.dead is not None and message.receives > self.most_receives:
                self._bury(message, self.dead)
                continue
            self._receipts += 1
            message.receipt, message.received = self._receipts, self.time.now
            is_hidden = not self.quirks.happens(self.quirks.duplicate)
            hidden_for = self.visibility if visibility is None else visibility
            self._hide(message, self.time.now + hidden_for * is_hidden)
            if not self.quirks.happens(self.quirks.unreceived):
                received.append(message)
        return received

    def delete(self, handle: str) -> None:
        """Delete by handle; an older one than the latest is accepted, and deletes nothing."""
        message = self._by_handle(handle)
        if message is None or f"{self.name}/{message.number}/{message.receipt}" != handle:
            return
        if not self.quirks.happens(self.quirks.undeleted):
            self._drop(message)

    def change_visibility(self, handle: str, milliseconds: int) -> None:
        """Let a message in flight be visible that much from now on."""
        message = self._by_handle(handle)
        now = self.time.now
        if message is None or message.visible <= now:
            raise Refusal(
                "InvalidParameterValue",
                "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is"
                " not available for visibility timeout change.",
            )
        if now + milliseconds > message.received + LONGEST_IN_FLIGHT:
            raise Refusal(
                "InvalidParameterValue",
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
            )
        self._hide(message, now + milliseconds)

    def redrive(self, source: "Queue") -> int:
        """Send every message of this dead-letter queue back to its source; returns how many."""
        self._settle()
        moved = list(self.messages.values())
        for message in moved:
            self._drop(message)
            source.send(message.number, message.body, 0, message.group)
        return len(moved)

    def next_visible(self) -> int | None:
        """When the next message can be received: now, later, or never."""
        self._settle()
        if self._visible:
            return self.time.now
        while self._hidden and self._is_stale(*self._hidden[0]):
            heappop(self._hidden)
        return self._hidden[0][0] if self._hidden else None

    def count(self) -> tuple[int, int]:
        """How many messages are visible, and how many are not."""
        self._settle()
        visible = sum(message.visible <= self.time.now for message in self.messages.values())
        return visible, len(self.messages) - visible

    def lose(self) -> None:
        """Lose every message: the fault that no setting of SQS excludes."""
        for message in list(self.messages.values()):
            self._drop(message)

    def _picked(self, most: int) -> Iterator[Message]:
        for _ in range(most):
            while self._visible and self._is_stale_visible(self._visible[0]):
                self._visible.popleft()
            if not self._visible:
                return
            window = min(self.quirks.window, len(self._visible))
            position = self.quirks.random.randrange(window) if window > 1 else 0
            message = self._visible[position]
            del self._visible[position]
            if self._is_stale_visible(message):
                continue
            if self.time.now - message.sent >= self.retention:
                self._drop(message)
                continue
            yield message

    def _settle(self) -> None:
        """Let messages whose time has come be seen."""
        now = self.time.now
        while self._hidden and self._hidden[0][0] <= now:
            visible, order, message = heappop(self._hidden)
            if not self._is_stale(visible, order, message):
                self._visible.append(message)

    def _hide(self, message: Message, until: int) -> None:
        message.visible = until
        self._order += 1
        heappush(self._hidden, (until, self._order, message))
        for listener in self.listeners:
            listener(until)

    def _is_stale(self, visible: int, _order: int, message: Message) -> bool:
        """Was this entry overtaken: by a delete, or by another change of visibility?"""
        return message.is_gone or message.visible != visible

    def _is_stale_visible(self, message: Message) -> bool:
        return message.is_gone or message.visible > self.time.now

    def _bury(self, message: Message, dead: "Queue") -> None:
        self._drop(message)
        # A standard queue's message keeps the time it was first sent.
        dead.send(message.number, message.body, 0, message.group).sent = message.sent

    def _drop(self, message: Message) -> None:
        message.is_gone = True
        del self.messages[message.number]

    def _by_handle(self, handle: str) -> Message | None:
        name, _, rest = handle.partition("/")
        number, _, receipt = rest.partition("/")
        if name != self.name or not number.isdecimal() or not receipt.isdecimal():
            raise Refusal(
                "ReceiptHandleIsInvalid", f"The input receipt handle is invalid: {handle}"
            )
        return self.messages.get(int(number))
