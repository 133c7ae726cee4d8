"""Which upstream this deployment uses, read once at start and refused there if it cannot work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tasks.countries.upstreams.base import Upstreams
from tasks.countries.upstreams.bundled import Bundled, Fault
from tasks.countries.upstreams.secret import read_secret
from windrow.aws.port import AWS
from windrow.aws.secrets import service_of
from windrow.clock import Clock
from windrow.errors import ConfigurationError

# An API key travels with the request: encrypted, or not further than this machine.
ADDRESS = re.compile(r"https://[^/\s]+(/\S*)?|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?")


class Kind(StrEnum):
    BUNDLED = "bundled"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Choice:
    """The settings of the upstream, checked."""

    kind: Kind = Kind.BUNDLED
    key_arn: str = ""
    countries_url: str = ""
    """In place of the API's own address; also for its regional endpoints."""
    rates_url: str = ""
    fail: Fault = Fault.NONE
    """For tests: which of the two bundled upstreams plays dead."""


def read(environment: Mapping[str, str]) -> Choice:
    """From COUNTRIES_UPSTREAM and COUNTRIES_API_KEY_ARN, and for tests and regional endpoints from
    COUNTRIES_API_URL, RATES_API_URL and COUNTRIES_FAULT.

    Raises `ConfigurationError`.
    """
    choice = Choice(
        kind=_one_of(Kind, environment, "COUNTRIES_UPSTREAM", Kind.BUNDLED),
        key_arn=environment.get("COUNTRIES_API_KEY_ARN", ""),
        countries_url=_address(environment, "COUNTRIES_API_URL"),
        rates_url=_address(environment, "RATES_API_URL"),
        fail=_one_of(Fault, environment, "COUNTRIES_FAULT", Fault.NONE),
    )
    if choice.kind is Kind.HTTP:
        if not choice.key_arn:
            raise ConfigurationError(
                "COUNTRIES_UPSTREAM=http needs COUNTRIES_API_KEY_ARN: the ARN of a Secrets Manager "
                "secret or an SSM parameter that holds a key of restcountries.com."
            )
        service_of(choice.key_arn)
    return choice


def connect(choice: Choice, *, aws: AWS, clock: Clock, table: str, tenant: str) -> Upstreams:
    """The chosen upstream, for one refresh: its key is read now, so a new one is used at once."""
    if choice.kind is Kind.BUNDLED:
        return Bundled(fail=choice.fail)

    # Imported here, so that the default pays for no HTTP client.
    from tasks.countries.upstreams import er_api, restcountries
    from tasks.countries.upstreams.http import Http
    from tasks.countries.upstreams.rates_cache import TableRatesCache

    return Http(
        key=read_secret(aws, choice.key_arn),
        cache=TableRatesCache(aws, table=table, tenant=tenant),
        clock=clock,
        countries_url=choice.countries_url or restcountries.URL,
        rates_url=choice.rates_url or er_api.URL,
    )


def _one_of[E: StrEnum](kinds: type[E], environment: Mapping[str, str], name: str, default: E) -> E:
    given = environment.get(name, default)
    try:
        return kinds(given)
    except ValueError:
        allowed = ", ".join(kind.value or "empty" for kind in kinds)
        raise ConfigurationError(f"{name} should be one of {allowed}; it is {given!r}.") from None


def _address(environment: Mapping[str, str], name: str) -> str:
    given = environment.get(name, "")
    if given and not ADDRESS.fullmatch(given):
        raise ConfigurationError(f"{name} should be an https address; it is {given!r}.")
    return given
