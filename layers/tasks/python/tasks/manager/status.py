"""How a poll of any task is answered at the path that seeds 001 and 004 share."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tasks.articles import dialect as articles
from tasks.manager import dialect as manager
from windrow.model.records import Task
from windrow.model.reply import Reply
from windrow.model.shown import shown_whole
from windrow.store.polled import Asked, Polled, Routes

type Render = Callable[[Task, datetime], dict[str, Any]]

TASK = "/api/tasks/{id}"
VIEWS: Mapping[str, Render] = {
    "articles": articles.render,
    "tasks": manager.render,
    "native": shown_whole,
}
NOT_FOUND = Reply({"detail": "Task not found"}, 404)


def answer(asked: Asked) -> Reply:
    """The task in the words of the seed that it comes from, or in those that `view` names."""
    if wrong := _wrong(asked.query):
        return Reply({"detail": wrong}, 422)
    task = asked.task()
    if task is None:
        return NOT_FOUND
    view = asked.query.get("view") or _own_view(task)
    return asked.shown(task, VIEWS[view](task, asked.now))


def _own_view(task: Task) -> str:
    return "articles" if task.name.startswith("articles.") else "tasks"


def _wrong(query: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is wrong with the query, as FastAPI would say it."""
    wrong = [_error(name, "no parameter of this name") for name in query if name != "view"]
    if query.get("view", "native") not in VIEWS:
        wrong.append(_error("view", f"must be one of {', '.join(VIEWS)}"))
    return wrong


def _error(name: str, expected: str) -> dict[str, Any]:
    return {"type": "value_error", "loc": ["query", name], "msg": expected}


polled = Polled(answer, says="detail")
routes: Routes = {f"GET {TASK}": polled}
