"""An SMTP server on this machine that takes mail from the functions, and passes none on.

Two domains let failures be tried: who writes to anybody@refused.windrow.local is refused for good
(550), and to anybody@later.windrow.local for now (451).
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from windrow.local import front
from windrow.local.emulator import HOST
from windrow.local.mail.box import Box, parsed
from windrow.local.mail.pages import pages

# What SES takes, so that nothing is sent here that fails there for its size.
LARGEST = 40_000_000
ANSWERS = {
    "refused.windrow.local": "550 5.1.1 There is nobody of that name here",
    "later.windrow.local": "451 4.3.0 Not now, come again later",
}

# Told of each mail that came, in a line.
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sink:
    """A running server: where mail is sent to, where a person sees it, and where it lies."""

    transport: str
    url: str
    box: Box


@dataclass(frozen=True, slots=True)
class _Handler:
    """What the server does with a mail. Its methods' names are aiosmtpd's."""

    box: Box
    tell: Tell

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        """One recipient."""
        refusal = ANSWERS.get(address.rpartition("@")[2].lower())
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail itself: kept before it is taken."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        self.box.keep(raw, datetime.now(UTC))
        to = ", ".join(envelope.rcpt_tos)
        told = f"mail to {to}: {parsed(raw).get('Subject', '')} ({len(raw):,} bytes)"
        # A mail's own words stay on their line, and give the terminal no orders.
        self.tell("".join(letter if letter.isprintable() else " " for letter in told))
        return "250 OK"


@contextlib.contextmanager
def sink(folder: Path, tell: Tell = lambda _line: None) -> Iterator[Sink]:
    """Take mail until the block ends, at a free port of this machine; keep it in `folder`."""
    box = Box(folder)
    mails, sight = front.listen(0), front.listen(0)
    port = mails.getsockname()[1]
    loop = asyncio.new_event_loop()

    def served() -> SMTP:
        return SMTP(
            _Handler(box, tell),
            data_size_limit=LARGEST,
            hostname="windrow.local",
            ident="Windrow's mail sink",
            loop=loop,
        )

    server = loop.run_until_complete(loop.create_server(served, sock=mails))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        with front.serve(sight, pages(box)):
            yield Sink(f"smtp://{HOST}:{port}", front.url_of(sight), box)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        server.close()
        loop.run_until_complete(_ended(loop))
        loop.close()


async def _ended(loop: asyncio.AbstractEventLoop) -> None:
    """End the conversations that are still open."""
    open_ones = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in open_ones:
        task.cancel()
    await asyncio.gather(*open_ones, return_exceptions=True)
