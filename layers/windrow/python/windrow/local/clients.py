"""boto3 clients of the emulator, whatever the developer's own AWS settings are."""

import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

REGION = "us-east-1"

# As (name in a profile, environment variable, value): none of the developer's is looked at.
_NOTHING_OF_THE_DEVELOPER = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}

_FOR_THE_EMULATOR = Config(proxies={}, s3={"addressing_style": "path"})


class Clients:
    """Makes a client of each service once."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator asks for any
            region_name=REGION,
            botocore_session=botocore.session.Session(session_vars=_NOTHING_OF_THE_DEVELOPER),
        )
        self._made: dict[str, Any] = {}

    def client(self, service: str, config: Config) -> Any:
        """A client for the port, with the port's own patience."""
        return self._session.client(
            service, endpoint_url=self._endpoint, config=config.merge(_FOR_THE_EMULATOR)
        )

    def __getitem__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.client(
                service, endpoint_url=self._endpoint, config=_FOR_THE_EMULATOR
            )
        return self._made[service]
