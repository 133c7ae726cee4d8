"""A logger whose every line carries the ids of what it is about."""

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any


class Named(logging.LoggerAdapter[logging.Logger]):
    """Adds ids to `extra`; those that a line brings itself come first."""

    def __init__(self, logger: logging.Logger, ids: Mapping[str, object]) -> None:
        super().__init__(logger, dict(ids))

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        # LoggerAdapter itself drops what the line brings (merge_extra came with Python 3.13).
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs
