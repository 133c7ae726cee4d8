"""The control item: what an operator has asked of each pool, and of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from windrow.aws.dynamodb import Scalar, decoded, encoded, expression
from windrow.aws.port import AWS
from windrow.clock import Clock
from windrow.model.modes import Modes, Orders
from windrow.store.keys import CONTROL_KEY, milliseconds

# How long a process believes what it has read: an order reaches every worker within this time.
FRESH = timedelta(seconds=5)


@dataclass(slots=True)
class Control:
    """One item for all pools, so that a process knows everything by one read in five seconds.

    Each order is one unconditional write of its own attributes: given twice it changes nothing, and
    orders for different pools do not meet. `known` is what was read last; at first, that all run.
    """

    aws: AWS
    table: str
    clock: Clock
    known: Modes = field(default_factory=Modes)
    _fresh_until: datetime | None = None

    def modes(self) -> Modes:
        """The modes as they were at most five seconds ago.

        Raises ServiceError when they cannot be read; for five seconds after that, the last known
        ones are the answer, so that an outage costs one call and not one for each message.
        """
        now = self.clock.now()
        if self._fresh_until is None or now >= self._fresh_until:
            self._fresh_until = now + FRESH
            self.read()
        return self.known

    def read(self) -> Modes:
        """The modes as they are now: strongly consistent. Raises ServiceError."""
        get = {"TableName": self.table, "Key": encoded(CONTROL_KEY), "ConsistentRead": True}
        answer = self.aws.call("dynamodb", "GetItem", get)
        self.known = _modes(decoded(answer.get("Item", {})))
        return self.known

    def pause(self, pool: str | None) -> Modes:
        """Start nothing in a pool, or in any; the first order's time stays."""
        paused = f"#{_attribute('paused', pool)}"
        return self._order(f"SET {paused} = if_not_exists({paused}, :now)", now=self._now())

    def drain(self, pool: str | None) -> Modes:
        """Accept nothing for a pool, or for any, and start what waits, paused before or not."""
        draining = f"#{_attribute('draining', pool)}"
        return self._order(
            f"SET {draining} = if_not_exists({draining}, :now)"
            f" REMOVE #{_attribute('paused', pool)}",
            now=self._now(),
        )

    def resume(self, pool: str | None) -> Modes:
        """Take back every order for a pool; without one, all orders that there are."""
        if pool is None:
            put = {"TableName": self.table, "Item": encoded(CONTROL_KEY)}
            self.aws.call("dynamodb", "PutItem", put)
            return self.read()
        return self._order(f"REMOVE #{_attribute('paused', pool)}, #{_attribute('draining', pool)}")

    def _order(self, update: str, **values: Scalar) -> Modes:
        order = {
            "TableName": self.table,
            "Key": encoded(CONTROL_KEY),
            **expression(update=update, values=values),
        }
        self.aws.call("dynamodb", "UpdateItem", order)
        return self.read()

    def _now(self) -> int:
        return milliseconds(self.clock.now())


def _attribute(order: str, pool: str | None) -> str:
    return order if pool is None else f"{order}_{pool}"


def _modes(item: Mapping[str, int]) -> Modes:
    pools = {name.partition("_")[2] for name in item} - {""}
    return Modes(_orders(item, None), {pool: _orders(item, pool) for pool in pools})


def _orders(item: Mapping[str, int], pool: str | None) -> Orders:
    return Orders(
        *(
            datetime.fromtimestamp(item[name] / 1000, UTC) if name in item else None
            for name in (_attribute("paused", pool), _attribute("draining", pool))
        )
    )
