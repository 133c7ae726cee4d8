"""Keys: ten callers race with one Idempotency-Key over HTTP, on the real API function.

One of the ten brings another body: either his is the task, or theirs, and the rest is refused. A
fifth of its calls meet a fault, clocks are wrong by up to 30 s, and who gets no answer or a 503
asks again, as a client does. A minute later somebody comes with the same key and another body.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tests.reliability.bars import KEYS
from tests.reliability.frame import Budget, Outcome, Row
from tests.reliability.work import Progress, pieces, spread
from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.table import Change
from tests.simulated.faults import evenly
from tests.simulated.http import Answer, Api
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.time import MINUTE, SECOND
from tests.simulated.world import World
from windrow import Context, Registry, task
from windrow.api.idempotency import IdempotencyKey, replayed
from windrow.engine.engine import Engine
from windrow.engine.submit import submit

NAME = "keys"
SHARE = 0.06

FULL_KEYS, QUICK_KEYS = 10_000, 100
KEYS_A_WORLD, CALLERS, RACE = 20, 10, 100
SKEW = (-30 * SECOND, 30 * SECOND)
# How often a client asks before it gives up, and how long it waits in between.
TRIES, PATIENCE = 30, 2 * SECOND


class Note(BaseModel):
    """What a caller may ask for."""

    text: str


@dataclass
class Tally:
    """What came of some keys. `others` were answered 422, of those who came with another body."""

    keys: int = 0
    tasks: int = 0
    requests: int = 0
    accepted: int = 0
    others: int = 0
    unanswered: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in what another world came to."""
        self.keys += other.keys
        self.tasks += other.tasks
        self.requests += other.requests
        self.accepted += other.accepted
        self.others += other.others
        self.unanswered += other.unanswered
        self.problems += other.problems


