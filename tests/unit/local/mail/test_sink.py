"""The mail of the local stack: what SMTP hands over is kept, told and shown, and harms nobody."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTP

import httpx
import pytest

from tasks.mail import smtp
from tasks.mail.errors import MailDeferred, MailRefused
from tasks.mail.letter import Letter
from tasks.mail.message import Attachment, Message
from tasks.mail.settings import Relay, Settings
from tests.clock import FakeClock
from windrow.local.mail.box import KEPT, Box, body, files
from windrow.local.mail.sink import Sink, sink

CLOCK = FakeClock()
NOW = CLOCK.now()
LATER = NOW + timedelta(minutes=1)
HTML = "<h1>Grüße</h1><script>parent.alert(1)</script><img src='https://example.com/seen.gif'>"


@dataclass
class World:
    """A sink, what it told, and a browser's way to it."""

    sink: Sink
    browser: httpx.Client
    told: list[str] = field(default_factory=list)

    @property
    def relay(self) -> Relay:
        environment = {"MAIL_FROM": "windrow@windrow.local", "MAIL_TRANSPORT": self.sink.transport}
        relay = Settings.from_environment(environment).relay
        assert relay is not None
        return relay

    def send(self, to: str = "ada@example.com", **parts: object) -> str:
        """Send a mail as a task does."""
        whole = {"to": to, "subject": "Hello", "text": "Hello Ada", **parts}
        message = Message(**whole)  # type: ignore[arg-type]
        letter = Letter(message, "windrow@windrow.local", "01", "01.ab")
        return smtp.send(self.relay, letter, CLOCK, LATER)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    told: list[str] = []
    with (
        sink(tmp_path_factory.mktemp("mail"), told.append) as running,
        httpx.Client(base_url=running.url, trust_env=False) as browser,
    ):
        yield World(running, browser, told)


def test_a_mail_arrives_as_it_was_written(world: World) -> None:
    attached = (
        Attachment("größe.csv", "a;ü".encode()),
        Attachment("mail.eml", b"From: a@example.com\n\n"),
    )

    taken = world.send(
        subject="Grüße, 日本",
        text="Hello Ada ü",
        html=HTML,
        attachments=attached,
        reply_to="office@example.com",
    )

    mail = world.sink.box.read(world.sink.box.names()[0])
    assert mail is not None
    assert (mail["To"], mail["From"]) == ("ada@example.com", "windrow@windrow.local")
    assert mail["Subject"] == "Grüße, 日本"
    assert mail["Reply-To"] == "office@example.com"
    assert mail["Message-ID"] == taken == "<01.ab@windrow.local>"
    assert mail["X-Windrow-Mail"] == "01.ab"
    assert mail["Date"] == "Thu, 15 Jan 2026 10:30:00 +0000"
    assert (body(mail, "plain"), body(mail, "html")) == ("Hello Ada ü\n", HTML + "\n")
    assert list(files(mail)) == [(each.filename, each.content) for each in attached]
    assert world.told[-1].startswith("mail to ada@example.com: Grüße, 日本 (")


def test_a_subject_that_looks_a_little_like_an_encoded_word_arrives_as_it_is(world: World) -> None:
    for subject in ("Is 2+2=? Really?", "?= utf-8?q?x =?", "=?utf-8?q?Gr=C3=BC?", "a=20b  _c_"):
        world.send(subject=subject)

        mail = world.sink.box.read(world.sink.box.names()[0])
        assert mail is not None
        assert mail["Subject"] == subject


def test_a_line_of_the_log_gives_no_orders_to_a_terminal(world: World) -> None:
    raw = b"Subject: =?utf-8?b?G1sySg==?= one\r\n two\r\n\r\nText\r\n"

    with SMTP(world.relay.host, world.relay.port) as server:
        server.sendmail("a@example.com", ["ada@example.com"], raw)

    assert world.told[-1].startswith("mail to ada@example.com:  [2J")
    assert world.told[-1].isprintable()


def test_a_mail_of_html_alone_has_no_text(world: World) -> None:
    world.send(text=None, html="<p>Hello</p>")

    mail = world.sink.box.read(world.sink.box.names()[0])
    assert mail is not None
    assert mail.get_content_type() == "text/html"
    assert body(mail, "plain") is None


def test_the_server_refuses_for_good_or_for_now(world: World) -> None:
    before = world.sink.box.names()

    with pytest.raises(MailRefused, match=r"answered 550 .*nobody of that name"):
        world.send("ada@refused.windrow.local")
    with pytest.raises(MailDeferred, match=r"answered 451 .*come again later"):
        world.send("ada@later.windrow.local")

    assert world.sink.box.names() == before


def test_a_server_that_is_not_there_may_be_there_later() -> None:
    letter = Letter(Message(to="a@example.com", subject="s", text="t"), "w@example.com", "1", "1")

    with pytest.raises(MailDeferred, match="did not answer"):
        smtp.send(Relay("127.0.0.1", 9), letter, CLOCK, LATER)


def test_the_list_shows_what_came_and_runs_none_of_it(world: World) -> None:
    world.send(subject="<script>alert(1)</script>")

    page = world.browser.get("/")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_mail_is_shown_with_its_html_in_a_frame_that_does_nothing(world: World) -> None:
    world.send(text="<b>plain</b>", html=HTML, attachments=(Attachment("a.html", b"<script>"),))
    name = world.sink.box.names()[0]

    page = world.browser.get(f"/{name}")
    framed = world.browser.get(f"/{name}/html")
    saved = world.browser.get(f"/{name}/files/1")

    assert f'<iframe sandbox src="/{name}/html"' in page.text
    assert "&lt;b&gt;plain&lt;/b&gt;" in page.text
    assert "<script>" not in page.text
    assert framed.text == HTML + "\n"
    policy = framed.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert (saved.content, saved.headers["content-type"]) == (
        b"<script>",
        "application/octet-stream",
    )
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''a.html"
    assert world.browser.get(f"/{name}/raw").content == world.sink.box.raw(name)


def test_what_is_not_there_is_not_found(world: World) -> None:
    world.send()
    name = world.sink.box.names()[0]

    for path in ("/none", "/..%2Fstack", f"/{name}/html", f"/{name}/files/1", f"/{name}x/raw"):
        assert world.browser.get(path).status_code == 404, path


def test_a_broken_mail_is_shown_as_far_as_it_goes(world: World) -> None:
    lines = [b"Subject: =?none?b?///?=", b"Content-Type: text/html; charset=none", b"Date: \xff"]
    name = world.sink.box.keep(b"\r\n".join([*lines, b"", b"\xff"]), datetime.now(UTC))

    for path in ("/", f"/{name}", f"/{name}/html", f"/{name}/raw"):
        assert world.browser.get(path).status_code == 200, path


def test_a_page_of_another_name_is_not_answered(world: World) -> None:
    answer = world.browser.get("/", headers={"host": "evil.example"})

    assert answer.status_code == 403


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    box = Box(tmp_path / "mail")
    box.folder.mkdir()
    for number in range(KEPT):
        box.path(f"20200101-000000-{number:06}-00000000").touch()

    newest = box.keep(b"Subject: new\r\n\r\n", NOW)

    assert box.names()[0] == newest
    assert len(box.names()) == KEPT
    assert "20200101-000000-000000-00000000" not in box.names()
