"""Where a URL leads, read more strictly than browsers and resolvers do.

Two programs that read one text differently are how checks are passed: what is not plainly one
scheme, one name and one port is refused, and so is every way but one to write an address.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urljoin, urlsplit

from windrow.egress.errors import Refused

LONGEST_URL = 2048
PORTS = {"https": 443, "http": 80}
PRINTABLE = re.compile(r"[\x21-\x7e]+")
AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# A last label like this makes resolvers read the whole as a number: 0x7f.1, 127.1, 2130706433.
NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """One place to ask. `host` is a name or an address without brackets, `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_usual(self) -> bool:
        """Is the port the one that its scheme has when nobody says?"""
        return self.port == PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.is_usual else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must be the same for two URLs to be one server's."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def target(url: str) -> Target:
    """Read a URL. Raises Refused for whatever is not one of http or https, whole and plain."""
    if not isinstance(url, str) or not 0 < len(url) <= LONGEST_URL:
        raise Refused(f"a URL has 1 to {LONGEST_URL:,} characters")
    if not PRINTABLE.fullmatch(url) or "\\" in url:
        raise Refused("a URL has printable ASCII characters, and no backslash")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused("this is no URL") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise Refused("a URL begins with https://")
    if "@" in parts.netloc:
        raise Refused("a URL names no user and no password")
    found = AUTHORITY.fullmatch(parts.netloc)
    if found is None:
        raise Refused("a URL names one host")
    port = int(found["port"]) if found["port"] is not None else PORTS[scheme]
    if not 1 <= port <= 65535:
        raise Refused("a port is a number from 1 to 65535")
    query = f"?{parts.query}" if parts.query else ""
    return Target(scheme, _host(found["host"].lower()), port, (parts.path or "/") + query)


def redirected(asked: Target, location: str) -> Target:
    """Where a Location leads from there. Raises Refused."""
    if not PRINTABLE.fullmatch(location) or "\\" in location:
        raise Refused("a redirect leads to no plain URL")
    try:
        return target(urljoin(asked.url, location))
    except ValueError:
        raise Refused("a redirect leads to no URL") from None


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise Refused("what stands in brackets is no address") from None
    name = text.removesuffix(".")
    labels = name.split(".")
    if NUMERIC.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(name))
        except AddressValueError:
            raise Refused("an address is written as four decimal numbers") from None
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise Refused("a URL names one host")
    return name
