"""Whether a request may be made, by its URL and by the addresses of its host."""

from collections.abc import Sequence

from windrow.egress.addresses import is_loopback, is_public
from windrow.egress.errors import Refused
from windrow.egress.policy import Policy
from windrow.egress.target import Target, target


def check(asked: Target, addresses: Sequence[str], policy: Policy) -> None:
    """Refuse a target if one of its addresses is not allowed: who answers decides their order."""
    if policy.local and all(is_loopback(address) for address in addresses):
        return
    _check_public(asked, policy)
    if not all(is_public(address) for address in addresses):
        raise Refused("its host has an address that is not on the public internet")


def check_url(url: str, policy: Policy) -> Target:
    """What can be said of a URL before its name is resolved. Raises Refused."""
    found = target(url)
    is_literal = ":" in found.host or found.host.replace(".", "").isdecimal()
    if is_literal:
        check(found, [found.host], policy)
    elif not policy.local:
        _check_public(found, policy)
    return found


def _check_public(asked: Target, policy: Policy) -> None:
    if asked.scheme == "http" and not policy.http:
        raise Refused("a URL begins with https://")
    if not asked.is_usual:
        raise Refused("a URL names no port but 443 for https, 80 for http")
