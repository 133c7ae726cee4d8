"""A world without a network: names say what a test says, and the public is on this machine."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from windrow.egress.network import Deadline

PUBLIC = "93.184.215.14"


@dataclass
class World:
    """What names resolve to, one answer after the other; and who was connected to.

    `port` is where the server is that stands for every address. Without one nobody is there.
    """

    names: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    port: int | None = None
    asked: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)

    def addresses(self, host: str, port: int, deadline: Deadline) -> Sequence[str]:
        self.asked.append(host)
        try:
            return [str(ip_address(host))]
        except ValueError:
            answers = self.names.get(host, [[PUBLIC]])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: str, port: int, deadline: Deadline) -> socket.socket:
        self.connected.append(address)
        if self.port is None:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.create_connection(("127.0.0.1", self.port), timeout=deadline.left())
