"""Endpoints: register a receiver of webhooks, change it, give it another secret, try it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from windrow.aws.errors import ConditionFailed, Unavailable
from windrow.egress.errors import Refused
from windrow.egress.guard import check_url
from windrow.engine.engine import Engine
from windrow.errors import InvalidOption, NoEndpoint, WebhooksOff
from windrow.model import signature
from windrow.model.endpoint import ENDS, OVERLAP, Endpoint
from windrow.model.ids import new_id
from windrow.model.states import State
from windrow.model.system import is_system
from windrow.store.endpoints import Endpoints, Try
from windrow.store.signing_key import SigningKey

MOST_NAMES = 100
# Its owner and a delivery may change it at once; more often than this something else is wrong.
TRIES = 4


@dataclass(frozen=True, slots=True)
class Registered:
    """An endpoint, and its secret: nobody is shown it again."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody says of an endpoint; None leaves it as it is, or as it is by default.

    tasks        the names of the tasks that it is told of; empty for those alone that name it in
                 their submission. `all_tasks` takes such a choice back
    states       how those ended; at least one
    is_disabled  tell it nothing, or tell it things again
    """

    url: str | None = None
    tasks: Iterable[str] | None = None
    all_tasks: bool = False
    states: Iterable[State] | None = None
    description: str | None = None
    is_disabled: bool | None = None


def register(engine: Engine, tenant: str, wish: Wish) -> Registered:
    """Register a receiver. Raises WebhooksOff, InvalidOption, TooManyEndpoints."""
    key = _key(engine)
    if wish.url is None:
        raise InvalidOption("url", "a URL that begins with https://", None)
    now = engine.clock.now()
    endpoint = _wished(
        engine,
        Endpoint(
            tenant=tenant,
            id=new_id(now, engine.random.getrandbits(80)),
            url=wish.url,
            created=now,
            salt=_salt(engine),
        ),
        wish,
    )
    secret = signature.secret(key.read(), tenant, endpoint.id, endpoint.salt)
    store(engine).add(endpoint, engine.tasks.transactions)
    engine.telemetry.event("webhook.registered", tenant=tenant, endpoint=endpoint.id)
    return Registered(endpoint, signature.spelled(secret))


def change(engine: Engine, tenant: str, endpoint: str, wish: Wish) -> Endpoint:
    """Change what is said of an endpoint. Raises NoEndpoint, InvalidOption."""
    _key(engine)
    return _changed(engine, tenant, endpoint, lambda before: _wished(engine, before, wish))


def rotate(engine: Engine, tenant: str, endpoint: str) -> Registered:
    """Give an endpoint another secret; for a day both sign. Raises NoEndpoint.

    A rotation within that day ends the overlap of the one before: two secrets sign at most.
    """
    key = _key(engine)
    salt, until = _salt(engine), engine.clock.now() + OVERLAP
    secret = signature.secret(key.read(), tenant, endpoint, salt)

    def rotated(before: Endpoint) -> Endpoint:
        return replace(before, salt=salt, old_salt=before.salt, old_until=until)

    after = _changed(engine, tenant, endpoint, rotated)
    engine.telemetry.event("webhook.rotated", tenant=tenant, endpoint=endpoint)
    return Registered(after, signature.spelled(secret))


def remove(engine: Engine, tenant: str, endpoint: str) -> None:
    """Delete an endpoint; what is on its way to it is dropped. Raises NoEndpoint."""
    _key(engine)
    store(engine).remove(tenant, endpoint, engine.tasks.transactions)
    engine.telemetry.event("webhook.removed", tenant=tenant, endpoint=endpoint)


def listed(engine: Engine, tenant: str) -> list[Endpoint]:
    """Every endpoint of a tenant, oldest first. Raises WebhooksOff."""
    _key(engine)
    return store(engine).of(tenant)


def read(engine: Engine, tenant: str, endpoint: str) -> Endpoint:
    """One endpoint. Raises NoEndpoint, WebhooksOff."""
    _key(engine)
    return store(engine).read(tenant, endpoint)


def tries(engine: Engine, tenant: str, endpoint: str, limit: int) -> list[Try]:
    """How the last deliveries went, newest first. Raises NoEndpoint, WebhooksOff."""
    read(engine, tenant, endpoint)
    return list(store(engine).tries(tenant, endpoint, limit))


def check_endpoint(engine: Engine, tenant: str, endpoint: str) -> None:
    """Raise InvalidOption when a submission names an endpoint that there is not."""
    try:
        read(engine, tenant, endpoint)
    except (NoEndpoint, WebhooksOff):
        raise InvalidOption("webhook", "the id of a registered endpoint", endpoint) from None


def store(engine: Engine) -> Endpoints:
    """The endpoints of the engine's table."""
    return Endpoints(engine.aws, engine.records.table)


def _key(engine: Engine) -> SigningKey:
    if engine.outgoing.signing_key is None:
        raise WebhooksOff
    return SigningKey(engine.aws, engine.outgoing.signing_key, engine.clock)


def _changed(
    engine: Engine, tenant: str, endpoint: str, change: Callable[[Endpoint], Endpoint]
) -> Endpoint:
    """Store what becomes of an endpoint, as it stands when nobody else changes it."""
    wanted: Endpoint | None = None
    for _ in range(TRIES):
        before = store(engine).read(tenant, endpoint)
        if before == wanted:
            # The answer to our own write was lost, and the SDK's second try met what it did.
            return before
        wanted = change(before)
        try:
            return store(engine).change(before, wanted)
        except ConditionFailed:
            continue
    raise Unavailable("dynamodb", "UpdateItem", "Changed", f"{endpoint} is changed by others")


def _salt(engine: Engine) -> str:
    return f"{engine.random.getrandbits(128):032x}"


def _wished(engine: Engine, endpoint: Endpoint, wish: Wish) -> Endpoint:
    after = endpoint
    if wish.url is not None:
        try:
            check_url(wish.url, engine.outgoing.receivers)
        except Refused as refused:
            expected = f"a URL of the public internet, with https ({refused.why})"
            raise InvalidOption("url", expected, wish.url) from None
        after = replace(after, url=wish.url)
    if wish.all_tasks:
        after = replace(after, tasks=None)
    if wish.tasks is not None:
        after = replace(after, tasks=_known(engine, frozenset(wish.tasks)))
    if wish.states is not None:
        after = replace(after, states=_ends(frozenset(wish.states)))
    if wish.description is not None:
        after = replace(after, description=wish.description or None)
    if wish.is_disabled is True and after.disabled is None:
        after = replace(after, disabled=engine.clock.now(), reason="by its owner")
    if wish.is_disabled is False or after.url != endpoint.url:
        after = replace(after, failing_since=None, tried=None)
    if wish.is_disabled is False:
        after = replace(after, disabled=None, reason=None)
    return after


def _known(engine: Engine, names: frozenset[str]) -> frozenset[str]:
    unknown = sorted(name for name in names if name not in engine.registry or is_system(name))
    if unknown or len(names) > MOST_NAMES:
        raise InvalidOption("tasks", f"at most {MOST_NAMES} names of declared tasks", unknown)
    return names


def _ends(states: frozenset[State]) -> frozenset[State]:
    if not states or not states <= ENDS:
        raise InvalidOption("states", "one or more of succeeded, failed, cancelled", sorted(states))
    return states
