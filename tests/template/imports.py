"""Which modules of the layers a door loads, found by following its imports without running them."""

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path


def reachable(door: Path, layers: Sequence[Path]) -> set[Path]:
    """Every module of the layers that a door imports, itself or through another, now or later."""
    found: set[Path] = set()
    waiting = [door]
    while waiting:
        modules = _loaded(waiting.pop(), tuple(layers))
        waiting += modules - found
        found |= modules
    return found


@cache
def _loaded(path: Path, layers: tuple[Path, ...]) -> frozenset[Path]:
    """What one module imports. Every door asks it of nearly every module."""
    names = set(_imported(ast.parse(path.read_text(encoding="utf-8"))))
    # `from tasks import registry` loads nothing of that name: tasks/__init__.py finds it.
    on_demand = {asked for name in names for asked in _on_demand(name, layers)}
    return frozenset(path for name in names | on_demand for path in _modules(name, layers))


def _imported(tree: ast.AST) -> Iterator[str]:
    """Dotted names; of `from a import b` both, for b may be a module."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef(name="__getattr__"):
                continue  # on demand, see below
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case _:
                yield from _imported(node)


def _on_demand(name: str, layers: Sequence[Path]) -> Iterator[str]:
    """What a package imports when it is asked for a name that it does not have."""
    package, _, asked = name.rpartition(".")
    for layer in layers:
        folder = layer.joinpath(*package.split("."))
        is_module = (folder / asked).is_dir() or (folder / f"{asked}.py").is_file()
        if package and not is_module and (folder / "__init__.py").is_file():
            for node in ast.parse((folder / "__init__.py").read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name == "__getattr__":
                    yield from _imported(node)


def _modules(name: str, layers: Sequence[Path]) -> Iterator[Path]:
    """The files of a dotted name: its packages, which Python loads first, and the module."""
    parts = name.split(".")
    for layer in layers:
        for length in range(1, len(parts) + 1):
            stem = layer.joinpath(*parts[:length])
            files = (stem / "__init__.py", stem.with_suffix(".py"))
            yield from (file for file in files if file.is_file())
