"""The deployed functions, set otherwise for a while: their environment, and their queue."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.e2e.waiting import eventually
from windrow.local.clients import Clients


@contextmanager
def environment(aws: Clients, function: str, changes: Mapping[str, str]) -> Iterator[None]:
    """Run a function with these variables on top of its own; then as it was deployed.

    The emulator ends the function's processes at each change, so nothing may be running in them.
    """
    deployed = _variables(aws, function)
    try:
        _set(aws, function, deployed | dict(changes))
        yield
    finally:
        _set(aws, function, deployed)


@contextmanager
def no_work(aws: Clients, function: str) -> Iterator[None]:
    """Hand this function nothing from its queue; afterwards it gets what has come in meanwhile."""
    mappings = aws["lambda"].list_event_source_mappings(FunctionName=function)
    (mapping,) = mappings["EventSourceMappings"]
    try:
        aws["lambda"].update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        yield
    finally:
        aws["lambda"].update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def _variables(aws: Clients, function: str) -> dict[str, str]:
    answer = aws["lambda"].get_function_configuration(FunctionName=function)
    return dict(answer["Environment"]["Variables"])


def _set(aws: Clients, function: str, variables: Mapping[str, str]) -> None:
    def state() -> Any:
        answer = aws["lambda"].get_function_configuration(FunctionName=function)
        return answer["State"], answer["LastUpdateStatus"]

    aws["lambda"].update_function_configuration(
        FunctionName=function, Environment={"Variables": dict(variables)}
    )
    eventually(state, lambda seen: seen == ("Active", "Successful"))
