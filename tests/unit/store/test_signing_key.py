"""The signing key is read from either place, believed for a while, and long enough."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.clock import FakeClock
from windrow.aws.port import Answer, Parameters
from windrow.errors import ConfigurationError
from windrow.store.signing_key import BELIEVED, SigningKey

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:signing-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/windrow/signing"


@dataclass
class Kept:
    """Both places, and which calls were made to them."""

    text: str = "k" * 40
    calls: list[tuple[str, str, Any]] = field(default_factory=list)

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        self.calls.append((service, operation, dict(parameters)))
        if service == "ssm":
            return {"Parameter": {"Value": self.text}}
        return {"SecretString": self.text}


@pytest.mark.parametrize(
    ("arn", "call"),
    [
        (SECRET, ("secretsmanager", "GetSecretValue", {"SecretId": SECRET})),
        (PARAMETER, ("ssm", "GetParameter", {"Name": PARAMETER, "WithDecryption": True})),
    ],
)
def test_a_key_is_read_from_where_its_arn_says(arn: str, call: tuple[str, str, Any]) -> None:
    kept = Kept(text="k" * 40 + "\n")

    key = SigningKey(kept, arn, FakeClock()).read()

    assert key == "k" * 40
    assert kept.calls == [call]


def test_a_key_is_believed_for_a_while() -> None:
    kept, clock = Kept(), FakeClock()
    key = SigningKey(kept, SECRET, clock)

    key.read()
    key.read()
    early = len(kept.calls)
    clock.advance(BELIEVED + timedelta(seconds=1))
    key.read()

    assert (early, len(kept.calls)) == (1, 2)


def test_a_key_that_could_be_guessed_is_refused_without_being_said() -> None:
    with pytest.raises(ConfigurationError) as refused:
        SigningKey(Kept(text="hay"), SECRET, FakeClock()).read()

    assert "hay" not in str(refused.value)
