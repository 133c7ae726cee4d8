"""A mutant of the engine, and the ways to take something out of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

type Patch = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Mutant:
    """What is taken out, how, and the lives that should show it, in the order they are lived.

    `storm` is the seed of a random run that shows what no short life does.
    """

    name: str
    patch: Patch
    lives: tuple[str, ...]
    storm: int | None = None


def replaced(*names: str, by: Any) -> Patch:
    """Put something else in the place of what these modules call."""

    @contextmanager
    def patched() -> Iterator[None]:
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(patch(name, by))
            yield

    return patched


def method(owner: type, name: str, by: Any) -> Patch:
    """Put something else in the place of a method, whoever calls it."""
    return lambda: patch.object(owner, name, by)


def nothing(*_args: Any, **_options: Any) -> None:
    """Instead of what acts."""


def never(*_args: Any, **_options: Any) -> bool:
    """Instead of a question."""
    return False


def always(*_args: Any, **_options: Any) -> bool:
    """Instead of a question."""
    return True
