"""What every room of the tests shares: an environment that reaches no AWS."""

import pytest

from tests.harness import ENVIRONMENT


@pytest.fixture(autouse=True)
def neutral_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dummy credentials, and the settings of the in-process deployment."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": "windrow",
        "POWERTOOLS_METRICS_NAMESPACE": "Windrow",
        **ENVIRONMENT,
    }.items():
        monkeypatch.setenv(name, value)
