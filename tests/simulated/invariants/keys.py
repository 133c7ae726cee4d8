"""One task for one key, and what its callers were told: S10, S11, S12 and S16."""

from datetime import datetime

from tests.simulated.deployment import Asked
from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Table
from tests.simulated.invariants.step import OVER, Plain, Step, plain, violation
from tests.simulated.time import SECOND, instant
from tests.simulated.world import World
from windrow.engine.submit import Submission
from windrow.errors import KeyReused
from windrow.model.records import Task
from windrow.model.ref import Ref


class Keys:
    """S10  callers of one key meet one task; whoever brings another body is refused, and writes
         nothing
    S11  at most one task of a unique key is alive
    S12  one fire of a schedule, however often it comes, is one task: its key is what names it
    S16  what was accepted is there
    """

    def __init__(self, world: World, table: Table) -> None:
        self._world = world
        self._table = table
        self._living: dict[tuple[str, str], set[Key]] = {}
        self._made: dict[str, set[Key]] = {}
        self._met: dict[tuple[str, str], Ref] = {}
        # What came with each key first, for as long as the task that it met is the same.
        self._said: dict[tuple[str, str, str, datetime], tuple[str, str]] = {}

    def check(self, step: Step, after: Plain) -> None:
        if step.actor in self._world.tenants:
            self._made.setdefault(step.actor, set()).add(step.key)
        if "unique" not in after:
            return
        living = self._living.setdefault((step.tenant, after["unique"]), set())
        if after["state"] in OVER:
            living.discard(step.key)
            return
        living.add(step.key)
        if len(living) > 1:
            raise step.broken("S11", f"{sorted(living)} are alive at once")

    def told(self, asked: Asked, answer: Submission | Exception) -> None:
        """A caller was answered."""
        made = self._made.pop(asked.caller, None)
        if isinstance(answer, KeyReused) and made:
            raise violation(self._world, "S10", f"{asked.caller} was refused, and wrote {made}")
        if not isinstance(answer, Submission):
            return
        ref = answer.task.ref
        if self._row(ref) is None and not self._has_expired(answer.task.expires):
            raise violation(self._world, "S16", f"{ref} was accepted, and is not there")
        if asked.key is not None:
            self._check_key(asked, asked.key, answer.task)

    def _check_key(self, asked: Asked, key: str, task: Task) -> None:
        ref, place = task.ref, (asked.tenant, key)
        name = "S12" if key.startswith("schedule/") else "S10"
        if task.expires is not None and task.expires <= instant(asked.at - SECOND):
            raise violation(self._world, name, f"{key} met {ref}, which had expired")
        first = self._met.setdefault(place, ref)
        if first != ref and self._is_there(first):
            raise violation(self._world, name, f"{key} met {ref} and {first}")
        self._met[place] = ref
        said = (asked.name, asked.params)
        other = self._said.setdefault((*place, ref.task, task.created), said)
        if other != said:
            raise violation(self._world, name, f"{key} came with {other} and with {said}")

    def _row(self, ref: Ref) -> Plain | None:
        row = self._table.rows.get((f"K#{ref.tenant}#{ref.task}", "A"))
        return plain(row.item) if row else None

    def _is_there(self, ref: Ref) -> bool:
        """Is there a record, and does it count still?"""
        row = self._row(ref)
        return row is not None and row.get("expires", float("inf")) * 1000 > self._world.time.now

    def _has_expired(self, expires: datetime | None) -> bool:
        return expires is not None and expires <= instant(self._world.time.now)
