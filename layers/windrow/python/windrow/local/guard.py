"""Keep one program, and end it with everything it started when the launcher goes.

Run by path, with the standard library only: `python guard.py FOLDER COMMAND...`. The launcher holds
the other end of this process's standard input and never writes to it. When that end closes, because
the launcher stopped us or because it was killed, the command's whole process group is killed and
FOLDER, where it kept its files, is removed. There is nothing to save: all state is in memory.

The command in turn gets a standard input that closes when this process is gone.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path


def main(folder: Path, command: list[str]) -> int:
    """Run the command in a process group of its own; return its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)
    signal.signal(signal.SIGTERM, lambda *_: kill_group(child.pid))
    signal.signal(signal.SIGINT, lambda *_: kill_group(child.pid))
    threading.Thread(target=kill_when_abandoned, args=(child.pid,), daemon=True).start()
    code = child.wait()
    kill_group(child.pid)  # functions outlive an emulator that ended by itself
    # A process that is just being killed may still write a file into a folder being emptied.
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)
    return code


def kill_when_abandoned(group: int) -> None:
    """Wait for the end of standard input, which only comes when whoever started us is gone."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    kill_group(group)


def kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
