"""The processes that run a function of the local stack: what a test kills to see a worker die."""

import subprocess

from windrow.local.stack import LocalStack


def processes(stack: LocalStack, logical_id: str) -> list[int]:
    """The ids of those that run this function now."""
    marker = f"ministack-lambda-{stack.resources[logical_id]}-"
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    lines = (line.split(None, 1) for line in listed.stdout.splitlines())
    folder = str(stack.folder)
    return [int(pid) for pid, command in lines if folder in command and marker in command]
