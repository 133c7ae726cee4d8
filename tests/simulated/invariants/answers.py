"""What the API may answer: S10, S16 and S17, over HTTP."""

from tests.simulated.dynamodb.schema import Key
from tests.simulated.http import Answer
from tests.simulated.invariants.step import Step, violation
from tests.simulated.world import World


class Answers:
    """S10  who is refused with 422 has written nothing
    S16  a task that is accepted with 202 is there
    S17  no answer of 500 or more to a request whose calls met no fault; else 503 with Retry-After,
         and never after a write that the function could know of

    A function that loses the answer to its write and cannot read either knows of no write: two
    faults of one request excuse it. A pool that drains may be refused whatever AWS does.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[str, Key] = {}
        self._there: set[str] = set()

    def check(self, step: Step) -> None:
        """Learn who made which task."""
        if not step.before:
            self._made[step.actor] = step.key
            self._there.add(step.key[0])

    def answered(self, answer: Answer) -> None:
        """Judge an answer to a request. One that is accepted names its task."""
        made = self._made.pop(answer.caller, None)
        if answer.status == 202 and f"K#default#{answer.body['task']}" not in self._there:
            raise self._broken("S16", answer, "it is not there")
        if answer.status == 422 and made is not None:
            raise self._broken("S10", answer, f"it wrote {made}")
        if answer.status < 500:
            return
        if answer.status != 503 or "retry-after" not in answer.headers:
            raise self._broken("S17", answer, "it should be 503 with Retry-After")
        if "draining" in answer.body["error"]:
            return
        if not self._world.struck[answer.caller]:
            raise self._broken("S17", answer, "AWS works for it")
        if made is not None and self._world.struck[answer.caller] < 2:
            raise self._broken("S17", answer, f"it wrote {made}")

    def _broken(self, name: str, answer: Answer, why: str) -> BaseException:
        told = f"{answer.caller} was answered {answer.status} {answer.body}"
        return violation(self._world, name, f"{told}: {why}")
