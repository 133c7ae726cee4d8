"""How a poll of the refresh is answered, by the status function and by the API alike."""

from functools import partial

from tasks.countries import dialect
from tasks.countries.names import COUNTRIES, PREFIXES, REFRESH_STATUS, TASK
from windrow.model.ref import DEFAULT_TENANT
from windrow.model.reply import Reply
from windrow.store.polled import Asked, Polled, Routes

RETRY_AFTER = "2"


def answer(prefix: str, asked: Asked) -> Reply:
    """The state of the newest refresh, and where to look next: here again, or at the countries."""
    body = dialect.status(asked.latest.task(DEFAULT_TENANT, TASK))
    if not body["is_running"]:
        return Reply(body, headers={"location": prefix + COUNTRIES})
    return Reply(body, headers={"location": prefix + REFRESH_STATUS, "retry-after": RETRY_AFTER})


routes: Routes = {
    f"GET {prefix}{REFRESH_STATUS}": Polled(partial(answer, prefix)) for prefix in PREFIXES
}
