"""What is read after a refresh: the rules of the exercise, and its public validator's checks."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.countries import countries, deploy_countries, refresh
from tests.harness import ENVIRONMENT, Deployment

FIELDS = [
    "id",
    "name",
    "capital",
    "region",
    "population",
    "currency_code",
    "exchange_rate",
    "estimated_gdp",
    "flag_url",
    "last_refreshed_at",
]
NUMBERS = (int, float)
OF_EACH_REQUEST = {"traceparent", "x-request-id"}


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """One refresh for all tests of this file: they only read."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "test")
        for name, value in {"AWS_DEFAULT_REGION": "us-east-1", **ENVIRONMENT}.items():
            environment.setenv(name, value)
        with deploy_countries() as deployed:
            refresh(deployed)
            yield deployed


def named(deployment: Deployment, name: str) -> Any:
    return deployment.http("GET", f"/countries/{name}").json()


def share(found: list[Any]) -> float:
    """How much of all 250 this is."""
    return len(found) / 250


def test_there_are_250_countries_in_a_bare_array(deployment: Deployment) -> None:
    response = deployment.http("GET", "/countries")

    assert response.status == 200
    assert isinstance(response.json(), list)
    assert len(response.json()) == 250


def test_every_country_has_every_field_in_order_and_an_id_of_its_own(
    deployment: Deployment,
) -> None:
    found = countries(deployment)

    assert all(list(each) == FIELDS for each in found)
    assert {each["id"] for each in found} == set(range(1, 251))


def test_nine_in_ten_have_a_currency_and_eight_in_ten_a_rate_and_a_gdp(
    deployment: Deployment,
) -> None:
    found = countries(deployment)

    assert share([each for each in found if each["currency_code"]]) >= 0.9
    for field in ("exchange_rate", "estimated_gdp"):
        positive = [e for e in found if isinstance(e[field], NUMBERS) and e[field] > 0]
        assert share(positive) >= 0.8


def test_every_gdp_is_population_times_1000_to_2000_over_the_rate(deployment: Deployment) -> None:
    for each in countries(deployment):
        if each["exchange_rate"] and each["population"]:
            multiplier = each["estimated_gdp"] * each["exchange_rate"] / each["population"]
            assert 999.99 < multiplier < 2000.01
            # To the cent, which is more than nothing where few people live.
            tolerance = 0.01 * each["exchange_rate"] / each["population"] + 1e-6
            assert abs(multiplier - round(multiplier)) <= tolerance


def test_a_country_without_a_currency_has_a_gdp_of_0_and_no_rate(deployment: Deployment) -> None:
    antarctica = named(deployment, "Antarctica")

    assert (antarctica["currency_code"], antarctica["exchange_rate"]) == (None, None)
    assert antarctica["estimated_gdp"] == 0


def test_a_currency_without_a_rate_has_neither_rate_nor_gdp(deployment: Deployment) -> None:
    korea = named(deployment, "North%20Korea")

    assert korea["currency_code"] == "KPW"
    assert (korea["exchange_rate"], korea["estimated_gdp"]) == (None, None)


def test_a_country_is_found_in_any_case(deployment: Deployment) -> None:
    assert named(deployment, "nigeria") == named(deployment, "NIGERIA")
    assert named(deployment, "nigeria")["name"] == "Nigeria"


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("C%C3%B4te%20d%27Ivoire", "Côte d'Ivoire"),
        ("Co%CC%82te%20d'ivoire", "Côte d'Ivoire"),
        ("%C3%85LAND%20ISLANDS", "Åland Islands"),
        ("Bosnia%20and%20Herzegovina", "Bosnia and Herzegovina"),
    ],
)
def test_a_name_comes_url_encoded(deployment: Deployment, encoded: str, name: str) -> None:
    assert named(deployment, encoded)["name"] == name


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
@pytest.mark.parametrize("path", ["/countries", "/countries/Ghana", "/status", "/countries/image"])
def test_both_spellings_of_a_path_answer_the_same(
    deployment: Deployment, prefix: str, path: str
) -> None:
    response = deployment.http("GET", prefix + path)

    assert response.status == 200
    assert response.body == deployment.http("GET", path).body


@pytest.mark.parametrize("path", ["/countries", "/countries/Ghana", "/status", "/countries/image"])
def test_head_answers_with_the_headers_of_get(deployment: Deployment, path: str) -> None:
    head, get = (deployment.http(method, path) for method in ("HEAD", "GET"))

    assert head.status == get.status
    assert head.headers.keys() == get.headers.keys() >= OF_EACH_REQUEST
    for name in get.headers.keys() - OF_EACH_REQUEST:
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize("order", ["gdp", "population", "name"])
def test_a_sorted_list_is_its_own_sorted_self(deployment: Deployment, order: str) -> None:
    field = {"gdp": "estimated_gdp"}.get(order, order)
    descending = countries(deployment, f"?sort={order}_desc")
    ascending = countries(deployment, f"?sort={order}_asc")

    for found, reverse in ((descending, True), (ascending, False)):
        values = [each[field] for each in found if each[field] is not None]
        assert values == sorted(values, reverse=reverse)
        assert len(found) == 250
        assert [each[field] for each in found[len(values) :]] == [None] * (250 - len(values))


def test_filters_take_any_case_and_work_together(deployment: Deployment) -> None:
    africans = countries(deployment, "?region=AFRICA")
    francs = countries(deployment, "?region=africa&currency=xof&sort=name_desc")

    assert len(africans) > 50
    assert {each["region"] for each in africans} == {"Africa"}
    assert {each["currency_code"] for each in francs} == {"XOF"}
    assert francs[0]["name"] == "Togo"


@pytest.mark.parametrize("query", ["?region=Atlantis", "?currency=XYZ", "?region=%F0%9F%8C%8D"])
def test_a_filter_that_nothing_matches_gives_an_empty_list(
    deployment: Deployment, query: str
) -> None:
    response = deployment.http("GET", f"/countries{query}")

    assert (response.status, response.json()) == (200, [])


def test_the_status_counts_and_has_the_time_that_the_rows_have(deployment: Deployment) -> None:
    status = deployment.http("GET", "/status").json()

    assert list(status) == ["total_countries", "last_refreshed_at"]
    assert status["total_countries"] == 250
    assert {each["last_refreshed_at"] for each in countries(deployment)} == {
        status["last_refreshed_at"]
    }
    assert status["last_refreshed_at"].endswith("Z")


def test_the_image_is_a_png_to_be_shown(deployment: Deployment) -> None:
    response = deployment.http("GET", "/countries/image")

    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"].startswith("inline")
    assert response.body.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(response.body) > 1000


@pytest.mark.parametrize("given", ["{}", "W/{}", '"other", {}', "*"])
def test_an_image_that_is_there_already_is_not_sent_again(
    deployment: Deployment, given: str
) -> None:
    etag = deployment.http("GET", "/countries/image").headers["etag"]

    response = deployment.http(
        "GET", "/countries/image", headers={"If-None-Match": given.format(etag)}
    )

    assert (response.status, response.body) == (304, b"")
    assert response.headers["etag"] == etag


@pytest.mark.parametrize("given", ['"other"', "", "nonsense"])
def test_another_image_is_sent(deployment: Deployment, given: str) -> None:
    response = deployment.http("GET", "/countries/image", headers={"If-None-Match": given})

    assert response.status == 200
