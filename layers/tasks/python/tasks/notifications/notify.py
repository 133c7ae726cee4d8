"""The task that tells: each channel once, and none of them kept from it by another's failure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from tasks.mail import names as mail
from tasks.mail.send import RETRY, send
from tasks.mail.templates import written
from tasks.notifications import names
from tasks.notifications.outbox import Outbox, Told
from tasks.notifications.params import Notification
from tasks.notifications.settings import Settings
from tasks.notifications.topic import publish
from windrow import Context, task
from windrow.errors import WindrowError, is_retryable


class NotDelivered(WindrowError):
    """Some channel will not take a notification; the others have it."""


class NotYetDelivered(WindrowError):
    """Some channel has not taken a notification; the others have it, and get no second one."""

    retryable: ClassVar[bool] = True


@task(names.TASK, params=Notification, retry=RETRY, pool=mail.POOL)
def notify(context: Context, params: Notification) -> dict[str, Any]:
    """Tell the outbox, the mail address and the topic that there are.

    Webhooks are told by the end of this task, as of any task's, and find what it says in its
    result. A channel that fails, in whatever way, is asked again by the next attempt; a mail or a
    topic that has it is not, for that is a step of the task. What ends the attempt itself (it was
    overtaken, or its steps cannot be kept) is an Ending, which passes. Raises NotDelivered,
    NotYetDelivered.
    """
    channels = _channels(context, params, Settings.from_environment())
    failed: dict[str, Exception] = {}
    for name, tell in channels.items():
        try:
            tell()
        except Exception as error:  # noqa: BLE001 - of whatever kind, it is this channel's own
            failed[name] = error
    if failed:
        context.logger.warning("notification.undelivered", extra={"channels": [*failed]})
        raise _failure(failed) from next(iter(failed.values()))
    return {"title": params.title, "message": params.message, "channels": [*channels]}


def _channels(
    context: Context, params: Notification, settings: Settings
) -> Mapping[str, Callable[[], object]]:
    """What is told, and how, in this order."""
    outbox = Outbox(context.aws, settings.table, context.tenant)
    # The first attempt's time: each attempt puts the same row, so there is one however many do.
    at = datetime.fromisoformat(context.once("time", context.clock.now().isoformat))
    told = Told(context.task_id, params.title, params.message, at)
    channels: dict[str, Callable[[], object]] = {"outbox": lambda: outbox.put(told)}
    if to := params.email or settings.email:
        channels["email"] = lambda: send(
            context,
            written("notification", to, subject=params.title, message=params.message),
            step="email",
        )
    if topic := settings.topic:
        channels["topic"] = lambda: context.once(
            "topic",
            lambda: publish(
                context.aws,
                topic,
                title=params.title,
                message=params.message,
                task_id=context.task_id,
            ),
        )
    return channels


def _failure(failed: Mapping[str, Exception]) -> NotDelivered | NotYetDelivered:
    said = " ".join(f"{name}: {error}" for name, error in failed.items())
    kind = NotYetDelivered if any(map(is_retryable, failed.values())) else NotDelivered
    return kind(f"Not all channels took the notification. {said}")
