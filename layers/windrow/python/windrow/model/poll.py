"""How the poll of a task is answered: its body, its tag, and when the next one is worth while.

Pure, and for the status function and the API alike. A tag is weak and made of what a reader sees,
but for the estimate, which moves with the clock: nothing has changed when nobody could tell.
https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests and RFC 7240 for Prefer.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from windrow.errors import NotFound
from windrow.model.estimate import retry_after
from windrow.model.records import Task
from windrow.model.reply import Reply
from windrow.model.shown import shown_whole

# HTTP APIs give up after 30 s, and a function must be started and read within them, too.
LONGEST_WAIT = timedelta(seconds=20)
TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
WAIT = re.compile(r'\s*wait\s*=\s*(?:"(\d+)"|(\d+))\s*(?:;.*)?', re.IGNORECASE | re.ASCII)
CACHING = {"cache-control": "private, no-cache"}


@dataclass(frozen=True, slots=True)
class Poll:
    """What a poll asks for besides the task.

    seen  the tags in If-None-Match; None where there is none
    wait  how long it would wait for something new, None where it says nothing of that
    """

    seen: frozenset[str] | None = None
    wait: timedelta | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Poll":
        """What the headers of a request ask for, their names in small letters.

        A preference that cannot be read is as if it were not there, as RFC 7240 wants it.
        """
        tags = headers.get("if-none-match")
        return cls(None if tags is None else _tags(tags), _wait(headers.get("prefer", "")))

    def is_met_by(self, task: Task | None, now: datetime) -> bool:
        """Is there what it waits for: another version than was seen, or else the task's end?"""
        if task is None or task.has_expired(now):
            return True
        if self.seen is None:
            return task.state.is_over
        return not self.has_seen(tag(shown_whole(task, now)))

    def has_seen(self, tag: str) -> bool:
        """Does the caller have this version?"""
        return self.seen is not None and bool(self.seen & {"*", tag.removeprefix("W/")})


def answer(task: Task | None, poll: Poll, task_id: str, now: datetime) -> Reply:
    """The answer: 200 with the task, or 304 without a body where the caller has this version.

    Raises NotFound for one that there is not, or not any more.
    """
    if task is None or task.has_expired(now):
        raise NotFound(task_id)
    return asked_again(task, shown_whole(task, now), poll, now)


def asked_again(task: Task, body: Mapping[str, Any], poll: Poll, now: datetime) -> Reply:
    """The same for any body that a task is shown as."""
    headers = {"etag": tag(body), **CACHING}
    if not task.state.is_over:
        headers["retry-after"] = str(retry_after(task, now))
    if poll.wait is not None:
        headers["preference-applied"] = f"wait={poll.wait // timedelta(seconds=1)}"
        headers["vary"] = "Prefer"
    if poll.has_seen(headers["etag"]):
        return Reply(None, 304, headers)
    return Reply(body, headers=headers)


def tag(body: Mapping[str, Any]) -> str:
    """The weak entity tag of a task as it is shown."""
    still = dict(body)
    if isinstance(progress := body.get("progress"), Mapping):
        moving = "estimated_completion_at"
        still["progress"] = {name: said for name, said in progress.items() if name != moving}
    text = json.dumps(still, sort_keys=True, separators=(",", ":"))
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _tags(text: str) -> frozenset[str]:
    return frozenset({"*"} if text.strip() == "*" else TAG.findall(text))


def _wait(text: str) -> timedelta | None:
    """The first `wait` counts."""
    for preference in text.split(","):
        if found := WAIT.fullmatch(preference):
            seconds = (found[1] or found[2])[:9]
            return min(timedelta(seconds=int(seconds)), LONGEST_WAIT)
    return None
