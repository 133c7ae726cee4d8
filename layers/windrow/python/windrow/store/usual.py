"""How long tasks of a type usually take, from the rollups: for whoever asks when to ask again."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from windrow.aws.dynamodb import decoded, encoded
from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS
from windrow.clock import Clock
from windrow.model.figures import TOOK, Kind, Row, hour_of
from windrow.model.histogram import percentile
from windrow.store.rollups import rollup_key

# What tasks take changes slowly, and a guess is all that is asked for.
FRESH = timedelta(minutes=1)
HALF = 0.5
MOST_KNOWN = 1_000


@dataclass(slots=True)
class Usual:
    """The middle of what a tenant's tasks of a type took, this hour or the one before.

    Two reads of one item at the most, in a minute, for each type that this process is asked for.
    """

    aws: AWS
    table: str
    clock: Clock
    _known: dict[tuple[str, str], tuple[datetime, timedelta | None]] = field(default_factory=dict)

    def duration(self, tenant: str, name: str) -> timedelta | None:
        """None where none of them has ended lately, and where AWS does not answer."""
        now = self.clock.now()
        read, known = self._known.get((tenant, name), (None, None))
        if read is not None and now - read < FRESH:
            return known
        found = None
        with suppress(ServiceError):
            found = self._read(tenant, name, now) or self._read(
                tenant, name, now - timedelta(hours=1)
            )
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[tenant, name] = (now, found)
        return found

    def _read(self, tenant: str, name: str, now: datetime) -> timedelta | None:
        row = Row(tenant, Kind.HOUR, name, hour_of(now))
        get = {"TableName": self.table, "Key": encoded(rollup_key(row))}
        item = decoded(self.aws.call("dynamodb", "GetItem", get).get("Item", {}))
        counts = {
            int(attribute.removeprefix(TOOK)): amount
            for attribute, amount in item.items()
            if attribute.startswith(TOOK) and attribute.removeprefix(TOOK).isdecimal()
        }
        return percentile(counts, HALF)
