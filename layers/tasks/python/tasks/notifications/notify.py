"""The task that tells: each channel once, and none of them kept from it by another's failure."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tasks.mail import names as mail
from tasks.mail.errors import MailDeferred, MailRefused
from tasks.mail.send import RETRY, send
from tasks.mail.templates import written
from tasks.notifications import names
from tasks.notifications.outbox import Outbox, Told
from tasks.notifications.params import Notification
from tasks.notifications.settings import Settings
from tasks.notifications.topic import TopicDeferred, TopicRefused, publish
from windrow import Context, task
from windrow.errors import ConfigurationError, WindrowError

FAILURES = (MailRefused, MailDeferred, TopicRefused, TopicDeferred, ConfigurationError)


class NotDelivered(WindrowError):
    """Some channel will not take a notification; the others have it."""


class NotYetDelivered(WindrowError):
    """Some channel has not taken a notification; the others have it, and are not asked again."""

    retryable: ClassVar[bool] = True


@task(names.TASK, params=Notification, retry=RETRY, pool=mail.POOL)
def notify(context: Context, params: Notification) -> dict[str, Any]:
    """Tell the outbox, the mail address and the topic that there are.

    Webhooks are told by the end of this task, as of any task's, and find what it says in its
    result. A channel that fails is asked again by the next attempt, and it alone: what the others
    have done is a step of the task. Raises NotDelivered, NotYetDelivered.
    """
    channels = _channels(context, params, Settings.from_environment())
    failed: dict[str, WindrowError] = {}
    for name, tell in channels.items():
        try:
            tell()
        except FAILURES as error:
            failed[name] = error
    if failed:
        context.logger.warning("notification.undelivered", extra={"channels": [*failed]})
        raise _failure(failed)
    return {"title": params.title, "message": params.message, "channels": [*channels]}


def _channels(
    context: Context, params: Notification, settings: Settings
) -> Mapping[str, Callable[[], object]]:
    """What is told, and how, in this order; each is a step that is done once."""
    outbox = Outbox(context.aws, settings.table, context.tenant)
    told = Told(context.task_id, params.title, params.message, context.clock.now())
    channels: dict[str, Callable[[], object]] = {
        "outbox": lambda: context.transact("outbox", [outbox.row(told)])
    }
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


def _failure(failed: Mapping[str, WindrowError]) -> NotDelivered | NotYetDelivered:
    said = " ".join(f"{name}: {error}" for name, error in failed.items())
    kind = NotYetDelivered if any(each.retryable for each in failed.values()) else NotDelivered
    return kind(f"Not all channels took the notification. {said}")