@dataclass
class Client:
    """Asks until it is answered. `answers` are all it got, those that made it ask again too."""

    api: Api
    key: str
    text: str
    answers: list[Answer] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The status of its last answer; 0 for none."""
        return self.answers[-1].status if self.answers else 0

    def ask(self) -> None:
        """Ask for a task."""
        body, headers = json.dumps({"text": self.text}), {"idempotency-key": self.key}
        self.api.request("POST", "/notes", self._told, body=body, headers=headers)

    def _told(self, answer: Answer) -> None:
        self.answers.append(answer)
        if answer.status in (0, 503) and len(self.answers) < TRIES:
            self.api.world.after(PATIENCE, self.ask)


@dataclass
class Made:
    """How many records were created for each key, how many callers were new, and who died of it.

    The text of each body begins with its key.
    """

    world: World
    records: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    makers: dict[str, str] = field(default_factory=dict)

    def changed(self, change: Change) -> None:
        """Notice a record that is created."""
        if change.before is None and change.after is not None and change.key[1] == "A":
            text = json.loads(change.after.item["params"]["S"])["text"]
            key = str(text).partition(":")[0]
            self.records[key] += 1
            self.makers[key] = self.world.acting or "-"

    def of(self, key: str) -> list[str]:
        """What is wrong: a fault may keep the one who made it from knowing, and nothing else."""
        least = 0 if self.world.struck[self.makers.get(key, "-")] else 1
        if self.records[key] == 1 and least <= self.new[key] <= 1:
            return []
        return [f"{key} made {self.records[key]} records, and was new {self.new[key]} times"]


def run(budget: Budget) -> Outcome:
    """Worlds of twenty keys each, of seeds from SEED on. RUNS is how many worlds."""
    tally, progress = Tally(), Progress(NAME)
    wanted = FULL_KEYS if budget.is_full else QUICK_KEYS
    for each in spread(
        budget, lived, pieces(budget.seed, budget.runs or wanted // KEYS_A_WORLD, 1)
    ):
        tally.add(each)
        progress.tell(f"{tally.keys:,} keys, {tally.requests:,} requests")
    row = Row(
        what=KEYS.what,
        bar=f"{wanted:,} keys, {wanted:,} tasks; another body 422 every time",
        seen=f"{tally.keys:,} keys, {tally.tasks:,} tasks; another body 422 {tally.others:,} times",
        is_met=tally.keys == tally.tasks == tally.others >= wanted,
        figures={
            "keys": tally.keys,
            "tasks": tally.tasks,
            "requests": tally.requests,
            "answers that accepted": tally.accepted,
            "requests without an answer": tally.unanswered,
            "other bodies answered 422": tally.others,
        },
    )
    return Outcome([row], tally.problems)


def lived(seeds: range) -> Tally:
    """The world of one seed, lived and judged."""
    (seed,) = seeds
    with World(seed) as world:
        world.faults.rates, world.faults.delay = evenly(0.2), (100, 15 * SECOND)
        world.faults.matches = lambda *call: _is_of_api(world)
        deployment = Deployment(world, _registry(), skew=SKEW)
        invariants = Invariants(world, deployment.table, 60 * SECOND, deployment)
        invariants.watch()
        made = Made(world)
        deployment.table.watchers.append(made.changed)
        api = Api(deployment, partial(_routers, made), skew=SKEW)
        api.told.append(invariants.answers.answered)
        racers: dict[str, list[Client]] = {}
        others: list[Client] = []
        for number in range(KEYS_A_WORLD):
            key, began = f"key-{number}", world.random.randrange(MINUTE)
            racers[key] = [Client(api, key, f"{key}: theirs") for _ in range(CALLERS - 1)]
            racers[key].append(Client(api, key, f"{key}: his"))
            for client in racers[key]:
                world.after(began + world.random.randrange(RACE), client.ask)
            others.append(Client(api, key, f"{key}: a third's"))
            world.after(began + 2 * MINUTE, others[-1].ask)
        problems = []
        try:
            world.run(6 * MINUTE)
            deployment.calm()
            deployment.run_until_quiet(MINUTE)
            problems += deployment.overlooked
        except Violation as violation:
            problems.append(str(violation).partition("\n")[0])
        for key, clients in racers.items():
            problems += _of_key(key, clients) + made.of(key)
        problems += [
            f"another body of {each.key}: {each.last}" for each in others if each.last != 422
        ]
        everybody = [*others, *(client for clients in racers.values() for client in clients)]
        answers = [answer for client in everybody for answer in client.answers]
        return Tally(
            keys=KEYS_A_WORLD,
            tasks=sum(key[0].startswith("K#") and key[1] == "A" for key in deployment.table.rows),
            requests=len(answers),
            accepted=sum(answer.status == 202 for answer in answers),
            others=sum(each.last == 422 for each in others),
            unanswered=sum(answer.status == 0 for answer in answers),
            problems=[f"{problem} | {_replay(seed)}" for problem in problems],
        )


def _of_key(key: str, clients: list[Client]) -> list[str]:
    tasks = {client.answers[-1].body["task"] for client in clients if client.last == 202}
    told = {client.text: set[int]() for client in clients}
    for client in clients:
        told[client.text].add(client.last)
    # Whoever came first is the task, with all who say the same; all others are refused.
    is_right = sorted(map(sorted, told.values())) == [[202], [422]]
    problems = [] if is_right else [f"{key} was answered {told}"]
    return problems + ([f"{key} named {sorted(tasks)}"] if len(tasks) > 1 else [])


def _is_of_api(world: World) -> bool:
    """AWS fails for the API alone: what workers make of faults is another layer's question."""
    return world.current is not None and world.current.name.startswith("api-")


def _registry() -> Registry:
    @task("note", params=Note)
    def note(context: Context, params: Note) -> None:
        return None

    return Registry([note])


def _routers(made: Made, engine: Engine) -> list[APIRouter]:
    router = APIRouter()

    @router.post("/notes")
    def create(note: Note, key: IdempotencyKey) -> JSONResponse:
        submission = submit(engine, "note", note.model_dump(), key=key)
        made.new[str(key)] += submission.is_new
        body: dict[str, Any] = {"task": submission.task.ref.task}
        return JSONResponse(body, 202, headers=replayed(submission))

    return [router]


def _replay(seed: int) -> str:
    return f"make reliability LAYER={NAME} SEED={seed} RUNS=1"
