"""Send a mail from within a task, once."""

from datetime import timedelta

from tasks.mail import ses
from tasks.mail.letter import Letter, numbered
from tasks.mail.message import Message
from tasks.mail.settings import Settings
from windrow import Context, RetryPolicy

STEP = "mail"
# Seed 004's tasks are tried three times more, a minute apart at first, with backoff and jitter.
RETRY = RetryPolicy(attempts=4, base=timedelta(seconds=60), cap=timedelta(minutes=10))


def send(context: Context, message: Message, *, step: str = STEP) -> None:
    """Send a mail, and keep that it is sent: a later attempt of this task does not send it again.

    A task that sends several gives each a `step` of its own. Between the provider's yes and the
    note of it lies a moment: a worker that dies there leaves the next one to send the mail again,
    with the same Message-ID (over SMTP) and the same X-Windrow-Mail, and SES's tag `windrow-task`.
    Raises MailRefused where another try would not help, MailDeferred where it would, and
    ConfigurationError.
    """
    settings = Settings.from_environment()
    number = numbered(context.task_id, f"{context.idempotency_key}/{step}")
    letter = Letter(message, settings.sender, context.task_id, number)

    def hand_over() -> str:
        taken = _handed(context, settings, letter)
        context.logger.info("mail.sent", extra={"mail": number, "provider_id": taken})
        return taken

    context.once(step, hand_over)


def _handed(context: Context, settings: Settings, letter: Letter) -> str:
    if settings.relay is None:
        return ses.send(context.aws, letter)
    # Here, for most deployments send through SES, and the library of SMTP takes 20 ms to import.
    from tasks.mail import smtp

    return smtp.send(settings.relay, letter, context.clock, context.deadline)
