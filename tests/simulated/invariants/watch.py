"""The invariants of a world, as one watcher of its table and of its calls."""

from dataclasses import dataclass, field

from tests.simulated.deployment import Deployment
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Change, Table
from tests.simulated.invariants.answers import Answers
from tests.simulated.invariants.attempts import Attempts
from tests.simulated.invariants.effects import Effects
from tests.simulated.invariants.families import Families
from tests.simulated.invariants.fate import Fate
from tests.simulated.invariants.keys import Keys
from tests.simulated.invariants.maps import Maps
from tests.simulated.invariants.slots import Slots
from tests.simulated.invariants.step import Plain, Step, plain
from tests.simulated.invariants.steps import check_step
from tests.simulated.invariants.tenants import Tenants
from tests.simulated.world import World
from windrow.aws.port import Parameters


@dataclass
class Invariants:
    """The invariants of a world's table of tasks; `watch` begins.

    `skew` is by how much two clocks of this world may differ, in milliseconds. With `deployment`
    they know the policies of its tasks and what its clients were told.
    """

    world: World
    table: Table
    skew: int = 0
    deployment: Deployment | None = None
    checked: int = 0
    _known: dict[Key, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        registry = self.deployment.registry if self.deployment else None
        self.fate = Fate(self.table, self.skew)
        self.attempts = Attempts(self.world.time, self.table, self.skew, registry)
        self.maps = Maps(self.table, self.skew)
        self.slots = Slots(self.world, self.table, self.skew, registry)
        self.families = Families(self.world.time)
        self.keys = Keys(self.world, self.table)
        self.tenants = Tenants(self.world)
        self.answers = Answers(self.world)

    def watch(self) -> None:
        """Check each change from now on. A broken promise raises Violation out of the world."""
        self.table.watchers.append(self._check)
        self.world.witnesses.append(self._witness)
        application = self.world.services.dynamodb.tables.get("ApplicationTable")
        if application is not None:
            application.watchers.append(Effects(self.world).check)
        if self.deployment is not None:
            self.deployment.told.append(self.keys.told)

    def _check(self, change: Change) -> None:
        if change.key[0].startswith("N#"):
            self.slots.check_slot(change)
        if not change.key[0].startswith("K#"):
            return
        kind = change.key[1][0]
        if kind == "S":
            check_step(self.world, self.table, change)
        if kind not in "AGC":
            return
        self.checked += 1
        step = self._step(change, kind)
        self.fate.check(step)
        if step.after is None:
            return
        if kind == "G":
            self.maps.check_group(step, step.after)
            return
        self.attempts.check(step, step.after)
        self.tenants.check(step, step.after)
        self.slots.check(step, step.after)
        if kind == "C":
            self.maps.check_chunk(step, step.after)
        else:
            self.maps.check_map(step, step.after)
            self.families.check(step, step.after)
            self.keys.check(step, step.after)
            self.answers.check(step)

    def _witness(self, caller: str, service: str, operation: str, parameters: Parameters) -> None:
        self.slots.settle()
        self.tenants.witness(caller, service, operation, parameters)
        self.attempts.witness(caller, operation, parameters)
        self.families.witness(caller, operation, parameters)

    def _step(self, change: Change, kind: str) -> Step:
        before: Plain = {}
        if change.before is not None:
            before = self._known.get(change.key) or plain(change.before.item)
        after = None
        if change.after is None:
            self._known.pop(change.key, None)
        else:
            after = self._known[change.key] = plain(change.after.item)
        step = Step(
            self.world,
            change.key,
            kind,
            change.key[0].split("#", 2)[1],
            self.world.acting or "-",
            self.world.time.now,
            before,
            after,
            change.by_ttl,
        )
        if kind == "A" and after and before.get("created") != after.get("created"):
            self._begin_anew(step)
        if after is None:
            self.attempts.forget(step.key)
        return step

    def _begin_anew(self, step: Step) -> None:
        """A new task is stored, perhaps in the place of an expired one of its key."""
        if step.before:
            self.fate.check_rebirth(step, step.before)
            self.attempts.forget(step.key)
        self.maps.forget(step.key[0])
        step.before = {}
