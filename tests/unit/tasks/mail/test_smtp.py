"""Mail through SMTP: once the server has taken it nothing undoes that, and it is given the time."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO

import pytest

from tasks.mail import smtp
from tasks.mail.errors import MailDeferred, MailRefused
from tasks.mail.letter import Letter
from tasks.mail.message import Message
from tasks.mail.settings import Relay
from tests.clock import FakeClock

LETTER = Letter(
    Message(to="ada@example.com", subject="Hello", text="Hello Ada\n.\n..and so on"),
    sender="windrow@example.com",
    task="01",
    number="01.ab",
)
GREETING, TAKEN, DROP = "greeting", ".", ""
ANSWERS = {GREETING: "220 relay", "DATA": "354 go on", TAKEN: "250 taken", "QUIT": "221 bye"}


@dataclass
class Script:
    """A relay on this machine that answers each command as it is told to, `DROP` by hanging up.

    slow   how long a command takes it, on the clock that both share
    """

    relay: Relay
    clock: FakeClock
    answers: Mapping[str, str]
    slow: Mapping[str, timedelta]
    commands: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)

    def talk(self, said: BinaryIO, answers: BinaryIO) -> None:
        """Answer until one of both hangs up."""
        if not self._answered(answers, GREETING):
            return
        while line := said.readline():
            command = line[:4].decode().strip().upper()
            self.commands.append(command)
            if not self._answered(answers, command):
                return
            if command == "DATA":
                lines = []
                while (line := said.readline()) not in (b".\r\n", b""):
                    lines.append(line)
                if not line:
                    return
                self.taken.append(b"".join(lines))
                if not self._answered(answers, TAKEN):
                    return

    def _answered(self, stream: BinaryIO, command: str) -> bool:
        self.clock.advance(self.slow.get(command, timedelta()))
        answer = self.answers.get(command, "250 ok")
        if answer != DROP:
            stream.write(answer.encode() + b"\r\n")
            stream.flush()
        return answer != DROP

    def send(self) -> str:
        """Send the letter as a task does whose attempt has a minute."""
        return smtp.send(self.relay, LETTER, self.clock, self.clock.now() + timedelta(minutes=1))


@contextmanager
def relay(
    answers: Mapping[str, str] | None = None, slow: Mapping[str, timedelta] | None = None
) -> Iterator[Script]:
    """A relay for one conversation."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        script = Script(
            Relay("127.0.0.1", listener.getsockname()[1]),
            FakeClock(),
            {**ANSWERS, **(answers or {})},
            slow or {},
        )

        def serve() -> None:
            connection, _ = listener.accept()
            with (
                connection,
                connection.makefile("rb") as commands,
                connection.makefile("wb") as answers,
            ):
                script.talk(commands, answers)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield script
        thread.join(timeout=10)
        assert not thread.is_alive(), "the connection is closed when the mail is sent, or not"


@pytest.mark.parametrize("goodbye", ["421 shutting down", "500 what?", DROP])
def test_a_mail_that_was_taken_is_sent_however_the_server_says_goodbye(goodbye: str) -> None:
    with relay({"QUIT": goodbye}) as script:
        assert script.send() == "<01.ab@example.com>"

    assert len(script.taken) == 1
    assert script.commands[-1] == "QUIT"


def test_a_line_of_a_mail_that_is_a_dot_does_not_end_it() -> None:
    with relay() as script:
        script.send()

    (content,) = script.taken
    assert content.endswith(b"Hello Ada\r\n..\r\n...and so on\r\n")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("554 spam", MailRefused), ("451 later", MailDeferred), (DROP, MailDeferred)],
)
def test_the_last_answer_tells_whether_the_mail_was_taken(
    answer: str, kind: type[Exception]
) -> None:
    with relay({TAKEN: answer}) as script, pytest.raises(kind):
        script.send()


def test_the_last_answer_is_waited_for_as_long_as_the_attempt_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float | None] = []
    settimeout = socket.socket.settimeout

    def noted(self: socket.socket, seconds: float | None) -> None:
        waits.append(seconds)
        settimeout(self, seconds)

    with relay(slow={"DATA": timedelta(seconds=20)}) as script:
        monkeypatch.setattr(socket.socket, "settimeout", noted)
        script.send()

    begun, content, last, goodbye = waits
    assert (begun, content, last, goodbye) == (10, 35, 35, 1)


def test_a_mail_is_not_begun_whose_last_answer_nobody_could_wait_for() -> None:
    with (
        relay(slow={"DATA": timedelta(seconds=51)}) as script,
        pytest.raises(MailDeferred, match="too slow"),
    ):
        script.send()

    assert script.taken == []
    assert script.commands[-1] == "DATA"
