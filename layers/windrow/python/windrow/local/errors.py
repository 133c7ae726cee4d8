"""What can go wrong on the local stack; each error says what happened and what to do about it.

LocalError
├── NotAProject      there is no template here
├── SetupMissing     set-up has not run in this folder
├── UnknownProcessor Lambda has no name for this processor (in machine.py)
├── NothingRuns      no local stack runs in this folder
├── PortTaken        another program listens where the front door was to open
├── EmulatorFailed   the emulator did not start, or ended by itself
├── NoScratchFolder  the folder for temporary files may hold no programs
├── PackagingFailed  a function's third-party code could not be installed
├── DeployFailed     the stack was not created
├── CannotStart      a function cannot be imported, or a task's pool has no queue
├── Refused          the template asks for something the emulator would silently leave out
├── DemoFailed       the stack runs, but the refresh did not do what it must
└── SamLocalFailed   a function did not answer its event in a container
"""

from pathlib import Path

from windrow.errors import WindrowError

_CHOICE = "PORT=, as in `make up PORT=3001`"


class LocalError(WindrowError):
    """Base of the errors of the local stack."""


class NotAProject(LocalError):
    """There is no template here."""

    def __init__(self, template: Path) -> None:
        self.template = template
        super().__init__(
            f"There is no {template}: run this in the folder that holds the project's template."
        )


class SetupMissing(LocalError):
    """Set-up has not run in this folder."""

    def __init__(self, missing: Path) -> None:
        self.missing = missing
        super().__init__(f"{missing} is not there: run `make demo` or `make up`, which set it up.")


class NothingRuns(LocalError):
    """No local stack runs in this folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"No local stack runs in {root}: start one with `make up`, or name a deployed one with "
            "--stack."
        )


class PortTaken(LocalError):
    """Another program listens where the front door was to open, or this user may not."""

    def __init__(self, host: str, port: int, reason: str, *, is_privileged: bool = False) -> None:
        self.port = port
        what = (
            f"ports below 1024 belong to the administrator; choose a higher one with {_CHOICE}"
            if is_privileged
            else f"stop the program that uses it, or choose another one with {_CHOICE}"
        )
        super().__init__(f"Port {port} on {host} cannot be opened ({reason}): {what}.")


class EmulatorFailed(LocalError):
    """The emulator did not start, or ended by itself."""

    def __init__(self, what: str, log: Path) -> None:
        self.log = log
        super().__init__(f"The local AWS emulator {what}: its last words are in {log}.")


class NoScratchFolder(LocalError):
    """The folder for temporary files may hold no programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"Functions cannot be unpacked in {folder}, where nothing can be written or run: set "
            "TMPDIR to a folder where both can, as in `TMPDIR=/var/tmp make up`."
        )


class PackagingFailed(LocalError):
    """A function's third-party code could not be installed."""

    def __init__(self, requirements: Path, reason: str) -> None:
        self.requirements = requirements
        super().__init__(
            f"The packages of {requirements} could not be installed ({reason}): check that the "
            "package registry can be reached."
        )


class DeployFailed(LocalError):
    """The stack was not created."""

    def __init__(self, template: Path, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(
            f"{template} could not be deployed to the local stack: " + "; ".join(reasons)
        )


class CannotStart(LocalError):
    """A function cannot be imported, or a task's pool has no queue."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        listed = "".join(f"\n  {reason}" for reason in reasons)
        super().__init__(
            f"The stack is not up, for these functions would fail at every call:{listed}\n"
            "A function has its own folder, the packages of its requirements.txt, its layers and "
            "the AWS SDK; what else is installed here it does not see."
        )


class Refused(LocalError):
    """The template asks for something the emulator would silently leave out."""

    def __init__(self, template: Path, gaps: list[str]) -> None:
        self.gaps = gaps
        super().__init__(
            f"{template} cannot be run faithfully on the local stack: " + "; ".join(gaps)
        )


class DemoFailed(LocalError):
    """The stack runs, but the refresh did not do what it must."""


class SamLocalFailed(LocalError):
    """A function did not answer its event in a container."""

    def __init__(self, function: str, reason: str) -> None:
        self.function = function
        super().__init__(f"`sam local` failed for {function}: {reason}.")
