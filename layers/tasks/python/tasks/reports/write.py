"""Write a report: drawn, stored under the task's own name, and a link to it.

For other applications: `write(context, document, PDF)` makes the report of whatever task runs.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.reports.document import Document
from tasks.reports.names import CSV, EXCEL, PDF, Form
from tasks.reports.settings import Settings
from tasks.reports.store import ReportStore, key
from windrow import Context

# A link is followed at once; who comes later asks the route for another one.
LINK = timedelta(hours=1)
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Written:
    """A report that lies in the bucket: its file's name, its size, and a link until `expires`."""

    file: str
    size: int
    url: str
    expires: datetime


def write(context: Context, document: Document, form: Form, *, file: str | None = None) -> Written:
    """Draw a document and store it as the report of the task that runs.

    A task has one report of each form; a second attempt writes the same bytes in its place. `file`
    is what browsers save it as, with the form's own end; without, it is made from the title.
    """
    body = rendered(document, form)
    name = file_name(file or document.title, form)
    place = key(context.tenant, context.task_id, form)
    ReportStore(context.aws, Settings.from_environment().bucket).put(place, body, form, name)
    url = context.engine.bucket.url(place, LINK)
    return Written(name, len(body), url, context.clock.now() + LINK)


def rendered(document: Document, form: Form) -> bytes:
    """The bytes of a document in a form. The libraries are imported when they are needed."""
    if form == PDF:
        from tasks.reports.pdf import drawing

        return drawing(document)
    if form == EXCEL:
        from tasks.reports.excel import written

        return written(document)
    if form == CSV:
        from tasks.reports.csv_text import written

        return written(document)
    raise AssertionError(form)


def file_name(wanted: str, form: Form) -> str:
    """A name that every system takes: ASCII letters, digits, - and _, and the form's end."""
    stem = wanted.removesuffix(f".{form.suffix}")
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:LONGEST_NAME]
    return f"{plain or 'report'}.{form.suffix}"
