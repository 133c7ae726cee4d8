"""Which IP addresses belong to the internet at large, whatever clothes they come in.

`ip_address(...).is_global` alone would let through what translates into an address inside: NAT64's
form of the metadata service 169.254.169.254, among others, counts as global.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

type Address = IPv4Address | IPv6Address

# Global in Python's tables, or in those of some versions of it, and nobody's web server.
_NOT_PUBLIC_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # carriers' NAT; in AWS, load balancers and pods
        "168.63.129.16/32",  # Azure's agent
        "169.254.0.0/16",  # link-local: credentials and metadata
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle's metadata
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# Only this block was ever given out: https://www.iana.org/assignments/ipv6-address-space
_GIVEN_OUT_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
# The last 32 bits are an IPv4 address: compatible, mapped, translated (RFC 4291, 2765, 6052).
_CARRIES_V4 = tuple(
    IPv6Network(block) for block in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def is_public(text: str) -> bool:
    """May a stranger send us there? False for whatever is no plain IP address, too."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return all(_is_public(each) for each in _stands_for(address))


def is_loopback(text: str) -> bool:
    """Is it this machine's own, plainly written?"""
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False


def _stands_for(address: Address) -> Iterator[Address]:
    """Every address that a packet for this one may reach in the end."""
    if isinstance(address, IPv4Address):
        yield address
        return
    number = int(address)
    inner = IPv4Address(number & 0xFFFF_FFFF)
    if any(address in block for block in _CARRIES_V4):
        yield inner
        return
    yield address
    if (number >> 32) & 0xFFFF_FFFF in _ISATAP:
        yield inner


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _NOT_PUBLIC_V4)
    if address.scope_id is not None or address not in _GIVEN_OUT_V6:
        return False
    return not any(address in block for block in _NOT_PUBLIC_V6)
