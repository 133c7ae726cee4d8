"""Times, spans and reasons as an explanation's sentences have them."""

from datetime import UTC, datetime, timedelta

from windrow.model.records import Failure

LONGEST = 300
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(instant: datetime, now: datetime) -> str:
    """The time of this day, UTC; with the date where it is another day."""
    instant, now = instant.astimezone(UTC), now.astimezone(UTC)
    return f"{instant:%H:%M:%S}Z" if instant.date() == now.date() else f"{instant:%Y-%m-%d %H:%M}Z"


def when(instant: datetime, now: datetime) -> str:
    """The time, and how far off it is."""
    away = instant - now
    if abs(away) < SECOND:
        return f"{at(instant, now)} (now)"
    off = f"in {span(away)}" if away > timedelta() else f"{span(-away)} ago"
    return f"{at(instant, now)} ({off})"


def span(length: timedelta) -> str:
    """A length in its largest unit, or in its two largest where the second one tells."""
    if length < MINUTE:
        return f"{int(length.total_seconds())} s"
    if length < HOUR:
        return f"{length // MINUTE} min"
    if length < DAY:
        minutes = length % HOUR // MINUTE
        return f"{length // HOUR} h" + (f" {minutes} min" if minutes else "")
    return many(length // DAY, "day")


def many(count: int, what: str) -> str:
    """So many of something."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def why(failure: Failure) -> str:
    """A reason without a full stop, and not longer than a person reads."""
    said = f"{failure.kind}: {failure.message}".rstrip(".").replace("\n", " ")
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
