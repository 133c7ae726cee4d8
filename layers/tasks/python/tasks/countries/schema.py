"""The shapes of the countries' answers, for the API's documentation and for nothing else."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


def _like(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class Refresh(BaseModel):
    """A refresh that was started, or the one that was under way."""

    model_config = _like(
        message="Country refresh started in background",
        status="started",
        started_at="2024-01-15T10:30:00",
    )

    message: str
    # Another title than that of the other status: generated clients make a type of each.
    status: Literal["started", "already_running"] = Field(title="Started")
    started_at: str


class RefreshStatus(BaseModel):
    """Where the newest refresh stands. Times are UTC, without a zone."""

    model_config = _like(
        is_running=False,
        status="completed",
        started_at="2024-01-15T10:30:00",
        completed_at="2024-01-15T10:30:04",
        countries_processed=250,
        error=None,
    )

    is_running: bool
    status: Literal["idle", "running", "completed", "error"]
    started_at: str | None
    completed_at: str | None
    countries_processed: int
    error: str | None


class Country(BaseModel):
    """A country with the rate of its first currency to the US dollar, and its estimated GDP.

    The estimate is population x a random whole number from 1000 to 2000 / rate: an exercise, not a
    figure. It is 0 without a currency, and null without a known rate.
    """

    model_config = _like(
        id=161,
        name="Nigeria",
        capital="Abuja",
        region="Africa",
        population=206139589,
        currency_code="NGN",
        exchange_rate=1600.23,
        estimated_gdp=193228088.15,
        flag_url="https://flagcdn.com/ng.svg",
        last_refreshed_at="2025-10-22T18:00:00Z",
    )

    id: int
    name: str
    capital: str | None
    region: str | None
    population: int
    currency_code: str | None
    exchange_rate: float | None
    estimated_gdp: float | None
    flag_url: str | None
    last_refreshed_at: str


class Totals(BaseModel):
    """How many countries there are, and when they were last refreshed as a whole."""

    model_config = _like(total_countries=250, last_refreshed_at="2025-10-22T18:00:00Z")

    total_countries: int
    last_refreshed_at: str | None


class Deleted(BaseModel):
    """What was deleted."""

    model_config = _like(message="Country 'Nigeria' deleted successfully")

    message: str


class Problem(BaseModel):
    """What went wrong, in a sentence."""

    model_config = _like(error="Internal server error")

    error: str


class NoCountry(BaseModel):
    """There is no country of that name."""

    model_config = _like(error="Country not found")

    error: str


class NoImage(BaseModel):
    """No refresh has been completed yet."""

    model_config = _like(error="Summary image not found")

    error: str


class Invalid(BaseModel):
    """Each wrong field or parameter, with what was expected of it."""

    model_config = _like(
        error="Validation failed", details={"sort": "must be one of gdp_desc, gdp_asc, ..."}
    )

    error: str
    details: dict[str, str]
