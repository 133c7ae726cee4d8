"""The command that says why a task is not running: explain."""

import json
from argparse import Namespace

from rich.console import Console

from windrow.engine.engine import Engine
from windrow.engine.explain import explain as explain_task
from windrow.model.explanation.shown import shown
from windrow.model.ref import Ref


def explain(engine: Engine, options: Namespace, console: Console) -> int:
    """Say why a task does not run, or what became of it, and what holds besides."""
    found = explain_task(engine, Ref(options.tenant, options.task))
    if options.json:
        print(json.dumps(shown(found), indent=2))
        return 0
    for each in (found, *found.also):
        # No markup: an author's error may hold brackets.
        console.print(each.sentence, markup=False, soft_wrap=True)
    return 0
