"""The environment of the countries."""

import pytest

from tasks.countries.settings import Settings, check
from tasks.countries.upstreams.choose import Kind
from windrow.errors import ConfigurationError

COMPLETE = {"APPLICATION_TABLE": "Rows", "WINDROW_BUCKET": "bucket"}
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key"


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.from_environment({**COMPLETE, "COUNTRIES_UPSTREAM": "bundled"})

    assert (settings.table, settings.bucket) == ("Rows", "bucket")
    assert settings.upstream.kind is Kind.BUNDLED


@pytest.mark.parametrize("missing", list(COMPLETE))
def test_a_missing_setting_is_named(missing: str) -> None:
    with pytest.raises(ConfigurationError, match=missing):
        Settings.from_environment({**COMPLETE, missing: ""})


def test_http_without_a_key_is_refused_where_an_upstream_is_named() -> None:
    with pytest.raises(ConfigurationError, match="COUNTRIES_API_KEY_ARN"):
        check({"COUNTRIES_UPSTREAM": "http"})


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"COUNTRIES_UPSTREAM": "bundled"},
        {"COUNTRIES_UPSTREAM": "http", "COUNTRIES_API_KEY_ARN": ARN},
    ],
)
def test_what_can_work_may_start(environment: dict[str, str]) -> None:
    check(environment)
