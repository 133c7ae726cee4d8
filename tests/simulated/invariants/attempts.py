"""Who may start, how often, when, and whose writes count: S2, S3, S6 and S7."""

from tests.simulated.dynamodb.schema import Key
from tests.simulated.dynamodb.table import Table
from tests.simulated.invariants.step import OVER, Plain, Step
from tests.simulated.time import Time
from windrow.aws.port import Parameters
from windrow.engine.registry import Registry
from windrow.model.retry import RetryPolicy

# How many deaths a record may have in one phase: the engine's promise, written a second time.
DEATHS = 5
# What shows that an attempt got somewhere: a map's next phase, chunks that it has written, a cursor
# that it has stored. Deaths before that are forgiven, and the next attempt costs nothing.
ADVANCES = ("phase", "expanded", "continuations")


class Attempts:
    """S2  attempts count up by one, whatever happens
    S3  nothing is stored for whoever was overtaken, and no live lease is taken over
    S6  a start that is not the first is paid for: by a failure or by a death, and both are limited
    S7  nothing starts before its time, nor after a request to cancel it; no chunk of a map starts
        whose worker could have seen that request, and nothing whose worker could have seen that its
        time in the queue, or all of its time, is up

    `skew` is by how much two clocks may differ. The limit of failures is in the registry.
    """

    def __init__(self, time: Time, table: Table, skew: int, registry: Registry | None) -> None:
        self._table = table
        self._skew = skew
        self._time = time
        self._registry = registry
        self._claims: dict[tuple[str, Key], int] = {}
        self._holders: dict[Key, str] = {}
        self._actors: dict[Key, list[str]] = {}
        # How many attempts a record had made when it last got somewhere.
        self._base: dict[Key, int] = {}
        # When somebody asked to cancel a task, and when each caller last looked at each task.
        self._requests: dict[str, int] = {}
        self._looks: dict[tuple[str, Key], int] = {}

    def check(self, step: Step, after: Plain) -> None:
        old, new = step.before.get("attempt", 0), after["attempt"]
        if not step.before and (step.actor, step.key) in self._claims:
            raise step.broken("S3", "a record that was gone is back")
        if new > old:
            self._check_claim(step, old, after)
        elif new < old:
            raise step.broken("S2", f"attempt {old} became {new}")
        elif "lease" in after and after.get("owner") != step.before.get("owner"):
            raise step.broken("S2", f"attempt {new} has a second owner")
        else:
            is_live = step.before.get("lease", 0) - self._skew > step.now
            if is_live and "lease" not in after and self._holders.get(step.key) != step.actor:
                raise step.broken("S3", f"attempt {new} was ended by somebody else")
            held = self._claims.get((step.actor, step.key))
            if held is not None and held < old:
                raise step.broken("S3", f"attempt {held} wrote while attempt {old} was on")
        if step.before.get("state") in OVER or any(
            after.get(name) != step.before.get(name) for name in ADVANCES
        ):
            self._base[step.key] = new
        if after.get("expanded", 0) > step.before.get("expanded", 0):
            # An expansion that came further is forgiven its deaths: it has a budget for each step.
            self._base[step.key] = new - after.get("failures", 0) - (after["state"] == "running")
        self._check_budget(step, after)
        if "cancel_requested" in after:
            if after["state"] == "queued":
                raise step.broken("S7", "it may start again though somebody asked to cancel it")
            self._requests.setdefault(step.key[0], step.now)
        elif "cancel_requested" in step.before or step.before.get("state") in OVER:
            # It begins again: that somebody wanted its end is over with the end.
            self._requests.pop(step.key[0], None)

    def forget(self, key: Key) -> None:
        """A record is another's from now on: whoever held it is overtaken, whatever comes."""
        for actor in self._actors.pop(key, ()):
            self._claims[actor, key] = -1
        self._base.pop(key, None)
        self._holders.pop(key, None)
        self._requests.pop(key[0], None)

    def witness(self, caller: str, operation: str, parameters: Parameters) -> None:
        """Remember when a worker last looked at a task: what it then does, it does knowingly."""
        if operation == "GetItem" and "SK" in parameters["Key"]:
            key = parameters["Key"]
            self._looks[caller, (key["PK"]["S"], key["SK"]["S"])] = self._time.now

    def _check_map_of(self, step: Step) -> None:
        map_ = step.key[0].rpartition("#")[0]
        request = self._requests.get(map_)
        if request is not None and self._looks.get((step.actor, (map_, "A")), 0) > request:
            raise step.broken("S7", "a chunk started though its map was to be cancelled")

    def _check_claim(self, step: Step, old: int, after: Plain) -> None:
        if after["attempt"] != old + 1:
            raise step.broken("S2", f"attempt {old} became {after['attempt']}")
        self._claims[step.actor, step.key] = old + 1
        self._holders[step.key] = step.actor
        self._actors.setdefault(step.key, []).append(step.actor)
        if step.before.get("lease", 0) - self._skew > step.now:
            raise step.broken("S3", "a live lease was taken over")
        if "cancel_requested" in step.before:
            raise step.broken("S7", "it started though somebody had asked to cancel it")
        if step.kind == "C":
            self._check_map_of(step)
        if step.before.get("state") == "queued" and (
            step.before["not_before"] - self._skew > step.now
        ):
            raise step.broken("S7", f"started before {step.before['not_before']}")
        last = step.before.get("deadline", step.now)
        if "start_by" in step.before and "started" not in step.before:
            last = min(last, step.before["start_by"])
        if self._looks.get((step.actor, step.key), 0) - self._skew > last:
            raise step.broken("S7", f"started after {last}")

    def _check_budget(self, step: Step, after: Plain) -> None:
        failures, crashes = after.get("failures", 0), after.get("crashes", 0)
        starts = after["attempt"] - self._base.get(step.key, 0)
        if starts > failures + crashes + 1:
            raise step.broken("S6", f"{starts} starts after {failures} failures, {crashes} deaths")
        if crashes > DEATHS:
            raise step.broken("S6", f"{crashes} deaths")
        if failures > step.before.get("failures", 0) and failures >= self._most(step, after):
            raise step.broken("S6", f"a retry after {failures} failures")

    def _most(self, step: Step, after: Plain) -> float:
        """How many attempts may fail, for good or not, by the task's policy."""
        name = after.get("name") or self._name_of_map(step)
        if self._registry is None or name is None:
            return float("inf")
        definition = self._registry.get(name)
        policy = definition.retry
        if not isinstance(policy, RetryPolicy) or policy.on or definition.on_error:
            return float("inf")
        return policy.attempts

    def _name_of_map(self, step: Step) -> str | None:
        version = self._table.rows.get((step.key[0].rpartition("#")[0], "A"))
        return version.item["name"]["S"] if version else None
