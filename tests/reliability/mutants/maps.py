"""Mutants of maps: what is gathered, when, and from which facts."""

from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest.mock import patch

from tests.reliability.mutants.mutant import Mutant, always, nothing, replaced
from windrow.engine import gather, run
from windrow.engine.engine import Engine
from windrow.model.records import Chunk, Group
from windrow.store.records import Records

type Parameters = dict[str, Any]


def _stale_chunks() -> AbstractContextManager[object]:
    whole = Records._of

    def of(records: Records, partition: str, prefix: str) -> Parameters:
        return {**whole(records, partition, prefix), "ConsistentRead": False}

    return patch.object(Records, "_of", of)


def _gather_first() -> AbstractContextManager[object]:
    whole = run._run_chunk

    def run_chunk(engine: Engine, chunk: Chunk, until: Any) -> None:
        gather.gather_group(engine, chunk.ref.own_group)
        whole(engine, chunk, until)

    stack = ExitStack()
    stack.enter_context(patch("windrow.engine.run._run_chunk", run_chunk))
    stack.enter_context(patch("windrow.engine.run.gather_group", nothing))
    return stack


def _some_have_ended(_group: Group, chunks: list[Chunk], **_options: Any) -> bool:
    return all(chunk.state.is_over for chunk in chunks)


MAPS = (
    Mutant(
        "a group closes early", replaced("windrow.engine.gather._have_ended", by=always), ("map",)
    ),
    Mutant(
        "a group does not count its chunks",
        replaced("windrow.engine.gather._have_ended", by=_some_have_ended),
        ("map", "map of groups"),
    ),
    Mutant("a map is gathered before its chunk is stored", _gather_first, ("map",)),
    Mutant("a map is gathered from stale reads", _stale_chunks, ("map, read late", "map")),
)
