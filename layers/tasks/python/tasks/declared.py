"""Every task of this deployment.

The doors of the API, the scheduler and the workers import this: no task's module may import at its
top what only a worker needs (Pillow, an HTTP client, dictionaries).
"""

import os

from tasks.analytics import declared as analytics
from tasks.articles.extract import extract
from tasks.cleanup import tasks as cleanup
from tasks.countries.refresh import refresh
from tasks.countries.settings import check
from tasks.examples import declared as examples
from tasks.mail import emails
from tasks.notifications.notify import notify
from tasks.reports import generate as reports
from windrow.engine.registry import Registry

# A worker that could not refresh must not start, and of what its door imports only this is ours: a
# wrong setting then shows at its start, not in the middle of a refresh. The doors that are told of
# no upstream (their environment has no COUNTRIES_UPSTREAM) refresh nothing, and pass.
check(os.environ)

registry = Registry(
    [
        extract,
        notify,
        refresh,
        *analytics.tasks,
        *cleanup.tasks,
        *emails.tasks,
        *examples.tasks,
        *reports.tasks,
    ]
)
