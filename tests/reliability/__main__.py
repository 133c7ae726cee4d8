"""`make reliability`: run the layers of the proof, print the table, write reliability.json."""

import argparse
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

from rich.console import Console

from tests.reliability.frame import Budget, Layer, Outcome, layers
from tests.reliability.report import Report
from tests.reliability.work import interrupted

REPORT = Path("reliability.json")
# Nothing here may reach AWS, whatever this machine is allowed to do there.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def main(arguments: Sequence[str]) -> int:
    """0 when all that was run has held, 1 when not, 130 when it was interrupted."""
    known = {layer.NAME: layer for layer in layers()}
    options = _options(arguments, list(known))
    os.environ.update(ENVIRONMENT)
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    budget = Budget(
        profile=options.profile,
        seed=options.seed,
        processes=options.processes,
        runs=options.runs,
        seconds=options.seconds,
    )
    report = Report(budget)
    for name in options.layer or known:
        try:
            _run(known[name], report)
        except KeyboardInterrupt:
            interrupted.set()
        if interrupted.is_set():
            report.is_interrupted = True
            break
    report.show(Console(width=None if sys.stdout.isatty() else 140))
    REPORT.write_text(json.dumps(report.json(), indent=2) + "\n")
    if report.is_interrupted:
        return 130
    return 0 if report.has_held else 1


def _run(layer: Layer, report: Report) -> None:
    """Run one layer; SECONDS are each layer's own."""
    print(f"{layer.NAME} ...", file=sys.stderr)  # noqa: T201
    began = monotonic()
    try:
        outcome = layer.run(replace(report.budget, began=began))
    except Exception as error:  # noqa: BLE001 - a layer that breaks is a problem among others
        traceback.print_exc()
        outcome = Outcome([], [f"the layer itself broke: {error!r}"])
    report.add(layer.NAME, outcome, monotonic() - began)


def _options(arguments: Sequence[str], names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make reliability", description=__doc__)
    parser.add_argument("--profile", choices=("quick", "full"), default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--runs", type=int, help="how many runs of what a layer runs")
    parser.add_argument("--seconds", type=float, help="how long each layer may take")
    parser.add_argument("--layer", action="append", choices=names, help="only this one")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
