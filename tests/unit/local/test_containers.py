"""The way from a container to this machine, whatever kind of engine there is."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.e2e.raw import send
from windrow.local import containers
from windrow.local.emulator import HOST
from windrow.local.errors import SamLocalFailed

# TEST-NET-1: an address that no machine has.
ELSEWHERE = "192.0.2.1"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for docker, whose bridge is elsewhere."""
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\n[ "$1" = info ] || echo "fd00::1 {ELSEWHERE} "\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def test_an_engine_answers_where_docker_info_does(docker: Path) -> None:
    assert containers.engine_answers()


def test_a_docker_without_an_engine_does_not_answer(docker: Path) -> None:
    docker.write_text("#!/bin/sh\necho cannot connect >&2\nexit 1\n")

    assert not containers.engine_answers()


def test_a_docker_that_hangs_does_not_answer(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    monkeypatch.setattr(containers, "_PATIENCE", 0.2)

    assert not containers.engine_answers()


def test_an_engine_in_a_virtual_machine_knows_the_name_itself(docker: Path) -> None:
    with containers.way_to(4566) as options:
        assert options == []


def test_an_engine_without_a_bridge_is_left_to_know_the_name(docker: Path) -> None:
    docker.write_text("#!/bin/sh\nexit 1\n")

    with containers.way_to(4566) as options:
        assert options == []


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The bridge of an engine on this machine, as far as its address goes."""
    with contextlib.closing(socket.create_server((HOST, 0))) as listener:
        monkeypatch.setattr(containers, "_listen", lambda address, port: listener)
        yield listener


def test_an_engine_on_this_machine_gets_the_name_and_a_forwarder(
    docker: Path, bridge: socket.socket, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/x").respond_with_data(bytes(range(256)) * 1000)
    url = "http://{}:{}".format(*bridge.getsockname())

    with containers.way_to(httpserver.port) as options:
        answer = send(url, "GET", "/x")

    assert options == ["--add-host", f"host.docker.internal:{ELSEWHERE}"]
    assert answer.body == bytes(range(256)) * 1000


def test_the_forwarder_ends_with_its_block(bridge: socket.socket, httpserver: HTTPServer) -> None:
    address = bridge.getsockname()

    with containers.forwarding(bridge, httpserver.port):
        pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


def test_a_port_that_is_taken_on_the_bridge_is_said(
    docker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((HOST, 0)) as other:
        monkeypatch.setattr(containers, "_bridge", lambda: HOST)
        port = other.getsockname()[1]

        with pytest.raises(SamLocalFailed, match=f"{port} cannot be opened for containers"):
            containers.way_to(port).__enter__()
