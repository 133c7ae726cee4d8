"""Params and results as JSON texts: how large they may be, and where a large one lies.

A small one stands in the record, a large one is an object of the bucket that the record names.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from windrow.errors import TooLarge
from windrow.model.records import Task
from windrow.model.ref import Ref

# Each of a record's writes, some eight where there is trouble, costs a unit for each KB of it all;
# a result is part of one write only, its last. docs/decisions/0011 compares that with an object.
INLINE_PARAMS = 8_000
INLINE_RESULT = 32_000
# A request that reaches a function has 6 MB at most, the escapes of its JSON included
# (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
LARGEST_PARAMS = 5_000_000
# A result is in a worker's memory three times while it is stored, and that has 512 MB.
LARGEST_RESULT = 50_000_000
# A cursor says where to go on, and is written again with each checkpoint.
LARGEST_CURSOR = 30_000
# A memo has an item of its own.
LARGEST_MEMO = 300_000

# What lies under tasks/ is kept for the retention time, a week at least; later/ is kept for years.
SOON = timedelta(days=6)


def params_text(params: dict[str, Any]) -> str:
    """The params of a submission as they are stored. Raises TooLarge; ValueError for no UTF-8."""
    return _text("params", params, LARGEST_PARAMS)


def result_text(value: Any) -> str:
    """The result of a task as it is stored. Raises TooLarge, or what json raises for no JSON."""
    return _text("result", value, LARGEST_RESULT)


def cursor_text(cursor: Any) -> str:
    """A checkpoint's cursor as it is stored. Raises TooLarge, or what json raises for no JSON."""
    return _text("cursor", cursor, LARGEST_CURSOR)


def memo_text(value: Any) -> str:
    """What a step answered, as it is stored. Raises TooLarge, or what json raises for no JSON."""
    return _text("answer of a step", value, LARGEST_MEMO)


def fingerprint(text: str) -> str:
    """The same for two JSON texts that say the same, whatever the order of their names."""
    canonical = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def fingerprint_of(task: Task) -> str:
    """The fingerprint of a task's params, wherever they lie: the name of their object holds it."""
    if task.params_object is None:
        return fingerprint(task.params)
    return task.params_object.rpartition("/params-")[2].removesuffix(".json")


def said(params: dict[str, Any], terms: Mapping[str, Any]) -> str | None:
    """The fingerprints of what a caller sent, before any default; None for what is no JSON.

    Those of the params and of the terms, with a point between them.
    """
    try:
        return f"{fingerprint(json.dumps(params))}.{fingerprint(json.dumps(terms))[:16]}"
    except (TypeError, ValueError):
        return None


def is_same_request(one: str | None, other: str | None, *, has_same_params: bool) -> bool:
    """Did two callers send the same? `has_same_params` says whether the same came of it.

    A default may be another one each time, and what is left out may be the default. What was kept
    without its terms, or without anything, is judged by its params alone.
    """
    if one is None or other is None:
        return has_same_params
    (params, *terms), (others, *other_terms) = one.split("."), other.split(".")
    has_same_terms = not terms or not other_terms or terms == other_terms
    return has_same_terms and (has_same_params or params == others)


def object_key(ref: Ref, name: str, *, now: datetime, until: datetime) -> str:
    """Where an object of a task lies that is needed `until` then."""
    shelf = "tasks" if until - now <= SOON else "later"
    return f"{shelf}/{ref.tenant}/{ref.task}/{name}"


def is_kept_until(key: str, until: datetime, *, since: datetime, retention: timedelta) -> bool:
    """Is an object that was stored at `since` still there `until` then?"""
    return not key.startswith("tasks/") or until <= since + retention


def _text(what: str, value: Any, limit: int) -> str:
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    # Half of a surrogate pair is JSON, but no UTF-8: encode() refuses it with a ValueError.
    size = len(text.encode())
    if size > limit:
        raise TooLarge(what, size, limit)
    return text
