"""Mutants of work made of work: births, ends, callbacks, and what stops a child."""

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from tests.reliability.mutants.mutant import Mutant, method, never, nothing, replaced
from windrow.aws.dynamodb import pages
from windrow.engine import children, run, specs
from windrow.engine.engine import Engine
from windrow.model.children import Child
from windrow.model.ids import derived_id, new_id
from windrow.model.records import AnyRecord, Task
from windrow.store import fence
from windrow.store.children import Children
from windrow.store.tasks import Tasks

WORKERS = ("windrow.engine.choose.is_unwanted", "windrow.engine.run.is_unwanted")


def _yields_without_births() -> AbstractContextManager[object]:
    whole = fence.yields_to_cancel

    def yields(before: AnyRecord, after: AnyRecord) -> bool:
        if isinstance(before, Task) and isinstance(after, Task):
            after = replace(after, children=before.children)
        return whole(before, after)

    return patch("windrow.store.records.yields_to_cancel", yields)


def _end_without(part: str) -> AbstractContextManager[object]:
    whole = Tasks.end

    def end(tasks: Tasks, before: Task, after: Task, *, callback: Task | None = None) -> Task:
        if part == "row":
            whole(tasks, before, replace(after, parent=None), callback=callback)
            return after
        return whole(tasks, before, after)

    return patch.object(Tasks, "end", end)


def _callback_apart() -> AbstractContextManager[object]:
    """The callback is stored before its group ends, by a call of its own."""
    whole = Tasks.end

    def end(tasks: Tasks, before: Task, after: Task, *, callback: Task | None = None) -> Task:
        if callback is not None:
            tasks.records.create(callback)
        return whole(tasks, before, after)

    return patch.object(Tasks, "end", end)


def _callback_of_its_own() -> AbstractContextManager[object]:
    whole = specs.callback_of

    def callback(engine: Engine, parent: Task, spec: Any) -> Task:
        made = whole(engine, parent, spec)
        other = new_id(engine.clock.now(), engine.random.getrandbits(80))
        return replace(made, ref=replace(made.ref, task=other))

    def end(tasks: Tasks, before: Task, after: Task, *, callback: Task | None = None) -> Task:
        if callback is not None:
            tasks.records.create(callback)
        return whole_end(tasks, before, after)

    whole_end = Tasks.end
    stack = ExitStack()
    stack.enter_context(patch("windrow.engine.children.callback_of", callback))
    stack.enter_context(patch.object(Tasks, "end", end))
    return stack


def _looks_first() -> AbstractContextManager[object]:
    whole = run._run_phase

    def phase(engine: Engine, claimed: Task, until: Any) -> None:
        children.look_at_parent(engine, claimed)
        whole(engine, claimed, until)

    stack = ExitStack()
    stack.enter_context(patch("windrow.engine.run._run_phase", phase))
    stack.enter_context(patch("windrow.engine.run.look_at_parent", nothing))
    return stack


def _stale_rows() -> AbstractContextManager[object]:
    whole = Children.some

    def some(kept: Children, parent: Task, number: int) -> list[Child]:
        with patch("windrow.store.children.pages", _stale_pages):
            return whole(kept, parent, number)

    return patch.object(Children, "some", some)


def _stale_pages(aws: Any, query: Any) -> Any:
    return pages(aws, {**query, "ConsistentRead": False})


def _any_id(_tenant: str, _named: str) -> str:
    _any_id.count += 1  # type: ignore[attr-defined]
    return derived_id("another", str(_any_id.count))  # type: ignore[attr-defined]


_any_id.count = 0  # type: ignore[attr-defined]


def _ended_in_any_round(child: Child, _round: int) -> bool:
    return child.state.is_over


FAMILIES = (
    Mutant(
        "a parent ends before its children",
        replaced("windrow.engine.settle.may_have_children", by=never),
        ("family", "group"),
    ),
    Mutant(
        "a child starts though its parent is to end",
        replaced(*WORKERS, by=never),
        ("group, cancelled half way", "group, cancelled while it is begun"),
    ),
    Mutant(
        "a child is begun though its parent is to end",
        _yields_without_births,
        ("cancelled family", "group, cancelled while it is begun"),
    ),
    Mutant(
        "an end does not count the children",
        replaced("windrow.store.fence._counts_children", by=never),
        ("cancelled family", "group", "family"),
    ),
    Mutant("a child's end is not told to its parent", lambda: _end_without("row"), ("group",)),
    Mutant("a group's end begins no callback", lambda: _end_without("callback"), ("group",)),
    Mutant("a callback is begun before the end of its group", _callback_apart, ("group",)),
    Mutant("a callback has an id of its own each time", _callback_of_its_own, ("group",)),
    Mutant("a parent is looked at before its child's end is stored", _looks_first, ("group",)),
    Mutant(
        "a parent is looked at by stale reads", _stale_rows, ("group, read late", "group", "chain")
    ),
    Mutant(
        "a parent does not stop its children",
        replaced("windrow.engine.children.stop_children", by=nothing),
        ("delayed group, cancelled",),
    ),
    Mutant(
        "a parent's own hint does not look at its children",
        replaced("windrow.engine.run.tend", by=nothing),
        ("group", "chain"),
    ),
    Mutant(
        "another attempt has children of its own",
        replaced("windrow.engine.bear.derived_id", by=_any_id),
        ("family",),
    ),
    Mutant(
        "what failed in a former round counts as ended",
        method(Child, "has_ended", _ended_in_any_round),
        ("failed chain, begun again", "failed group, begun again"),
    ),
)
