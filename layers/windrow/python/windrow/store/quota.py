"""A tenant's requests, counted in one item: a token bucket without a reader or a race."""

from dataclasses import dataclass, field

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ConditionFailed
from windrow.aws.port import AWS
from windrow.clock import Clock
from windrow.model.allowance import SECOND, Allowance, Rule
from windrow.store.keys import milliseconds, quota_key

# Each lost race means that another request of this tenant was counted.
TRIES = 4
# TTL removes the buckets of tenants who ask no more; a full bucket and none are the same.
KEPT = 86_400
MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Quota:
    """Takes requests from a tenant's bucket; `rule` is None where there is no limit.

    The time at which a bucket is full only grows. So what this process saw last tells which of the
    two writes will do, and refuses without any call who was over the limit then and still is.
    """

    aws: AWS
    table: str
    clock: Clock
    rule: Rule | None = None
    _known: dict[str, int] = field(default_factory=dict)

    def take(self, tenant: str, count: int = 1) -> Allowance | None:
        """Count `count` requests by one or two conditional writes; None where nothing limits them.

        All of them are taken or none, and never more than the whole quota.

        None too when others are faster than this one, four times: it is let through uncounted.
        Made twice, as the SDK may, it counts twice. Raises ServiceError.
        """
        if self.rule is None:
            return None
        count = min(count, self.rule.quota)
        now = milliseconds(self.clock.now()) * 1000
        full = self._known.get(tenant, 0)
        for _ in range(TRIES):
            if full > self.rule.latest(now, count):
                self._remember(tenant, full)
                return Allowance(self.rule, False, full, now, count)
            try:
                after = self._write(tenant, self.rule, full, now, count)
            except ConditionFailed as error:
                full = decoded(error.item)["full"] if error.item else 0
                continue
            self._remember(tenant, after)
            return Allowance(self.rule, True, after, now, count)
        return None

    def _write(self, tenant: str, rule: Rule, full: int, now: int, count: int) -> int:
        """Take them: from a bucket that was full, or from one that is filling up."""
        if full < now:
            changed = expression(
                update="SET #full = :after, #expires = :expires",
                condition="attribute_not_exists(#full) OR #full < :now",
                values={
                    "after": now + rule.cost * count,
                    "now": now,
                    "expires": now // SECOND + KEPT,
                },
            )
        else:
            changed = expression(
                update="SET #full = #full + :cost, #expires = :expires",
                condition="#full BETWEEN :now AND :latest",
                values={
                    "cost": rule.cost * count,
                    "now": now,
                    "latest": rule.latest(now, count),
                    "expires": now // SECOND + KEPT,
                },
            )
        answer = self.aws.call(
            "dynamodb",
            "UpdateItem",
            {
                "TableName": self.table,
                "Key": encoded(quota_key(tenant)),
                **changed,
                "ReturnValues": "UPDATED_NEW",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
        taken: int = decoded(answer["Attributes"])["full"]
        return taken

    def _remember(self, tenant: str, full: int) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[tenant] = full
