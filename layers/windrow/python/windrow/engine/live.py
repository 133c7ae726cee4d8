"""Live: every task and chunk that is not over, for who looks at a whole deployment."""

from collections.abc import Iterable, Iterator
from itertools import batched

from windrow.engine.engine import Engine
from windrow.model.records import Chunk, Group, Task
from windrow.store.due import Overdue
from windrow.store.items import from_encoded
from windrow.store.many import AT_ONCE


def live(engine: Engine, entries: Iterable[Overdue]) -> Iterator[Task | Chunk]:
    """The records of these entries of the index by due time, as they stand, a hundred a call.

    What has ended meanwhile is left out, and so is a record that this version cannot read, with a
    warning. Raises ServiceError.
    """
    for some in batched(entries, AT_ONCE):
        for ref, item in engine.due.items(some).items():
            try:
                record = from_encoded(item)
            except (KeyError, ValueError, TypeError) as error:
                engine.telemetry.warning("record.unreadable", error=error, **ref.ids)
                continue
            if not isinstance(record, Group) and not record.state.is_over:
                yield record
