"""What became of a record that is over."""

from windrow.model.explanation.facts import Explanation, Fact, Facts, Reason
from windrow.model.explanation.words import many, when, why
from windrow.model.records import Task
from windrow.model.states import State

# What the engine itself gives up for is a whole sentence; an author's error needs its name.
OWN = ("DeadlinePassed", "NotStarted", "Crashed", "MapFailed")


def ended(facts: Facts) -> Explanation:
    """How it ended, when, and why."""
    record, now = facts.record, facts.now
    at = when(record.ended or now, now)
    known: dict[str, Fact] = {"attempts": record.attempt}
    if record.ended:
        known["ended_at"] = record.ended
    if record.error:
        known |= {"error": record.error.kind, "message": record.error.message}
    match record.state:
        case State.SUCCEEDED:
            return Explanation(Reason.SUCCEEDED, f"It succeeded at {at}{_errors(facts)}.", known)
        case State.CANCELLED:
            return Explanation(Reason.CANCELLED, f"It was cancelled at {at}{_asked(facts)}.", known)
        case _:
            return Explanation(Reason.FAILED, f"It failed at {at}{_because(facts)}.", known)


def _errors(facts: Facts) -> str:
    record = facts.record
    if not isinstance(record, Task):
        return ""
    parts = []
    if record.lost_children:
        lost, born = record.lost_children, many(record.children, "task")
        parts.append(f"{lost:,} of the {born} that it is made of did not")
    elif record.has_errors:
        failed, total = record.progress.failed, record.progress.total
        parts.append(f"{failed:,} of its {many(total, 'item')} failed")
    if record.error:
        parts.append(f"its best-effort finish failed with {why(record.error)}")
    return f", but {' and '.join(parts)}" if parts else ""


def _asked(facts: Facts) -> str:
    record, now = facts.record, facts.now
    if record.started is None:
        return ", before it had started"
    if record.cancel_requested is None:
        return ", while it waited for another attempt"
    return f", as was asked at {when(record.cancel_requested, now)}"


def _because(facts: Facts) -> str:
    record = facts.record
    tried = f" after {many(record.attempt, 'attempt')}" if record.attempt else " before any attempt"
    if record.error is None:
        return tried
    if record.error.kind in OWN:
        return f"{tried}: {record.error.message.rstrip('.')}"
    return f"{tried}, because of {why(record.error)}"
