"""What the built template says of its functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from windrow.local.sam import functions as folders
from windrow.local.template import read

ROOT = Path(__file__).parents[2]
FUNCTION = "AWS::Serverless::Function"
# The folder that each function of template.yaml is built from: `functions/api` is `api`.
FOLDERS = folders(read(ROOT / "template.yaml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function: where its artifact and its layers lie, its limits, its settings.

    `variables` are as the template has them, references and all.
    """

    name: str
    code: Path
    layers: tuple[Path, ...] = ()
    handler: str = "app.handler"
    timeout: timedelta = timedelta(seconds=3)
    memory: int = 128
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> float:
        """Megabytes of the unzipped artifact and its layers, which is what Lambda limits."""
        files = (file for folder in (self.code, *self.layers) for file in _files(folder))
        return sum(file.stat().st_size for file in files) / 1e6


def built_functions(template: Path) -> dict[str, Function]:
    """The functions of a built template, by logical id."""
    body = read(template)
    shared = body["Globals"]["Function"]
    return {
        logical_id: _function(logical_id, template.parent, body, shared, resource["Properties"])
        for logical_id, resource in body["Resources"].items()
        if resource["Type"] == FUNCTION
    }


def _function(
    logical_id: str,
    folder: Path,
    body: Mapping[str, Any],
    shared: Mapping[str, Any],
    own: Mapping[str, Any],
) -> Function:
    # SAM appends a function's layers to those of all, and merges the environments.
    layers = [layer["Ref"] for layer in (*shared.get("Layers", ()), *own.get("Layers", ()))]
    resources = body["Resources"]
    return Function(
        name=logical_id,
        code=folder / own["CodeUri"],
        layers=tuple(folder / resources[layer]["Properties"]["ContentUri"] for layer in layers),
        handler=own.get("Handler", shared.get("Handler")),
        timeout=timedelta(seconds=own["Timeout"]),
        memory=own["MemorySize"],
        variables=_variables(shared) | _variables(own),
    )


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties.get("Environment", {}).get("Variables", {}))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
