"""The corpus of places where nobody may be led, through the whole extraction: none is reached.

The egress function is the real one, on a network where every name says what the corpus says.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote

import pytest

from tasks.articles.errors import NotFetched, NotFetchedYet
from tasks.articles.fetch import Fetcher
from tests.articles import Press, press
from tests.receiver import Told, receiving, trusting
from tests.unit.egress.test_hostile import of_kind
from tests.unit.egress.world import PUBLIC, World
from windrow.egress.client import ask
from windrow.egress.policy import Policy
from windrow.lambdas import egress
from windrow.telemetry.port import Lines

COULD_NOT = "Could not fetch article: "
FAILED = ["task_id", "type", "status", "error", "created_at", "completed_at"]
TRUSTING = trusting()


@dataclass
class Hostile:
    """A press whose egress function lives in a hostile world."""

    press: Press
    world: World = field(default_factory=World)

    def __call__(self, request: Any) -> Any:
        make = partial(ask, network=self.world, context=TRUSTING)
        return egress.request(request, Policy(), Silent(), make)

    def refused(self, url: str) -> str:
        """Why a page is not fetched, asked as the task asks."""
        deployment = self.press.deployment
        fetcher = Fetcher(deployment.port, deployment.clock, "egress")
        with pytest.raises(NotFetched) as refused:
            fetcher.page(url)
        return str(refused.value)

    def shown(self, url: str) -> Any:
        """What a poll says of an extraction of this URL, or None where the POST refuses it."""
        answer = self.press.post(json.dumps({"url": url}))
        if answer.status == 422:
            assert answer.json()["detail"][0]["loc"] == ["body", "url"]
            return None
        task_id = answer.json()["task_id"]
        self.press.deployment.pump()
        return self.press.poll(task_id)


class Silent(Lines):
    """Telemetry that says nothing: the corpus has hundreds of lines."""

    def event(self, verb: str, **ids: Any) -> None:
        pass


@pytest.fixture(scope="module")
def made() -> Iterator[Press]:
    with press() as found:
        yield found


@pytest.fixture
def hostile(made: Press) -> Hostile:
    found = Hostile(made)
    made.deployment.services.invoked.functions["egress"] = found
    return found


# For webhooks plain HTTP is one of the refusals; articles may be fetched by it, from the outside.
PLAIN = "http://example.com/"
URLS = [url for url in [*of_kind("url"), *map(unquote, of_kind("coded"))] if url != PLAIN]


def test_no_url_that_leads_inside_is_fetched(hostile: Hostile) -> None:
    for url in URLS:
        assert hostile.refused(url).startswith(COULD_NOT), url

    assert hostile.world.connected == []
    assert len(URLS) >= 200


def test_an_extraction_of_such_a_url_is_refused_or_fails_as_the_seed_says(
    hostile: Hostile,
) -> None:
    shown = [hostile.shown(url) for url in URLS[::15]]
    failed = [each for each in shown if each is not None]

    assert hostile.world.connected == []
    assert len(failed) >= 10
    for each in failed:
        assert list(each) == FAILED
        assert each["status"] == "failed"
        assert each["error"].startswith(COULD_NOT)


def test_no_name_with_an_address_inside_is_fetched(hostile: Hostile) -> None:
    for line in of_kind("name"):
        name, *addresses = line.split()
        hostile.world.names = {name: [addresses]}

        for scheme in ("https", "http"):
            assert hostile.refused(f"{scheme}://{name}/article") == (
                f"{COULD_NOT}its host has an address that is not on the public internet"
            )
    assert hostile.world.connected == []


@pytest.mark.parametrize("before", [[Told.plain(404)], []], ids=["article", "robots.txt"])
def test_no_redirect_that_leads_inside_is_followed(hostile: Hostile, before: list[Told]) -> None:
    inside: dict[str, list[Sequence[str]]] = {
        "inside.example": [["169.254.169.254"]],
        "both.example": [[PUBLIC, "10.0.0.1"]],
    }
    for location in of_kind("redirect"):
        answers = [*before, Told.plain(302, location=location)]
        with receiving(*answers, names=["public.example"]) as server:
            hostile.world = World(dict(inside), port=server.port)
            why = hostile.refused("https://public.example/article")

        assert set(hostile.world.connected) == {PUBLIC}, location
        assert why.startswith(COULD_NOT), location


def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_checked(
    hostile: Hostile,
) -> None:
    for line in of_kind("rebind"):
        first, then = line.split()
        hostile.world = World({"rebinding.example": [[first], [then]]})

        with pytest.raises(NotFetchedYet):
            hostile.refused("https://rebinding.example/")
        refused = hostile.refused("https://rebinding.example/")

        assert hostile.world.connected == [first], line
        assert "not on the public internet" in refused
