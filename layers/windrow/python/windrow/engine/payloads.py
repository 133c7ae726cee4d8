"""Payloads: params and results that are too large for a record go to the bucket, and come back.

An object is written before the record that names it, and its name is one that nobody else writes
for anything else: of params it holds their fingerprint, of a result the attempt that made it. So
whoever was overtaken, or brought other params with the same key, replaces nothing.
"""

import json
from datetime import datetime
from typing import Any

from windrow.aws.errors import ServiceError
from windrow.engine.engine import Engine
from windrow.errors import ObjectChanged
from windrow.model.payload import (
    INLINE_PARAMS,
    INLINE_RESULT,
    fingerprint,
    fingerprint_of,
    is_same_request,
    object_key,
)
from windrow.model.records import Task
from windrow.model.ref import Ref

CONTENT_TYPE = "application/json"


def keep_params(engine: Engine, ref: Ref, text: str, until: datetime) -> tuple[str, str | None]:
    """What a record holds of these params: the text, or {} and the key of their object."""
    body = text.encode()
    if len(body) <= INLINE_PARAMS:
        return text, None
    now = engine.clock.now()
    key = object_key(ref, f"params-{fingerprint(text)}.json", now=now, until=until)
    engine.bucket.put(key, body, CONTENT_TYPE)
    return "{}", key


def params_of(engine: Engine, task: Task) -> dict[str, Any]:
    """The params of a task, wherever they lie. Raises ObjectChanged when their object is gone."""
    if task.params_object is None:
        params: dict[str, Any] = json.loads(task.params)
        return params
    try:
        params = json.loads(engine.bucket.get(task.params_object))
    except ServiceError as error:
        if error.code == "NoSuchKey":
            raise ObjectChanged(task.params_object) from error
        raise
    return params


def have_same_params(one: Task, other: Task) -> bool:
    """Do two submissions say the same, whatever the order of their names?"""
    has_same_params = fingerprint_of(one) == fingerprint_of(other)
    return is_same_request(one.said, other.said, has_same_params=has_same_params)


def keep_result(engine: Engine, task: Task, text: str) -> tuple[str | None, str | None]:
    """What a record holds of this result: the text, or the key of its object."""
    body = text.encode()
    if len(body) <= INLINE_RESULT:
        return text, None
    now = engine.clock.now()
    until = max(now, task.needed_until or now)
    key = object_key(task.ref, f"result-{task.attempt}.json", now=now, until=until)
    engine.bucket.put(key, body, CONTENT_TYPE)
    return None, key
