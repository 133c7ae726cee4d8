"""The template as it must be built on this machine: its processor, the interpreter that runs here.

AWS runs the functions on arm64 and the template's Python. What runs them here is the interpreter at
hand, which can load compiled packages only of its own version and processor.
"""

import copy
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windrow.local.errors import LocalError

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


class UnknownProcessor(LocalError):
    """Lambda has no name for this machine's processor."""

    def __init__(self, processor: str) -> None:
        self.processor = processor
        super().__init__(
            f"This machine's processor is {processor!r}, and functions can be built for "
            f"{sorted(set(ARCHITECTURES.values()))} only."
        )


@dataclass(frozen=True, slots=True)
class Machine:
    """What Lambda calls a processor and a runtime, as in `arm64` and `python3.13`."""

    architecture: str
    runtime: str

    @classmethod
    def here(cls) -> "Machine":
        """The machine and the interpreter that run this. Raises UnknownProcessor."""
        processor = platform.machine()
        architecture = ARCHITECTURES.get(processor.lower())
        if architecture is None:
            raise UnknownProcessor(processor)
        return cls(architecture, f"python{sys.version_info.major}.{sys.version_info.minor}")


def adapted(template: Mapping[str, Any], machine: Machine) -> dict[str, Any]:
    """A copy of a parsed SAM template whose functions and layers are built for a machine.

    Nothing else changes: relative paths stay as they are, so `sam build` needs `--base-dir`.
    """
    copied: dict[str, Any] = copy.deepcopy(dict(template))
    function_globals = copied.setdefault("Globals", {}).setdefault("Function", {})
    function_globals |= {"Runtime": machine.runtime, "Architectures": [machine.architecture]}
    for resource in copied["Resources"].values():
        match resource["Type"]:
            case "AWS::Serverless::Function":
                # The globals say it for all; a function's own word would win over them.
                resource["Properties"].pop("Runtime", None)
                resource["Properties"].pop("Architectures", None)
            case "AWS::Serverless::LayerVersion":
                resource.setdefault("Metadata", {}).update(
                    BuildMethod=machine.runtime, BuildArchitecture=machine.architecture
                )
                resource["Properties"].update(
                    CompatibleRuntimes=[machine.runtime],
                    CompatibleArchitectures=[machine.architecture],
                )
    return copied
