"""A corpus of places where nobody may be led: all are refused, and none is connected to."""

from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.receiver import Told, receiving, trusting
from tests.unit.egress.world import PUBLIC, World
from windrow.egress.addresses import is_public
from windrow.egress.client import Request, ask
from windrow.egress.errors import Refused, Unreachable
from windrow.egress.policy import Policy

LINES = [
    line
    for line in (Path(__file__).parent / "hostile.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def of_kind(kind: str) -> list[str]:
    return [line.partition(" ")[2] for line in LINES if line.partition(" ")[0] == kind]


def test_the_corpus_has_two_hundred_places_of_every_kind() -> None:
    kinds = Counter(line.partition(" ")[0] for line in LINES)

    assert len(set(LINES)) == len(LINES) >= 200
    assert set(kinds) == {"url", "coded", "name", "redirect", "rebind"}
    assert min(kinds.values()) >= 8


@pytest.mark.parametrize("url", [*of_kind("url"), *map(unquote, of_kind("coded"))])
def test_a_url_that_leads_inside_is_refused(url: str) -> None:
    world = World()

    with pytest.raises(Refused):
        ask(Request(url=url), Policy(), network=world)

    assert world.connected == []


@pytest.mark.parametrize("line", of_kind("name"))
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_name_with_an_address_inside_is_refused(line: str, scheme: str) -> None:
    name, *addresses = line.split()
    world = World({name: [addresses]})

    with pytest.raises(Refused):
        ask(Request(url=f"{scheme}://{name}/"), Policy(http=True), network=world)

    assert world.connected == []


@pytest.mark.parametrize("location", of_kind("redirect"))
def test_a_redirect_that_leads_inside_is_refused(location: str) -> None:
    answer = Told.plain(302, location=location)
    world = World(
        {"inside.example": [["169.254.169.254"]], "both.example": [[PUBLIC, "10.0.0.1"]]},
    )

    with receiving(answer, names=["public.example"]) as server:
        world.port = server.port
        with pytest.raises(Refused):
            ask(
                Request(url="https://public.example/", redirects=3),
                Policy(http=True),
                network=world,
                context=trusting(),
            )

    assert set(world.connected) == {PUBLIC}


@pytest.mark.parametrize("line", of_kind("rebind"))
def test_a_name_is_asked_once_and_what_it_said_then_is_connected_to(line: str) -> None:
    first, then = line.split()
    world = World({"rebinding.example": [[first], [then]]})

    with pytest.raises(Unreachable):
        ask(Request(url="https://rebinding.example/"), Policy(), network=world)
    with pytest.raises(Refused):
        ask(Request(url="https://rebinding.example/"), Policy(), network=world)

    assert world.connected == [first]


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "64:ff9b::7f00:1"])
def test_the_check_is_what_keeps_a_connection_from_being_made(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("windrow.egress.guard.is_public", lambda _address: True)
    world = World({"inside.example": [[address]]})

    with pytest.raises(Unreachable):
        ask(Request(url="https://inside.example/"), Policy(), network=world)

    assert world.connected == [address]


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        PUBLIC,
        "52.95.110.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001:830::200e",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
    ],
)
def test_the_internet_at_large_is_public(address: str) -> None:
    assert is_public(address)
