"""/v1/batches, /v1/groups and /v1/chains: several tasks by one request."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue

from windrow.api.idempotency import IdempotencyKey
from windrow.api.v1.caller import Tenant, TimeLeft
from windrow.api.v1.counted import Counting
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Body, Instant, ProblemDetails, Shown, duration
from windrow.api.v1.tasks import ACCEPTED, Accepted, NewTask, Wanted, accepted
from windrow.engine.compose import submit_chain, submit_group
from windrow.engine.engine import Engine
from windrow.engine.submit import Submission
from windrow.engine.submit_many import MOST, Answer, submit_many
from windrow.errors import NotTried, WindrowError
from windrow.model.draft import Draft
from windrow.model.problem import problem_of
from windrow.model.shown import present, shown
from windrow.model.terms import FARTHEST, LONGEST, MOST_RETRIES

# A batch ends so long before its function: a call that nobody answers takes six seconds, and then
# there is the answer to be written.
RESERVE = timedelta(seconds=8)
LETTERS: JsonValue = {
    "tasks": [
        {"task": "letter.send", "params": {"to": "Ada"}},
        {"task": "letter.send", "params": {"to": "Bob"}, "delay_seconds": 60},
    ]
}
LETTERS_AND_A_CALLBACK: JsonValue = {
    "tasks": [
        {"task": "letter.send", "params": {"to": "Ada"}},
        {"task": "letter.send", "params": {"to": "Bob"}},
    ],
    "callback": {"task": "letters.report"},
}
STEPS: JsonValue = {
    "tasks": [
        {"task": "picture.draw", "params": {"of": "a hedge"}},
        {"task": "picture.frame", "into": "picture"},
    ]
}


class Part(Wanted):
    """A task that is a part of a group or of a chain."""

    into: str | None = Field(
        default=None,
        description="The field of its params that takes the result of the step before it; of a"
        " callback: the summary of what has ended",
        min_length=1,
        max_length=255,
    )
    delay_seconds: float | None = Field(
        default=None,
        description="How long it waits at least once its turn has come",
        ge=0,
        le=FARTHEST.total_seconds(),
    )
    max_retries: int | None = Field(
        default=None,
        description="How many attempts may follow the first, instead of what its policy says",
        ge=0,
        le=MOST_RETRIES,
    )

    def draft(self) -> Draft:
        """The same as the engine takes it."""
        return Draft(
            self.task,
            self.params,
            delay=duration(self.delay_seconds),
            start_within=duration(self.start_within_seconds),
            deadline=duration(self.deadline_seconds),
            priority=self.priority,
            into=self.into,
            max_retries=self.max_retries,
        )


class NewBatch(Body):
    """Tasks that have nothing to do with each other."""

    model_config = ConfigDict(json_schema_extra={"examples": [LETTERS]})

    tasks: list[NewTask] = Field(min_length=1, max_length=MOST)


class Composition(Body):
    """What a group and a chain share."""

    tasks: list[Part] = Field(min_length=1, max_length=MOST)
    callback: Part | None = Field(default=None, description="Begins when all have ended, however")
    delay_seconds: float | None = Field(
        default=None, description="How long all wait at least", ge=0, le=FARTHEST.total_seconds()
    )
    at: Instant | None = Field(
        default=None, description="When the first may start, instead of a delay"
    )
    deadline_seconds: float | None = Field(
        default=None,
        description="By when all have ended, one way or another",
        gt=0,
        le=LONGEST.total_seconds(),
    )

    def options(self) -> dict[str, Any]:
        """What the verbs of both take."""
        return {
            "drafts": [part.draft() for part in self.tasks],
            "callback": self.callback.draft() if self.callback else None,
            "delay": duration(self.delay_seconds),
            "at": self.at,
            "deadline": duration(self.deadline_seconds),
        }


class NewGroup(Composition):
    """Tasks that run side by side and end as one."""

    model_config = ConfigDict(json_schema_extra={"examples": [LETTERS_AND_A_CALLBACK]})

    all_must_succeed: bool = Field(
        default=False, description="It fails when one has not succeeded, not only when none has"
    )


class NewChain(Composition):
    """Tasks of which each begins when the one before it has succeeded."""

    model_config = ConfigDict(json_schema_extra={"examples": [STEPS]})


class BatchEntry(Shown):
    """What became of one of the tasks: it is stored, or there is a problem with it alone.

    A problem of the type `urn:problem-type:windrow:not-tried` says that there was no time left for
    it: send the request again with its `Idempotency-Key`, and it goes on there.
    """

    task: Accepted | None = None
    problem: ProblemDetails | None = None


class BatchAccepted(Shown):
    """The tasks in the order of the request."""

    accepted: int
    refused: int = Field(description="Those with a problem, whatever it is")
    not_tried: int | None = Field(
        default=None, description="Those of them for which there was no time: send all again"
    )
    tasks: list[BatchEntry]


def router(engine: Engine) -> APIRouter:
    """The routes of batches, groups and chains."""
    made = APIRouter()
    for noun in (_batches, _groups, _chains):
        made.include_router(noun(engine))
    return made


def _batches(engine: Engine) -> APIRouter:
    made = native_router("batches")

    @made.post(
        "",
        status_code=202,
        summary="Submit up to 1,000 tasks",
        response_model=BatchAccepted,
        responses={202: {"description": "Those with a task are stored"}},
    )
    def submit_batch(
        body: NewBatch, tenant: Tenant, key: IdempotencyKey, left: TimeLeft, count: Counting
    ) -> JSONResponse:
        """Stores each task by itself. When one of them is wrong, none is stored.

        Sent again with the same `Idempotency-Key` those that are there are met, and those that
        could not be stored are: also those for which there was no time before.
        """
        count(engine, len(body.tasks))
        until = engine.clock.now() + left - RESERVE
        drafts = [Draft(each.task, each.params, **each.terms()) for each in body.tasks]
        answers = submit_many(engine, drafts, tenant=tenant, key=key, until=until)
        return _answered(engine, answers)

    return made


def _groups(engine: Engine) -> APIRouter:
    made = native_router("groups")

    @made.post(
        "",
        status_code=202,
        summary="Submit a group",
        response_model=Accepted,
        responses={**ACCEPTED, **documented(422)},
    )
    def create_group(
        body: NewGroup, tenant: Tenant, key: IdempotencyKey, count: Counting
    ) -> JSONResponse:
        """A group is a task that ends when all of its tasks have, and then begins its callback.

        It is polled, cancelled and tried again as any task; its `children` are its tasks.
        """
        count(engine, len(body.tasks))
        options = body.options() | {"all_must_succeed": body.all_must_succeed}
        submission = submit_group(engine, tenant=tenant, key=key, **options)
        return accepted(submission, engine.clock.now())

    return made


def _chains(engine: Engine) -> APIRouter:
    made = native_router("chains")

    @made.post(
        "",
        status_code=202,
        summary="Submit a chain",
        response_model=Accepted,
        responses={**ACCEPTED, **documented(422)},
    )
    def create_chain(
        body: NewChain, tenant: Tenant, key: IdempotencyKey, count: Counting
    ) -> JSONResponse:
        """A chain is a task whose steps follow each other; its result is that of the last one.

        A step that fails ends it, with a reason that names the step; tried again, it goes on there.
        """
        count(engine, len(body.tasks))
        submission = submit_chain(engine, tenant=tenant, key=key, **body.options())
        return accepted(submission, engine.clock.now())

    return made


def _answered(engine: Engine, answers: Sequence[Answer]) -> JSONResponse:
    """202 with each answer in its place; when nothing is stored, the problem that there is."""
    errors = [answer for answer in answers if isinstance(answer, WindrowError)]
    if len(errors) == len(answers):
        raise errors[0]
    not_tried = sum(isinstance(error, NotTried) for error in errors)
    body = present(
        accepted=len(answers) - len(errors),
        refused=len(errors),
        not_tried=not_tried or None,
        tasks=[_entry(engine, answer) for answer in answers],
    )
    return JSONResponse(body, status_code=202)


def _entry(engine: Engine, answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Submission):
        task = shown(answer.task, engine.clock.now())
        return {"task": task | present(is_met=answer.is_met or None)}
    return {"problem": problem_of(answer).body("/v1/batches")}
