"""The environment of mail and of notifications: a wrong value is named, not used."""

import pytest

from tasks.mail.settings import Relay, Settings
from tasks.notifications.settings import Settings as Notifying
from windrow.errors import ConfigurationError

SENDER = {"MAIL_FROM": "windrow@example.com"}


def test_ses_takes_the_mail_where_nothing_else_is_said() -> None:
    settings = Settings.from_environment(SENDER)

    assert (settings.sender, settings.relay) == ("windrow@example.com", None)


def test_a_server_is_named_by_its_address() -> None:
    settings = Settings.from_environment(SENDER | {"MAIL_TRANSPORT": "smtp://127.0.0.1:1025"})

    assert settings.relay == Relay("127.0.0.1", 1025)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "smtp",
        "smtp://host",
        "smtp://:25",
        "smtp://u:p@host:25",
        "smtp://host:25/x",
        "smtp://h:x",
    ],
)
def test_a_transport_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="MAIL_TRANSPORT must be ses, or"):
        Settings.from_environment(SENDER | {"MAIL_TRANSPORT": text})


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="MAIL_FROM must be one address"):
        Settings.from_environment({"MAIL_FROM": "Windrow <windrow@example.com>"})
    with pytest.raises(ConfigurationError, match="NOTIFY_EMAIL must be one address"):
        Notifying.from_environment({"APPLICATION_TABLE": "t", "NOTIFY_EMAIL": "office"})
