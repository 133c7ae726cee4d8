"""Params and results: JSON texts inside the record, so both have a size that they may not pass."""

import json
from typing import Any

from windrow.errors import TooLarge

# Together they leave a quarter of DynamoDB's 400 KB an item to the rest of the record.
LARGEST_PARAMS = 100_000
LARGEST_RESULT = 200_000
# A cursor says where to go on, and is written again with each checkpoint.
LARGEST_CURSOR = 30_000
# A memo has an item of its own.
LARGEST_MEMO = 300_000


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


def _text(what: str, value: Any, limit: int) -> str:
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    # Half of a surrogate pair is JSON, but no UTF-8: encode() refuses it with a ValueError.
    size = len(text.encode())
    if size > limit:
        raise TooLarge(what, size, limit)
    return text
