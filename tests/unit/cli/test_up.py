"""`windrow up` while it shows the log lines."""

from pathlib import Path
from typing import cast

import pytest
from botocore.exceptions import EndpointConnectionError

from windrow.cli.up import follow
from windrow.local.errors import EmulatorFailed
from windrow.local.stack import LocalStack


class Ending:
    """A stack whose emulator ends between the look at it and the reading of its logs."""

    has_ended = False

    def check(self) -> None:
        if self.has_ended:
            raise EmulatorFailed("has ended", Path("emulator.log"))

    def log_reader(self) -> "Ending":
        return self

    def read(self) -> list[str]:
        self.has_ended = True
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


def test_an_emulator_that_ends_while_its_logs_are_read_is_said_to_have_ended() -> None:
    with pytest.raises(EmulatorFailed, match="has ended"):
        follow(cast(LocalStack, Ending()))
