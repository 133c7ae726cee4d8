"""Windrow under the same load: one task, whose effect is made in `context.transact`."""

from tests.reliability.rivals.load import WORKERS, Standing, Work
from tests.simulated.deployment import Deployment
from tests.simulated.time import HOUR
from tests.simulated.world import World
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.submit import Submission, submit
from windrow.model.ref import Ref
from windrow.model.states import State


class Own:
    """A whole deployment, its sweeper included."""

    def __init__(self, world: World, work: Work) -> None:
        self.work = work
        self.refs: dict[str, Ref] = {}
        # The queues of the others deliver ten times.
        retry = RetryPolicy(attempts=10)

        @task("work", retry=retry)
        def do(context: Context) -> None:
            work.ask(context.clock, context.task_id)
            context.transact("effect", [{"Update": work.effect(context.task_id)}])

        self.deployment = Deployment(world, Registry([do]), workers=WORKERS)

    def submit(self, name: str) -> None:
        """Its effect is counted under the id that the engine gave it."""

        def told(_caller: str, answer: Submission | Exception) -> None:
            if isinstance(answer, Submission):
                ref = answer.task.ref
                self.refs[ref.task] = ref
                self.work.accepted.add(ref.task)

        self.deployment.ask(lambda engine: submit(engine, "work"), told=told)

    def settle(self) -> None:
        self.deployment.calm()
        self.deployment.run_until_quiet(26 * HOUR)

    def standing(self, name: str) -> Standing:
        record = self.deployment.engine.records.task(self.refs[name])
        if record is None:
            return Standing.UNKNOWN
        if not record.state.is_over:
            return Standing.WAITS
        return Standing.DONE if record.state is State.SUCCEEDED else Standing.FAILED
