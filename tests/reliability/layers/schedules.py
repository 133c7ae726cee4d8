"""Planned faults: every single one of some short lives, and the pairs, each pair's second fault put
where the life goes on after the first one.

A schedule is a life, a call and what becomes of it, and perhaps a later call and what becomes of
that one. After a fault a life makes other calls than before, so the second one is counted in the
life as it is then. `python -m tests.reliability.layers.schedules plain "3=answer lost"` lives one
again and prints its trace.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from tests.reliability.bars import PLANNED
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, spread
from tests.simulated.beginnings import LIVES
from tests.simulated.faults import FAULTS, Effect
from tests.simulated.lives import Lived, lived

NAME = "schedules"
SHARE = 0.12

FULL, QUICK = 30_000, 150
# Of the pairs of a life every how manieth is lived in the full profile: the longer lives have
# hundreds of thousands. The pairs between are those of other calls with the same faults.
STRIDES = {
    "plain": 2,
    "retried": 5,
    "given up": 5,
    "cancelled while it waits": 3,
    "cancelled while it runs": 3,
    "counted": 3,
    "continued": 11,
    "one key twice": 5,
    "cancelled retry": 5,
    "slow": 3,
    "deadly": 31,
    "stumbling": 5,
    "no worker": 9,
    "retried, hints doubled": 9,
    "slow, hints doubled": 9,
    "delayed": 5,
    "too late": 9,
    "map, read late": 101,
    "paused": 9,
    "map": 101,
    "unique map twice": 211,
    "cancelled map": 101,
    "map of groups": 2003,
    "map of groups at a tick": 4001,
    "limited": 211,
    "limited and dying": 2003,
    "limited map": 307,
    "urgent first": 31,
    "not in time": 23,
    "pool gone": 101,
    "cancelled, pool gone": 31,
    "one key, two bodies": 11,
    "key used again": 47,
    "key of a map used again": 1009,
    "key of a map that is gone used again": 1009,
    "met by key": 211,
    "begun again": 31,
    "errors begun again": 2003,
    "errors begun again, parts expiring": 2003,
    "cancelled map begun again": 307,
    "cancelled map begun again, hints redriven": 4001,
    "unique map begun again": 1009,
    "group": 307,
    "group with a map": 2003,
    "failed group": 307,
    "group, cancelled while it is begun": 307,
    "group, cancelled half way": 307,
    "group, read late": 307,
    "delayed group, cancelled": 307,
    "failed group, begun again": 2003,
    "failed chain, begun again": 1009,
    "chain": 307,
    "doomed chain": 101,
    "cancelled chain": 307,
    "family": 307,
    "cancelled family": 211,
}
# What the quick profile lives: every single fault of these, and so many pairs of any life.
QUICK_LIVES = ("plain", "cancelled while it runs")
QUICK_PAIRS = 40
# How far from the first fault the second one of a drawn pair is at the most.
NEAR = 25

type Plan = dict[int, Effect]


@dataclass(frozen=True)
class Part:
    """A single fault with its pairs; `every` is their stride, None for the single alone.

    With `second` it is one drawn pair, lived without its single.
    """

    life: str
    call: int
    effect: Effect
    every: int | None = None
    second: tuple[int, Effect] | None = None


@dataclass
class Tally:
    """How many schedules were lived of each life, by how many faults they had."""

    lives: Counter[tuple[str, int]] = field(default_factory=Counter)
    # Of each life how many pairs there are behind the singles that were lived, and how many of them
    # were: counted by plan, whether or not the life was long enough to meet both.
    pairs: Counter[str] = field(default_factory=Counter)
    planned: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.lives += other.lives
        self.pairs += other.pairs
        self.planned += other.planned
        self.problems += other.problems


def run(budget: Budget) -> Outcome:
    """Go through the schedules; RUNS is how many at the most."""
    parts = _all_parts(budget.seed) if budget.is_full else _few_parts(budget.seed)
    tally, progress = Tally(), Progress(NAME)
    for each in spread(budget, schedules_of, parts):
        tally.add(each)
        done = tally.lives.total()
        progress.tell(f"{done:,} schedules, {len(tally.problems)} problems")
        if budget.runs is not None and done >= budget.runs:
            break
    return Outcome([_row(budget, tally)], tally.problems)


def schedules_of(part: Part) -> Tally:
    """Live what a part stands for."""
    tally = Tally()
    if part.second is not None:
        _live(tally, part.life, {part.call: part.effect, part.second[0]: part.second[1]})
        return tally
    single = _live(tally, part.life, {part.call: part.effect})
    if part.every is None:
        return tally
    # Neighbouring parts begin elsewhere, so that together they come by every call.
    number = part.call * len(FAULTS) + FAULTS.index(part.effect)
    tally.pairs[part.life] += max(0, single.calls - part.call - 1) * len(FAULTS)
    for call in range(part.call + 1, single.calls):
        for effect in FAULTS:
            number += 1
            if number % part.every == 0:
                tally.planned[part.life] += 1
                _live(tally, part.life, {part.call: part.effect, call: effect})
    return tally


def _live(tally: Tally, life: str, plan: Plan) -> Lived:
    end = lived(life, plan)
    tally.lives[life, end.injected] += 1
    tally.problems += [f"{complaint} | {_replay(life, plan)}" for complaint in end.complaints]
    return end


def _all_parts(seed: int) -> Iterator[Part]:
    """Every part of every life, in an order that the seed decides: whoever stops has seen all."""
    parts = [
        Part(life, call, effect, every=STRIDES[life])
        for life in LIVES
        for call in range(lived(life, {}).calls)
        for effect in FAULTS
    ]
    Random(seed).shuffle(parts)
    yield from parts


def _few_parts(seed: int) -> Iterator[Part]:
    random = Random(seed)
    calls = {life: lived(life, {}).calls for life in LIVES}
    for life in QUICK_LIVES:
        for call in range(calls[life]):
            for effect in FAULTS:
                yield Part(life, call, effect)
    for _ in range(QUICK_PAIRS):
        life = random.choice(list(LIVES))
        call = random.randrange(calls[life])
        second = call + random.randint(1, NEAR), random.choice(FAULTS)
        yield Part(life, call, random.choice(FAULTS), second=second)


def _row(budget: Budget, tally: Tally) -> Row:
    bar = FULL if budget.is_full else QUICK
    singles = sum(count for (_, faults), count in tally.lives.items() if faults == 1)
    pairs = sum(count for (_, faults), count in tally.lives.items() if faults == 2)
    failures = len(tally.problems)
    share = _share(tally.planned.total(), tally.pairs.total())
    of_all = f" ({share} of all pairs)" if tally.pairs else " (drawn)"
    return Row(
        what=PLANNED.what,
        bar=f">= {bar:,}, 0 failures",
        seen=f"{singles + pairs:,}: {singles:,} single, {pairs:,} double{of_all},"
        f" {failures} failures",
        is_met=singles + pairs >= bar and not failures,
        figures={
            "single": singles,
            "double": pairs,
            "failures": failures,
            **{
                f"{life}, {faults} faults": count
                for (life, faults), count in sorted(tally.lives.items())
            },
            **{
                f"share of pairs: {life}": _share(tally.planned[life], pairs_of_life)
                for life, pairs_of_life in sorted(tally.pairs.items())
            },
            **{f"stride of pairs: {life}": stride for life, stride in STRIDES.items()},
        },
    )


def _share(lived_pairs: int, all_pairs: int) -> str:
    return f"{100 * lived_pairs / all_pairs:.2f} %" if all_pairs else "none"


def _replay(life: str, plan: Plan) -> str:
    planned = " ".join(f'"{call}={effect}"' for call, effect in plan.items())
    return f'python -m tests.reliability.layers.schedules "{life}" {planned}'


def _main(life: str, planned: Iterable[str]) -> None:
    plan = {int(each.partition("=")[0]): Effect(each.partition("=")[2]) for each in planned}
    end = lived(life, plan)
    print(end.trace, *end.complaints, sep="\n")  # noqa: T201


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])
