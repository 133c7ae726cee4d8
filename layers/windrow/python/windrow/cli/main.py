"""The command line, for people in the project's folder: the local stack, and all operators."""

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from windrow.cli import commands, demo, sam_local, up
from windrow.local.errors import LocalError
from windrow.local.project import Project

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what it says, else a sentence on standard error and non-zero."""
    options = _parser().parse_args(arguments)
    # Both end a command in the same order: the stack first, then this process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        project = Project.at(Path.cwd())
        match options.command:
            case "up":
                return up.run(project, options.port or up.PORT, dict(options.parameter))
            case "demo":
                return demo.run(project, options.port or 0, dict(options.parameter))
            case "sam-local":
                return sam_local.run(project)
            case _:
                return commands.run(project, options)
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        return 1
    # The outermost border: whatever happened, a person gets a sentence and not a stack trace.
    except Exception as error:  # noqa: BLE001
        if os.environ.get("WINDROW_DEBUG") == "1":
            traceback.print_exc()
        print(f"\n{_sentence(error)}", file=sys.stderr)
        return 1


def _sentence(error: Exception) -> str:
    if isinstance(error, LocalError):
        return str(error)
    return (
        f"Something unexpected happened ({type(error).__name__}: {error}): "
        "run the same command again with WINDROW_DEBUG=1 to see where."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="windrow", description=__doc__)
    added = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("demo", "start the local stack, refresh 250 countries, show them, stop"),
        ("up", "run the local stack and show its logs until Ctrl-C"),
    ):
        command = added.add_parser(name, help=what, description=what)
        command.add_argument("--port", type=_port, help="where the API answers on 127.0.0.1")
        command.add_argument(
            "--parameter",
            action="append",
            default=[],
            type=_assignment,
            metavar="NAME=VALUE",
            help="a parameter of template.yaml",
        )
    what = "invoke every function in a container with `sam local`, if Docker is here"
    added.add_parser("sam-local", help=what, description=what)
    commands.add(added)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return int(text)


def _assignment(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise argparse.ArgumentTypeError(f"a parameter is given as NAME=VALUE, not {text!r}")
    return name, value
