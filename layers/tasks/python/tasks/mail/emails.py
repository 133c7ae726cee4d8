"""The tasks that send mail: seed 004's three, and one for any mail."""

from tasks.mail import names
from tasks.mail.files import read
from tasks.mail.message import Message
from tasks.mail.params import Confirmation, Mail, Notification
from tasks.mail.send import RETRY, send
from tasks.mail.templates import written
from windrow import Context, task

type Result = dict[str, str]

# As seed 004 shows it.
SENT = {"status": "success", "message": "Email sent successfully"}


@task(
    names.CONFIRMATION,
    params=Confirmation,
    retry=RETRY,
    priority=names.PRIORITY,
    pool=names.POOL,
)
def send_confirmation(context: Context, params: Confirmation) -> Result:
    """Confirm that a First Information Report was registered."""
    return _confirmed(context, params)


# The document calls it by the one name, the code behind it by the other.
@task(
    names.FIR_CONFIRMATION,
    params=Confirmation,
    retry=RETRY,
    priority=names.PRIORITY,
    pool=names.POOL,
)
def send_fir_confirmation(context: Context, params: Confirmation) -> Result:
    """The same."""
    return _confirmed(context, params)


@task(
    names.NOTIFICATION,
    params=Notification,
    retry=RETRY,
    priority=names.PRIORITY,
    pool=names.POOL,
)
def send_notification(context: Context, params: Notification) -> Result:
    """Tell somebody something, in plain text."""
    mail = written(
        "notification", params.recipient_email, subject=params.subject, message=params.message
    )
    send(context, mail)
    return SENT


@task(
    names.MESSAGE,
    params=Mail,
    retry=RETRY,
    priority=names.PRIORITY,
    pool=names.POOL,
)
def send_message(context: Context, params: Mail) -> Result:
    """Send any mail, with files."""
    mail = Message(
        to=params.to,
        subject=params.subject,
        text=params.text,
        html=params.html,
        attachments=read(context, params.attachments),
        reply_to=params.reply_to,
    )
    send(context, mail)
    return SENT


def _confirmed(context: Context, params: Confirmation) -> Result:
    send(context, written("confirmation", params.recipient_email, fir_id=params.fir_id))
    return SENT


tasks = (send_confirmation, send_fir_confirmation, send_notification, send_message)
