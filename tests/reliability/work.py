"""Share work out among processes; stop all of them at once when the time is up or somebody asks."""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import active_children, get_context
from threading import Event
from time import monotonic

from tests.reliability.frame import Budget

# How long the pieces that are being done when the time is up may take to end.
GRACE_SECONDS = 10.0
TICK_SECONDS = 1.0

# Set by Ctrl-C: whoever loops ends, and what there is is reported.
interrupted = Event()


def pieces(first: int, count: int, size: int) -> Iterator[range]:
    """`count` seeds from `first` on, in ranges of `size`."""
    for start in range(first, first + count, size):
        yield range(start, min(start + size, first + count))


def spread[P, T](budget: Budget, work: Callable[[P], T], parts: Iterable[P]) -> Iterator[T]:
    """Do `work`, a function of a module, for each part, and yield what each comes to, as it comes.

    With one process it is done here, in order. No part is begun when the budget's time is up.
    """
    try:
        if budget.processes == 1:
            yield from _here(budget, work, parts)
        else:
            yield from _elsewhere(budget, work, parts)
    except KeyboardInterrupt:
        interrupted.set()


def _here[P, T](budget: Budget, work: Callable[[P], T], parts: Iterable[P]) -> Iterator[T]:
    for part in parts:
        if budget.is_over or interrupted.is_set():
            return
        yield work(part)


def _elsewhere[P, T](budget: Budget, work: Callable[[P], T], parts: Iterable[P]) -> Iterator[T]:
    # Simulated worlds have threads, which a fork would cut off: so children begin afresh.
    pool = ProcessPoolExecutor(budget.processes, get_context("spawn"), _ignore_interrupts)
    waiting = iter(parts)
    running: set[Future[T]] = set()
    overtime = None
    try:
        while True:
            if not budget.is_over and not interrupted.is_set():
                # One part more than there are workers, so that none of them waits for us.
                wanted = budget.processes + 1 - len(running)
                running |= {pool.submit(work, part) for part in islice(waiting, wanted)}
            elif overtime is None:
                overtime = monotonic() + GRACE_SECONDS
                running = {future for future in running if not future.cancel()}
            if not running or interrupted.is_set() or (overtime and monotonic() > overtime):
                return
            done, running = wait(running, TICK_SECONDS, FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        pool.shutdown(wait=not running, cancel_futures=True)
        if running:
            for child in active_children():
                child.terminate()


def _ignore_interrupts() -> None:
    """Ctrl-C goes to every process of the terminal; the parent alone answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Progress:
    """Lines that show a person that a long layer is at work: one each 15 seconds at most."""

    def __init__(self, layer: str, every: float = 15.0) -> None:
        self._layer, self._every = layer, every
        self._began = self._told = monotonic()

    def tell(self, sentence: str) -> None:
        """Say how far it is, unless something was said just now."""
        now = monotonic()
        if now - self._told >= self._every:
            self._told = now
            seconds = round(now - self._began)
            print(f"  {self._layer}, {seconds} s: {sentence}", file=sys.stderr)  # noqa: T201
