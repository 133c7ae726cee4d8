"""What seed 002 (seeds/002.md) shows, cut from its code: routes, answers, what tasks return.

Its values are those of an example; a value that it computes is ANY here.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

SEED = (Path(__file__).parent / "seeds" / "002.md").read_text("utf-8")
ANY = object()

type Shape = dict[str, Any]


@dataclass
class Route:
    """A route as the seed has it: its answers in order, and what its task returns."""

    method: str
    path: str
    answers: list[Shape] = field(default_factory=list)
    results: list[Shape] = field(default_factory=list)
    # How it schedules its task: max_retries, ttl_hours and the like.
    terms: Shape = field(default_factory=dict)
    # The texts of a list called `steps`.
    steps: list[str] = field(default_factory=list)


def blocks() -> Iterator[ast.Module]:
    """The code blocks of the document, in order."""
    for block in re.findall(r"\.\. code-block:: python\n\n((?: {3}.*\n|\n)+)", SEED):
        yield ast.parse(dedent(block))


def routes() -> dict[str, Route]:
    """Every route by its path."""
    found = [
        _route(node, decorator)
        for block in blocks()
        for node in block.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
    ]
    return {route.path: route for route in found}


def numbers(name: str) -> dict[str, int]:
    """The members of an enum of the seed."""
    (node,) = (
        node
        for block in blocks()
        for node in block.body
        if isinstance(node, ast.ClassDef) and node.name == name
    )
    return {
        line.targets[0].id: line.value.value
        for line in node.body
        if isinstance(line, ast.Assign)
        and isinstance(line.targets[0], ast.Name)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, int)
    }


def _route(node: ast.AST, decorator: ast.expr) -> Route:
    assert isinstance(decorator, ast.Call)
    assert isinstance(decorator.func, ast.Attribute)
    route = Route(decorator.func.attr.upper(), ast.literal_eval(decorator.args[0]))
    for each in ast.walk(node):
        match each:
            case ast.Call(func=ast.Name(id="JSONResponse"), args=[ast.Dict() as body, *_]):
                route.answers.append(_shape(body))
            case ast.Call(func=ast.Attribute(attr=name)) if name.startswith("schedule_with"):
                route.terms |= {
                    keyword.arg: _value(keyword.value) for keyword in each.keywords if keyword.arg
                }
            case ast.Return(value=ast.Dict() as body):
                route.results.append(_shape(body))
            case ast.Assign(targets=[ast.Name(id="steps")], value=value):
                route.steps = ast.literal_eval(value)
    return route


def _shape(body: ast.Dict) -> Shape:
    return {
        ast.literal_eval(key): _value(value)
        for key, value in zip(body.keys, body.values, strict=True)
        if key is not None
    }


def _value(node: ast.expr) -> Any:
    return node.value if isinstance(node, ast.Constant) else ANY


def fits(answer: Shape, shape: Shape) -> bool:
    """Has it the same keys in the same order, and the same values where the seed has them?"""
    return list(answer) == list(shape) and all(
        wanted is ANY or answer[key] == wanted for key, wanted in shape.items()
    )
