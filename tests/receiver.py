"""A server on this machine that keeps what it was asked and answers as it is told, over TLS or not.

Its certificates come from an authority of its own, which `trusting` trusts and nobody else does.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import trustme

AUTHORITY = trustme.CA()


@dataclass(frozen=True)
class Told:
    """An answer: its bytes as they are sent. `drip` sends them one by one until nobody reads."""

    raw: bytes
    drip: bool = False

    @classmethod
    def plain(cls, status: int, body: bytes = b"", **headers: str) -> "Told":
        """A whole answer; `retry_after="5"` is the header Retry-After."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in named.items()]
        return cls("\r\n".join([*lines, "", ""]).encode() + body)


SILENT = Told(b"")


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Gives its answers in order, the last one again and again."""

    answers: Sequence[Told]
    context: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def close(self) -> None:
        """Stop, and wait for whoever still answers."""
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _answer(self, raw: socket.socket) -> None:
        with suppress(OSError), raw:
            wire = self.context.wrap_socket(raw, server_side=True) if self.context else raw
            with wire:
                self.asked.append(_read(wire))
                told = self.answers[min(len(self.asked), len(self.answers)) - 1]
                if told is SILENT:
                    self.over.wait()
                elif told.drip:
                    for byte in told.raw:
                        if self.over.wait(0.02):
                            return
                        wire.sendall(bytes([byte]))
                else:
                    wire.sendall(told.raw)


@contextmanager
def receiving(*answers: Told, names: Sequence[str] = ()) -> Iterator[Receiver]:
    """A receiver; with `names` it speaks TLS and has a certificate for them."""
    context = None
    if names:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        AUTHORITY.issue_cert(*names).configure_cert(context)
    receiver = Receiver(answers, context)
    try:
        yield receiver
    finally:
        receiver.close()


def trusting() -> ssl.SSLContext:
    """A client's context that trusts this authority."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def _read(wire: socket.socket) -> Asked:
    with wire.makefile("rb") as stream:
        line = stream.readline().decode().strip()
        headers = {}
        while header := stream.readline().decode().strip():
            name, _, value = header.partition(": ")
            headers[name.lower()] = value
        return Asked(line, headers, stream.read(int(headers.get("content-length", 0))))
