"""The way to a server: names, sockets, and a clock that ends all waiting.

A socket's own timeout begins anew with each byte, so that a server that sends one every second can
hold a caller for ever. Here every wait is given what is left of the whole.
"""

import io
import socket
import ssl
import threading
import time
from collections.abc import Buffer, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from windrow.egress.errors import Trouble, Unreachable


class Network(Protocol):
    """What a test puts in the place of the world."""

    def addresses(self, host: str, port: int, deadline: "Deadline") -> Sequence[str]:
        """Every address of a name, asked for once; a literal address is its own."""
        ...

    def connect(self, address: str, port: int, deadline: "Deadline") -> socket.socket:
        """A connection to exactly this address."""
        ...


class Deadline:
    """The end of one request, counted by a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then. Raises Unreachable once it has come."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable(Trouble.TIMEOUT, "its time was up")
        return left


class Internet:
    """The system's resolver and sockets; no proxy of the environment has a say."""

    def addresses(self, host: str, port: int, deadline: Deadline) -> Sequence[str]:
        found: list[str] = []
        failed: list[OSError] = []

        def ask() -> None:
            try:
                answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                failed.append(OSError(str(error)))
            else:
                found.extend(str(answer[4][0]) for answer in answers)

        # getaddrinfo takes no timeout; a thread that is left behind ends with the resolver's own.
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(deadline.left())
        deadline.left()
        if failed or not found:
            raise Unreachable(Trouble.NAME, f"{host} has no address")
        return list(dict.fromkeys(found))

    def connect(self, address: str, port: int, deadline: Deadline) -> socket.socket:
        return socket.create_connection((address, port), timeout=deadline.left())


@dataclass(frozen=True, slots=True)
class Timed:
    """A connected socket as http.client uses one, whose every wait ends at the deadline."""

    wire: socket.socket
    deadline: Deadline

    @classmethod
    def over_tls(
        cls, raw: socket.socket, host: str, context: ssl.SSLContext, deadline: Deadline
    ) -> "Timed":
        """The same after a handshake in which the server has proved to be `host`."""
        raw.settimeout(deadline.left())
        return cls(context.wrap_socket(raw, server_hostname=host), deadline)

    def sendall(self, data: Buffer) -> None:
        self.wire.settimeout(self.deadline.left())
        self.wire.sendall(data)

    def makefile(self, *_args: Any, **_kwargs: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Nothing: http.client calls it when it has read that the answer ends with the connection,
        and the rest of the answer is still to be read.
        """

    def end(self) -> None:
        """Give the connection up."""
        self.wire.close()


class _Reader(io.RawIOBase):
    def __init__(self, timed: Timed) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        self._timed.wire.settimeout(self._timed.deadline.left())
        return self._timed.wire.recv_into(buffer)
