"""What a failed attempt leads to: a wait and another one, or the end, and why."""

from dataclasses import dataclass, replace
from datetime import timedelta

from windrow.engine.completed import completed
from windrow.engine.context import Context
from windrow.engine.definition import Definition
from windrow.engine.engine import Engine
from windrow.engine.signals import STOPS, Ending
from windrow.errors import Retry
from windrow.model.records import Chunk, Failure, Task
from windrow.model.retry import GIVE_UP, Decision, RetryPolicy
from windrow.model.retry_after import asked_wait


@dataclass(frozen=True, slots=True)
class Verdict:
    """How long to wait for the next attempt, None to give up; and the reason to keep then."""

    delay: timedelta | None
    reason: Failure


def judge(
    engine: Engine,
    definition: Definition,
    context: Context,
    record: Task | Chunk,
    error: BaseException,
) -> Verdict:
    """Ask the error hook, then the task's policy, and hold what they say against the deadline, and
    against the retries that its submission allows, if it said how many.

    What the error itself asks for is waited for at the least; exactly that, where the task raised
    Retry and no hook decided. No wait reaches beyond the task's deadline: there is no time for
    another attempt then, so this one's reason is kept.
    """
    wish = _of_hook(engine, definition, context, record, error)
    decided = _of_policy(engine, definition, record, error) if wish is None else wish
    reason = Failure.of(error)
    if isinstance(decided, Decision) or _has_no_retry_left(record):
        return Verdict(None, reason)
    now = engine.clock.now()
    asked = asked_wait(error, now)
    if asked is None:
        return Verdict(decided if now + decided < record.deadline else None, reason)
    delay = asked if isinstance(error, Retry) and wish is None else max(decided, asked)
    if now + delay < record.deadline:
        return Verdict(delay, reason)
    if now + asked >= record.deadline:
        until = f"{now + asked:%Y-%m-%d %H:%M:%S}Z"
        told = f"{reason.message} (It asked to wait until {until}, after the task's deadline.)"
        reason = replace(reason, message=told)
    return Verdict(None, reason)


def _has_no_retry_left(record: Task | Chunk) -> bool:
    return record.max_retries is not None and record.failures >= record.max_retries


def _of_hook(
    engine: Engine,
    definition: Definition,
    context: Context,
    record: Task | Chunk,
    error: BaseException,
) -> timedelta | Decision | None:
    if definition.on_error is None:
        return None
    try:
        answer = completed(definition.on_error(context, error))
        if isinstance(answer, timedelta):
            return max(answer, timedelta())
        if answer is None or isinstance(answer, Decision):
            return answer
        raise TypeError(f"on_error answered {answer!r}; it may be a timedelta, GIVE_UP or None.")
    except (Ending, *STOPS):
        raise
    except BaseException as mistake:
        # The hook's own mistake must not decide over the task.
        engine.telemetry.warning("hook.failed", error=mistake, **record.ref.ids)
        return None


def _of_policy(
    engine: Engine, definition: Definition, record: Task | Chunk, error: BaseException
) -> timedelta | Decision:
    failures = record.failures + 1
    policy = definition.retry
    if not isinstance(policy, RetryPolicy):
        try:
            answer = policy(error, failures)
            if answer is None:
                return GIVE_UP
            if isinstance(answer, timedelta):
                return max(answer, timedelta())
            raise TypeError(f"retry answered {answer!r}; it may be a timedelta, or None.")
        except (Ending, *STOPS):
            raise
        except BaseException as mistake:
            engine.telemetry.warning("hook.failed", error=mistake, **record.ref.ids)
            policy = RetryPolicy()
    attempts = None if record.max_retries is None else record.max_retries + 1
    delay = policy.delay(error, failures, engine.random.random(), attempts=attempts)
    return GIVE_UP if delay is None else delay
