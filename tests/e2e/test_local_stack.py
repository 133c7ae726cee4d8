"""What the launcher promises: the gaps closed or refused, and nothing left running."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.e2e.processes import processes
from windrow.local.clients import Clients
from windrow.local.emulator import HOST, free_port
from windrow.local.errors import DeployFailed, Refused
from windrow.local.project import Project
from windrow.local.stack import LocalStack

STATUS = "/api/v1/countries/refresh/status"


def test_items_of_the_deployed_tables_expire(stack: LocalStack, aws: Clients) -> None:
    for name in ("TasksTableName", "ApplicationTableName"):
        answer = aws["dynamodb"].describe_time_to_live(TableName=stack.outputs[name])

        assert answer["TimeToLiveDescription"] == {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": "expires",
        }


def test_the_concurrency_of_workers_is_a_number(aws: Clients) -> None:
    mappings = aws["lambda"].list_event_source_mappings()["EventSourceMappings"]
    queues = [each for each in mappings if each["EventSourceArn"].startswith("arn:aws:sqs:")]

    assert {mapping["ScalingConfig"]["MaximumConcurrency"] for mapping in queues} == {2}


def test_a_schedule_tells_its_target_the_planned_time(aws: Clients) -> None:
    queue = aws["sqs"].create_queue(QueueName="planned")["QueueUrl"]
    before = datetime.now(UTC) - timedelta(seconds=1)
    aws["scheduler"].create_schedule(
        Name="planned",
        ScheduleExpression="at(2024-01-15T10:30:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:sqs:us-east-1:000000000000:planned",
            "RoleArn": "arn:aws:iam::000000000000:role/any",
            "Input": "<aws.scheduler.scheduled-time> try <aws.scheduler.attempt-number>",
        },
    )

    # The emulator looks for what is due every ten seconds.
    (message,) = aws["sqs"].receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]

    planned, _, attempt = message["Body"].partition(" try ")
    assert datetime.strptime(planned, "%Y-%m-%dT%H:%M:%S%z") >= before.replace(microsecond=0)
    assert attempt == "1"


def test_functions_run_with_the_sdk_and_their_own_packages_only(
    stack: LocalStack, api: httpx.Client, project: Project
) -> None:
    api.get(STATUS)

    (first, *_) = processes(stack, "StatusFunction")
    command = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(first)], capture_output=True, text=True, check=True
    )
    assert command.stdout.startswith(str(project.python()))
    imports = "import boto3, importlib.util as u; print(u.find_spec('ministack'))"
    seen = subprocess.run(
        [str(project.python()), "-c", imports], capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "None"


def test_http_upstreams_without_a_key_are_refused_at_the_start(project: Project) -> None:
    with (
        pytest.raises(DeployFailed, match="CountriesUpstream=http needs CountriesApiKeyArn"),
        LocalStack(project, parameters={"CountriesUpstream": "http"}),
    ):
        pass


def test_signed_requests_are_refused_because_nothing_would_check_them(project: Project) -> None:
    with (
        pytest.raises(Refused, match="deploy with Auth=none here"),
        LocalStack(project, parameters={"Auth": "iam"}),
    ):
        pass


@contextmanager
def command(project: Project, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "windrow.cli", *arguments],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that a shell runs in its background ignore Ctrl-C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        with process:
            yield process
    finally:
        process.kill()


def family(pid: int) -> list[str]:
    """The commands of everything that this process started, directly or not."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    found: list[str] = []
    parents = {str(pid)}
    while parents:
        children = [row for row in rows if row[1] in parents]
        found += [f"{row[0]} {row[2]}" for row in children]
        parents = {row[0] for row in children}
    return found


def is_alive(member: str) -> bool:
    pid, _, _ = member.partition(" ")
    state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


@pytest.mark.parametrize(
    ("way", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_nothing_survives_make_up(project: Project, way: signal.Signals, code: int) -> None:
    port = free_port()
    with command(project, "up", "--port", str(port)) as process:
        assert process.stdout is not None
        until(process.stdout, "log lines follow")
        httpx.get(f"http://{HOST}:{port}{STATUS}", timeout=40, trust_env=False)
        members = family(process.pid)
        guard = next(member for member in members if "guard.py" in member)
        folder = Path(guard.split("guard.py ", 1)[1].split(" ", 1)[0])
        assert len(members) >= 3  # guard, emulator, function
        assert folder.exists()

        process.send_signal(way)
        assert process.wait(timeout=20) == code
        wait_for_end(guard)

    assert [member for member in members if is_alive(member)] == []
    assert not folder.exists()


def test_nothing_survives_a_guard_that_was_killed(project: Project) -> None:
    port = free_port()
    with command(project, "up", "--port", str(port)) as process:
        assert process.stdout is not None
        until(process.stdout, "log lines follow")
        httpx.get(f"http://{HOST}:{port}{STATUS}", timeout=40, trust_env=False)
        members = family(process.pid)
        guard = next(member for member in members if "guard.py" in member)

        os.kill(int(guard.partition(" ")[0]), signal.SIGKILL)

        _, err = process.communicate(timeout=20)
        for member in members:
            wait_for_end(member)

    assert process.returncode == 1
    assert "The local AWS emulator has ended" in err


def test_a_taken_port_is_said_and_nothing_is_started(project: Project) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]

        with command(project, "up", "--port", str(port)) as process:
            _, err = process.communicate(timeout=20)

    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be opened" in err
    assert "Traceback" not in err


def test_the_demo_shows_250_countries_and_ends_well(project: Project) -> None:
    picture = project.home / "demo" / "summary.png"
    picture.unlink(missing_ok=True)

    with command(project, "demo") as process:
        out, err = process.communicate(timeout=120)

    assert (process.returncode, err) == (0, "")
    assert "250 of 250 countries" in out
    assert "United States" in out
    assert picture.read_bytes().startswith(b"\x89PNG")


def until(lines: Iterator[str], wanted: str) -> None:
    for line in lines:
        if wanted in line:
            return
    raise AssertionError(f"the command ended without saying {wanted!r}")


def wait_for_end(member: str) -> None:
    """Look until it has ended; a guard whose launcher was killed is nobody's child to wait for."""
    deadline = time.monotonic() + 20
    while is_alive(member):
        assert time.monotonic() < deadline, f"{member} still runs"
