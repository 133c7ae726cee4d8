"""Visit every state that a model can reach, breadth first, and say what is wrong with any of them.

Two questions are asked. Safety: is a promise broken by any single step? Liveness: can an end still
be reached from every state by fair steps alone, those that happen sooner or later when faults stop?
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from tests.reliability.work import interrupted

type Move[S] = tuple[str, S, bool]
"""What happens, the state after it, and whether it is fair: it is no fault, and must come."""

LOOK_EVERY = 4096


class Model[S](Protocol):
    """A protocol as states and moves. A state is immutable and hashable: tuples of small numbers.

    `without` names the one condition that is left out, in a mutant.
    """

    @property
    def name(self) -> str: ...

    def start(self) -> S:
        """The state in which it begins."""
        ...

    def moves(self, state: S) -> Iterable[Move[S]]:
        """Everything that may happen next."""
        ...

    def broken(self, before: S, after: S) -> str | None:
        """The promise that this step breaks, in words; None when all is well."""
        ...

    def has_ended(self, state: S) -> bool:
        """Is nothing left to do here?"""
        ...


@dataclass(frozen=True)
class Exploration:
    """What was found: every state and step counted, and the shortest way to what is wrong.

    A trace is the shortest one: breadth first finds no other. `is_whole` is False when the limit of
    states was met first; nothing is then said about liveness.
    """

    name: str
    states: int
    steps: int
    ends: int
    is_whole: bool
    problem: str | None = None
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.problem is None:
            return f"{self.name}: {self.states:,} states, {self.steps:,} steps"
        return f"{self.name}: {self.problem}, by: {'; '.join(self.trace)}"


def explore[S](model: Model[S], limit: int = 5_000_000) -> Exploration:
    """Visit every state of a model, or stop at the first broken promise."""
    return _Search(model, limit).run()


class _Search[S]:
    """The graph so far: states by number, each with the number it was first reached from."""

    def __init__(self, model: Model[S], limit: int) -> None:
        self.model, self.limit = model, limit
        start = model.start()
        self.numbers: dict[S, int] = {start: 0}
        self.states = [start]
        self.parents = array("L", [0])
        # The fair steps as pairs of numbers: those that a search for an end walks backwards.
        self.sources, self.targets = array("L"), array("L")
        self.steps = 0

    def run(self) -> Exploration:
        model, numbers, states = self.model, self.numbers, self.states
        number = 0
        while number < len(states):
            if number % LOOK_EVERY == 0 and (interrupted.is_set() or len(states) > self.limit):
                return self._found(is_whole=False)
            state = states[number]
            for label, after, is_fair in model.moves(state):
                if after == state:
                    continue
                self.steps += 1
                problem = model.broken(state, after)
                if problem is not None:
                    return self._found(problem, (*self._trace(number), label))
                target = numbers.setdefault(after, len(states))
                if target == len(states):
                    states.append(after)
                    self.parents.append(number)
                if is_fair:
                    self.sources.append(number)
                    self.targets.append(target)
            number += 1
        return self._judged()

    def _judged(self) -> Exploration:
        """Every state is known: is there one from which no fair steps lead to an end?"""
        lives = self._lives()
        stuck = lives.find(0)
        if stuck < 0:
            return self._found()
        count = lives.count(0)
        return self._found(f"stuck in {count:,} states", self._trace(stuck))

    def _lives(self) -> bytearray:
        """1 for each state from which an end can be reached by fair steps."""
        firsts, befores = self._reversed()
        lives = bytearray(len(self.states))
        todo = [n for n, state in enumerate(self.states) if self.model.has_ended(state)]
        for number in todo:
            lives[number] = 1
        while todo:
            number = todo.pop()
            for before in befores[firsts[number] : firsts[number + 1]]:
                if not lives[before]:
                    lives[before] = 1
                    todo.append(before)
        return lives

    def _reversed(self) -> tuple[array[int], array[int]]:
        """Who leads to a state by a fair step: those from firsts[n] to firsts[n + 1]."""
        firsts = array("L", bytes(8 * (len(self.states) + 1)))
        for target in self.targets:
            firsts[target + 1] += 1
        for number in range(len(self.states)):
            firsts[number + 1] += firsts[number]
        places, befores = array("L", firsts), array("L", bytes(8 * len(self.sources)))
        for source, target in zip(self.sources, self.targets, strict=True):
            befores[places[target]] = source
            places[target] += 1
        return firsts, befores

    def _trace(self, number: int) -> tuple[str, ...]:
        """What happened on the shortest way to a state."""
        return tuple(reversed(list(self._backwards(number))))

    def _backwards(self, number: int) -> Iterator[str]:
        while number:
            before, state = self.parents[number], self.states[number]
            yield next(
                label for label, after, _ in self.model.moves(self.states[before]) if after == state
            )
            number = before

    def _found(
        self, problem: str | None = None, trace: tuple[str, ...] = (), *, is_whole: bool = True
    ) -> Exploration:
        return Exploration(
            name=self.model.name,
            states=len(self.states),
            steps=self.steps,
            ends=sum(1 for state in self.states if self.model.has_ended(state)),
            is_whole=is_whole and problem is None,
            problem=problem,
            trace=trace,
        )


type AnyModel = Model[Any]
