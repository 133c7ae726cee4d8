"""The body of a POST that takes none."""

import json
from typing import Any, NoReturn

from windrow.model.expected import UNKNOWN

LARGEST = 1000
EXPECTED = "must be empty or {}"


def complaints(raw: bytes) -> dict[str, str]:
    """What is wrong with a body that should be empty or {}: field -> sentence; nothing if it is."""
    if len(raw) > LARGEST:
        return {"body": f"{EXPECTED}; it is larger than {LARGEST} bytes"}
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return {"body": f"{EXPECTED}; it is not UTF-8"}
    if not text.strip():
        return {}
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return {"body": f"{EXPECTED}; it is not valid JSON"}
    return _unknown_fields(document)


def _unknown_fields(document: Any) -> dict[str, str]:
    if not isinstance(document, dict):
        return {"body": EXPECTED}
    return {_shown(name): UNKNOWN for name in document}


def _shown(name: str) -> str:
    """A name as it can be sent back: JSON may escape half a character, which UTF-8 cannot hold."""
    return name.encode("utf-8", "replace").decode()


def _no_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity; JSON has neither."""
    raise ValueError(name)
