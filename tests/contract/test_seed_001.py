"""Seed 001, as it was given to us (seeds/001.md), against the answers of the real handlers.

Its answers are compared as text: keys and their order, types, values. Where it writes "..." ours
may have more. The clock stands where the seed's clock stood; only the task's id is another.
"""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.articles import URL, Press, answered, press, sample, story
from tests.harness import Response

pytestmark = pytest.mark.xdist_group("dictionaries")

SEED = (Path(__file__).parent / "seeds" / "001.md").read_text("utf-8")
HALF_PAST_TEN = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)


def examples() -> list[Any]:
    """The four answers of its JSON block, whose comments name them; [...] stands for a list."""
    (block,) = re.findall(r"```json\n(.*?)```", SEED, re.DOTALL)
    return [json.loads(part.replace("[...]", "[]")) for part in re.split(r"// .*\n", block)[1:]]


PENDING, IN_PROGRESS, COMPLETED, FAILED = examples()
(BASH,) = re.findall(r"```bash\n(.*?)```", SEED, re.DOTALL)
EXTRACT, POLL = [
    shlex.split(line.replace("\\\n", ""), comments=True)
    for line in re.findall(r"curl (?:.|\\\n)*?(?<!\\)\n", BASH)
]
FLOW_BODY = re.search(r"Body: (\{.*\})", SEED)
NOT_FOUND = re.search(r'HTTPException\(status_code=(\d+), detail="(.*)"\)', SEED)


@pytest.fixture
def stand() -> Iterator[Press]:
    with press() as made:
        made.deployment.clock.advance(HALF_PAST_TEN - made.deployment.clock.now())
        yield made


def wait(stand: Press, seconds: int) -> None:
    """Until so many seconds after it began; between robots.txt and page one goes by itself."""
    until = HALF_PAST_TEN + timedelta(seconds=seconds - 1)
    stand.deployment.clock.advance(until - stand.deployment.clock.now())


def text(answer: Any, task_id: str) -> str:
    """An answer as it is written, under the seed's id."""
    assert answer["task_id"] in (task_id, "abc-123")
    return json.dumps({**answer, "task_id": "abc-123"}, indent=1)


def asked(stand: Press, command: list[str]) -> Response:
    """What a line for curl asks, of the deployment in this process."""
    options = dict(pairwise(command))
    url = next(word for word in command if word.startswith("http://"))
    path = url.removeprefix("http://localhost:8000")
    name, _, value = options.get("-H", "content-type: none").partition(": ")
    return stand.deployment.http(
        options.get("-X", "GET"),
        path,
        body=options.get("-d"),
        headers={name.lower(): value} if "-H" in options else {},
    )


def test_a_task_is_pending_until_a_worker_has_it(stand: Press) -> None:
    answer = stand.post(json.dumps({"url": URL}))

    task_id = answer.json()["task_id"]
    assert answer.status == 200
    assert text(answer.json(), task_id) == text(PENDING, task_id)
    assert text(stand.poll(task_id), task_id) == text(PENDING, task_id)


def test_a_task_that_runs_is_in_progress(stand: Press) -> None:
    seen: list[Any] = []
    task_id = stand.start()

    def look(_request: Any) -> Any:
        seen.append(stand.poll(task_id))
        return answered(403)

    stand.deployment.services.invoked.functions["egress"] = look
    stand.deployment.pump()

    assert text(seen[0], task_id) == text(IN_PROGRESS, task_id)


def test_a_completed_task_says_how_many_words_are_new_and_how_many_updated(stand: Press) -> None:
    stand.web.pages[URL] = [sample("en")]
    stand.web.pages[f"{URL}/2"] = [
        story(
            "The library of our village has a new drill, and nobody knows who has brought it.",
            "An orchestra of pensioners played beneath the chestnut trees until a thunderstorm.",
            "The caretaker swept the courtyard and the gardener watered the strawberries.",
        )
    ]
    stand.deployment.clock.advance(-timedelta(hours=1))
    stand.extract(word_count=2)
    stand.deployment.clock.advance(HALF_PAST_TEN - stand.deployment.clock.now())

    task_id = stand.start(f"{URL}/2", word_count=8)
    wait(stand, 25)
    stand.deployment.pump()
    shown = stand.poll(task_id)

    result = shown["result"]
    assert list(result)[:3] == list(COMPLETED["result"])
    assert isinstance(result["words"], list)
    # The return statement of the seed has one key more than its example.
    assert list(result)[3] == "source_url"
    shown["result"] = {key: result[key] for key in COMPLETED["result"]} | {"words": []}
    assert text(shown, task_id) == text(COMPLETED, task_id)


def test_a_failed_task_says_why_in_the_seeds_words(stand: Press) -> None:
    stand.web.pages[URL] = [answered(403)]
    task_id = stand.start()
    wait(stand, 5)
    stand.deployment.pump()

    assert text(stand.poll(task_id), task_id) == text(FAILED, task_id)


def test_an_unknown_task_is_not_found(stand: Press) -> None:
    assert NOT_FOUND is not None
    answer = stand.deployment.http("GET", "/api/tasks/abc-123")

    assert answer.status == int(NOT_FOUND[1])
    assert answer.json() == {"detail": NOT_FOUND[2]}


def test_the_lines_for_curl_start_a_task_and_poll_it(stand: Press) -> None:
    started = asked(stand, EXTRACT)

    polled = asked(
        stand, [word.replace("YOUR-TASK-ID", started.json()["task_id"]) for word in POLL]
    )
    assert (started.status, polled.status) == (200, 200)
    assert started.json() == polled.json()


def test_the_body_of_the_complete_flow_is_accepted(stand: Press) -> None:
    assert FLOW_BODY is not None

    assert stand.post(FLOW_BODY[1]).json()["status"] == "pending"


def test_the_seed_shows_four_states_and_we_have_no_others() -> None:
    (states,) = re.findall(r"class TaskStatusEnum.*?```", SEED, re.DOTALL)

    assert re.findall(r'= "(\w+)"', states) == [
        each["status"] for each in (PENDING, IN_PROGRESS, COMPLETED, FAILED)
    ]
