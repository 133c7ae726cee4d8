"""Work made of work: S7 and S8 for a parent and its children, one callback, no second child."""

from tests.simulated.dynamodb.schema import Key
from tests.simulated.invariants.step import OVER, Plain, Step
from tests.simulated.time import Time
from windrow.aws.port import Parameters


class Families:
    """S7   no child is begun, nor starts, once its parent's end was asked for, by whoever could see
         that; and no step of a chain before the one that goes before it has succeeded
    S8   a parent ends after its children; what it counts is what became of them
    S18  a place among a parent's children is one child's, and each end of a group has one callback
    """

    def __init__(self, time: Time) -> None:
        self._time = time
        self._tasks: dict[str, Plain] = {}
        self._children: dict[str, dict[int, str]] = {}
        self._callbacks: dict[tuple[str, int], str] = {}
        self._requests: dict[str, int] = {}
        self._looks: dict[tuple[str, str], int] = {}

    def witness(self, caller: str, operation: str, parameters: Parameters) -> None:
        """Remember when a worker last looked at a task: what it then does, it does knowingly."""
        if operation == "GetItem" and "SK" in parameters["Key"]:
            self._looks[caller, parameters["Key"]["PK"]["S"]] = self._time.now

    def check(self, step: Step, after: Plain) -> None:
        """Look at a version of a task."""
        place = step.key[0]
        self._tasks[place] = after
        if "cancel_requested" in after and after["state"] not in OVER:
            self._requests.setdefault(place, step.now)
        elif after["state"] == "queued":
            self._requests.pop(place, None)
        parent = _partition(step.key, after.get("parent"))
        if parent is not None:
            self._check_child(step, after, parent)
        elif not step.before and "previous" in after:
            self._check_callback(step, after)
        if after.get("children") or after.get("phase") in ("make", "children"):
            self._check_parent(step, after)

    def _check_child(self, step: Step, after: Plain, place: str) -> None:
        parent = self._tasks[place]
        if not step.before:
            number = self._children.setdefault(place, {}).setdefault(after["number"], step.key[0])
            if number != step.key[0]:
                raise step.broken("S18", f"{number} has its place already")
            if parent["state"] != "running" or "cancel_requested" in parent:
                raise step.broken("S7", f"it was begun when its parent was {parent['state']}")
            before = _partition(step.key, after.get("previous"))
            if before is not None and self._tasks[before]["state"] != "succeeded":
                raise step.broken("S7", "it was begun before the step before it had succeeded")
        elif (
            step.before["state"] in OVER
            and after["state"] == "queued"
            and (parent["state"] != "running")
        ):
            raise step.broken("S7", f"it began again when its parent was {parent['state']}")
        if step.is_claim:
            asked = self._requests.get(place)
            if asked is not None and self._looks.get((step.actor, place), 0) > asked:
                raise step.broken("S7", "it started though its parent was to be cancelled")

    def _check_callback(self, step: Step, after: Plain) -> None:
        place = _partition(step.key, after["previous"])
        assert place is not None
        parent = self._tasks[place]
        if parent["state"] not in OVER:
            raise step.broken("S8", f"its group was {parent['state']} when it began")
        end = (place, parent.get("round", 0))
        if self._callbacks.setdefault(end, step.key[0]) != step.key[0]:
            raise step.broken("S18", f"{self._callbacks[end]} is a callback of the same end")

    def _check_parent(self, step: Step, after: Plain) -> None:
        place = step.key[0]
        born = self._children.get(place, {})
        if after.get("children", 0) < step.before.get("children", 0):
            raise step.broken("S8", "it has fewer children than before")
        states = [self._tasks[child]["state"] for child in born.values() if child in self._tasks]
        ended = [state for state in states if state in OVER]
        counts = {name: after.get(name, 0) for name in ("succeeded", "failed", "cancelled")}
        if after["state"] not in OVER:
            is_group = after.get("phase") == "children" and "lasting" in after
            if is_group and sum(counts.values()) > len(ended):
                raise step.broken("S9", f"says {counts}, and {len(ended)} have ended")
            return
        if step.before.get("state") in OVER:
            return
        if after.get("children", 0) != len(born) or len(ended) != len(born):
            raise step.broken("S8", f"{len(ended)} of {len(born)} children had ended")
        if "lasting" not in after:
            return
        unborn = after["total"] - len(born)
        truth = {name: states.count(name) for name in counts}
        truth["cancelled"] += unborn
        if counts != truth:
            raise step.broken("S8", f"counted {counts}, were {truth}")


def _partition(key: Key, task: str | None) -> str | None:
    """Where another task of the same tenant lies."""
    return None if task is None else f"K#{key[0].split('#', 2)[1]}#{task}"
