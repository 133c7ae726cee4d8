"""The refresh: a map that plans one snapshot of both upstreams and stores it in chunks of 50."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random, SystemRandom
from typing import Any

from tasks.countries.country import HIGHEST_MULTIPLIER, LOWEST_MULTIPLIER, Country, joined
from tasks.countries.image import ImageStore
from tasks.countries.items import from_item, to_json
from tasks.countries.ledger import Complete, Ledger, Place
from tasks.countries.listing import Sort, select
from tasks.countries.names import TASK
from tasks.countries.rows import Rows
from tasks.countries.settings import Settings
from tasks.countries.upstreams.base import CountryFacts, Rates
from tasks.countries.upstreams.choose import connect
from windrow import Context, Outcome, task

# The seed commits every 50 countries and reports as often.
CHUNK_SIZE = 50
# Far above any refresh that gets on, crashes and retries included; so `already_running` ends too.
DEADLINE = timedelta(minutes=30)
TOP = 5


@task.map(TASK, chunk_size=CHUNK_SIZE, unique=TASK, deadline=DEADLINE)
def refresh(context: Context) -> list[dict[str, Any]]:
    """Fetch both upstreams completely and join them, before any row is touched.

    Raises UpstreamUnavailable, and then nothing has changed.
    """
    settings = Settings.from_environment()
    upstreams = connect(
        settings.upstream,
        aws=context.aws,
        clock=context.clock,
        table=settings.table,
        tenant=context.tenant,
    )
    facts, rates = upstreams.countries(), upstreams.rates()
    place = _ledger(context, settings).plan(
        context.task_id, len(facts), context.clock.now(), upstreams.attribution
    )
    return [to_json(country) for country in snapshot(facts, rates, place, SystemRandom())]


@refresh.chunk
def store(context: Context, items: list[dict[str, Any]]) -> None:
    """Store the countries of one chunk, each as the snapshot has it and whatever is there."""
    rows = _rows(context, Settings.from_environment())
    stored = [rows.upsert(from_item(item)) for item in items]
    context.logger.info("countries.stored", extra={"rows": sum(stored), "of": len(stored)})


@refresh.finish(best_effort=True)
def finish(context: Context, outcome: Outcome) -> dict[str, str] | None:
    """Set the time of the last refresh, then draw the summary of what is stored.

    A refresh that lost rows leaves both as they were: they tell of a whole one.
    """
    if outcome.succeeded < outcome.total:
        return None
    settings = Settings.from_environment()
    complete = _ledger(context, settings).complete(context.task_id)
    if complete is None:
        return None
    image = ImageStore(context.aws, settings.bucket, context.tenant)
    image.put(_drawn(_rows(context, settings).all(), complete))
    return {"image": image.key}


def snapshot(
    facts: Iterable[CountryFacts], rates: Rates, place: Place, random: Random
) -> list[Country]:
    """Each country with its rate, a multiplier of its own, and an id in case it is new."""
    return [
        joined(
            each,
            rates.rates,
            multiplier=random.randint(LOWEST_MULTIPLIER, HIGHEST_MULTIPLIER),
            number=number,
            refreshed=place.at,
        )
        for number, each in enumerate(facts, place.first_id)
    ]


def _rows(context: Context, settings: Settings) -> Rows:
    return Rows(context.aws, settings.table, context.tenant)


def _ledger(context: Context, settings: Settings) -> Ledger:
    return Ledger(context.aws, settings.table, context.tenant)


def _drawn(countries: list[Country], complete: Complete) -> bytes:
    # Pillow takes 100 ms to import, and nothing else here draws.
    from tasks.countries.summary import Summary, draw

    largest = select(countries, sort=Sort.GDP_DESC)[:TOP]
    return draw(
        Summary(
            total=len(countries),
            top=[(each.name, each.estimated_gdp) for each in largest if each.estimated_gdp],
            refreshed_at=complete.at,
            attribution=complete.attribution,
        )
    )
