"""When a schedule starts tasks, and what cannot be said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from windrow.errors import InvalidOption
from windrow.model.timing import Timing

NOW = datetime(2026, 1, 15, 10, 30, 0, 250_000, tzinfo=UTC)
MIDDAY = datetime(2026, 1, 15, 12, tzinfo=UTC)
TEN_SECONDS = timedelta(seconds=10)
TEN_MINUTES = timedelta(minutes=10)


def test_every_ten_seconds_for_ten_minutes_are_sixty_times() -> None:
    timing = Timing(every=TEN_SECONDS, start=MIDDAY, lasting=TEN_MINUTES).anchored(NOW)

    planned = list(timing.after(NOW))

    assert len(planned) == 60
    assert planned[0] == MIDDAY
    assert planned[-1] == MIDDAY + TEN_MINUTES - TEN_SECONDS
    assert timing.next(planned[-1], 5) == ()


def test_a_rate_begins_at_the_next_whole_second() -> None:
    timing = Timing(every=TEN_SECONDS, lasting=TEN_MINUTES).anchored(NOW)

    assert timing.start == NOW.replace(microsecond=0) + timedelta(seconds=1)
    assert timing.end == timing.start + TEN_MINUTES


def test_a_rate_keeps_to_its_start_however_late_one_asks() -> None:
    timing = Timing(every=timedelta(minutes=7), start=MIDDAY).anchored(NOW)

    assert timing.next(MIDDAY + timedelta(days=1), 1) == (MIDDAY + timedelta(minutes=7 * 206),)
    assert timing.next(MIDDAY, 1) == (MIDDAY + timedelta(minutes=7),)


def test_a_cron_is_planned_from_its_start_to_before_its_end() -> None:
    start = datetime(2026, 2, 1, 6, tzinfo=UTC)
    timing = Timing(cron="0 6 * * *", start=start, end=start + timedelta(days=2))

    assert timing.next(NOW, 5) == (start, start + timedelta(days=1))


def test_what_comes_once_comes_once() -> None:
    timing = Timing(at=MIDDAY)

    assert timing.next(NOW, 5) == (MIDDAY,)
    assert timing.next(MIDDAY, 5) == ()


def test_an_instant_may_be_said_in_any_zone() -> None:
    timing = Timing(cron="0 6 * * *", timezone="Asia/Tokyo")

    assert timing.next(NOW, 1) == (datetime(2026, 1, 15, 21, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("options", "option", "said"),
    [
        ({}, "cron", "given alone: exactly one of cron, every and at says when"),
        ({"cron": "* * * * *", "at": MIDDAY}, "at", "given alone"),
        ({"every": timedelta(milliseconds=1500)}, "every", "whole seconds"),
        ({"every": timedelta()}, "every", "whole seconds"),
        ({"every": 10}, "every", "a timedelta"),
        ({"at": MIDDAY.replace(tzinfo=None)}, "at", "a datetime with a time zone"),
        ({"at": datetime(2500, 1, 1, tzinfo=UTC)}, "at", "1970 to 2199"),
        ({"cron": "* * * * *", "timezone": "Europe/Atlantis"}, "timezone", "Europe/Berlin"),
        ({"cron": "* * * * *", "timezone": "../etc/passwd"}, "timezone", "Europe/Berlin"),
        ({"cron": "* * * * *", "timezone": "Europe"}, "timezone", "Europe/Berlin"),
        ({"cron": "* * * * *", "timezone": 1}, "timezone", "Europe/Berlin"),
        ({"every": TEN_SECONDS, "timezone": "Europe/Berlin"}, "timezone", "left out"),
        ({"cron": "0 6 * *"}, "cron", "five fields"),
        ({"cron": "* * * * *", "start": MIDDAY, "end": MIDDAY}, "end", "after the start"),
        (
            {"every": TEN_SECONDS, "end": MIDDAY, "lasting": TEN_MINUTES},
            "lasting",
            "left out when there is an end",
        ),
        ({"at": MIDDAY, "end": MIDDAY}, "end", "left out of what comes once"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    options: dict[str, Any], option: str, said: str
) -> None:
    with pytest.raises(InvalidOption) as refused:
        Timing(**options)

    assert refused.value.option == option
    assert said in str(refused.value)
