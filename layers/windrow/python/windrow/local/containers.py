"""The way from a container to the local stack, which listens on this machine's loopback only.

A container's loopback is its own, and the pinned SAM CLI shares the machine's network with none.
Inside, this machine is `FROM_CONTAINERS`. Docker Desktop and its like know that name, and lead it
to our loopback. Where the engine runs on this very machine, the name is given the bridge's address,
where a forwarder listens for as long as it is needed: other machines cannot reach that address.

Written from the manuals of Docker and the SAM CLI and tested with stand-ins for both; nobody has
run it yet where an engine answers.
"""

import contextlib
import errno
import ipaddress
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator

from windrow.local.callers import FROM_CONTAINERS
from windrow.local.emulator import HOST
from windrow.local.errors import SamLocalFailed

_PATIENCE = 10.0  # seconds for a question that an engine answers at once


def engine_answers() -> bool:
    return _docker("info") is not None


@contextlib.contextmanager
def way_to(port: int) -> Iterator[list[str]]:
    """The options of `sam local invoke` with which containers reach this port of ours."""
    gateway = _bridge()
    try:
        listener = _listen(gateway, port) if gateway else None
    except OSError as error:
        # Not an address of this machine: the engine runs in a virtual one, and knows the name.
        if error.errno != errno.EADDRNOTAVAIL:
            raise SamLocalFailed(
                "all functions", f"{gateway}:{port} cannot be opened for containers: {error}"
            ) from error
        listener = None
    if listener is None:
        yield []
        return
    with forwarding(listener, port):
        yield ["--add-host", f"{FROM_CONTAINERS}:{gateway}"]


@contextlib.contextmanager
def forwarding(listener: socket.socket, port: int) -> Iterator[None]:
    """Hand each connection that the listener gets on to our own port, until the block ends."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((HOST, port)) as onward:
                back = threading.Thread(target=_pour, args=(onward, self.request), daemon=True)
                back.start()
                _pour(self.request, onward)
                back.join()

    server = socketserver.ThreadingTCPServer(
        listener.getsockname(), Connection, bind_and_activate=False
    )
    server.daemon_threads = True
    server.block_on_close = False
    server.socket.close()
    server.socket = listener
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):  # either end may hang up
        while part := source.recv(65536):
            target.sendall(part)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _listen(address: str, port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.bind((address, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _bridge() -> str | None:
    """The address of the engine's machine on the network that sam's containers are in."""
    form = "{{range .IPAM.Config}}{{.Gateway}} {{end}}"
    for word in (_docker("network", "inspect", "bridge", "--format", form) or "").split():
        with contextlib.suppress(ValueError):
            return str(ipaddress.IPv4Address(word))
    return None


def _docker(*arguments: str) -> str | None:
    """What docker says; None if it is not here, fails, or is silent."""
    if shutil.which("docker") is None:
        return None
    try:
        done = subprocess.run(
            ["docker", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
