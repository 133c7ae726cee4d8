"""A crontab's five fields: what they mean, what EventBridge is told, and what is refused."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windrow.errors import InvalidOption
from windrow.model.cron import Cron

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(cron: str, zone: ZoneInfo, after: str, count: int) -> list[str]:
    """The local times with their offsets, as a person would check them in a calendar."""
    found = islice(Cron.parse(cron).after(utc(after), zone), count)
    return [each.astimezone(zone).isoformat(timespec="minutes") for each in found]


@pytest.mark.parametrize(
    ("cron", "expression"),
    [
        ("* * * * *", "cron(* * * * ? *)"),
        ("0 6 * * *", "cron(0 6 * * ? *)"),
        ("*/15 * * * *", "cron(0/15 * * * ? *)"),
        ("5/20 * * * *", "cron(5/20 * * * ? *)"),
        ("0 8-18 * * MON-FRI", "cron(0 8-18 ? * 2-6 *)"),
        ("0 0 1,15 * *", "cron(0 0 1,15 * ? *)"),
        ("30 4 * JAN,jul *", "cron(30 4 * 1,7 ? *)"),
        ("0 0 * * 0", "cron(0 0 ? * 1 *)"),
        ("0 0 * * 7", "cron(0 0 ? * 1 *)"),
        ("0 0 * * 5-7", "cron(0 0 ? * 1,6-7 *)"),
        ("0-30/10 0 * * *", "cron(0,10,20,30 0 * * ? *)"),
        ("0 0 * * 0-6", "cron(0 0 * * ? *)"),
    ],
)
def test_eventbridge_is_told_the_same_in_six_fields(cron: str, expression: str) -> None:
    assert Cron.parse(cron).expression == expression


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("60 * * * *", "minute is"),
        ("* 24 * * *", "hour is"),
        ("* * 0 * *", "day of the month is"),
        ("* * * 13 *", "month is"),
        ("* * * * 8", "day of the week is"),
        ("* * * * SAT-SUN", "day of the week is"),
        ("* * L * *", "day of the month is"),
        ("* * * * MON#1", "day of the week is"),
        ("*/0 * * * *", "minute is"),
        ("*-5 * * * *", "minute is"),
        ("30-10 * * * *", "minute is"),
        (",5 * * * *", "minute is"),
        ("١ * * * *", "minute is"),
        ("* * * *", "five fields"),
        ("0 6 * * ? *", "five fields"),
        ("@daily", "five fields"),
        ("", "five fields"),
        ("0 0 31 2 *", "a date that there is"),
        ("0 0 30 FEB *", "a date that there is"),
        ("0 0 13 * FRI", "make two schedules"),
        (
            "0,2,5,7,9,11,14,16,18,21,23,26,28,31,33,36,38,41,43,46,48,51,53,56,58 "
            "0,2,5,7,9,11,14,16,18,21,23 1,3,6,8,11,13,16,18,21,23,26,28,31 1,3,6,8,11 *",
            None,
        ),
    ],
)
def test_what_is_no_cron_is_refused_by_the_field_that_is_wrong(cron: str, said: str | None) -> None:
    if said is None:
        assert len(Cron.parse(cron).expression) <= 256
        return
    with pytest.raises(InvalidOption) as refused:
        Cron.parse(cron)

    assert refused.value.option == "cron"
    assert said in str(refused.value)


def test_times_come_in_order_and_after_the_given_one() -> None:
    assert times("0 9 * * MON-FRI", BERLIN, "2026-01-16T08:00:00", 3) == [
        "2026-01-19T09:00+01:00",
        "2026-01-20T09:00+01:00",
        "2026-01-21T09:00+01:00",
    ]


def test_a_local_time_that_summer_time_leaves_out_is_left_out() -> None:
    # On 29 March 2026 Berlin goes from 02:00 to 03:00.
    assert times("30 2 * * *", BERLIN, "2026-03-27T12:00:00", 3) == [
        "2026-03-28T02:30+01:00",
        "2026-03-30T02:30+02:00",
        "2026-03-31T02:30+02:00",
    ]


def test_a_local_time_that_comes_twice_is_meant_once_and_first() -> None:
    # On 1 November 2026 New York has 01:00 to 02:00 twice.
    assert times("30 1 * * *", NEW_YORK, "2026-10-31T12:00:00", 2) == [
        "2026-11-01T01:30-04:00",
        "2026-11-02T01:30-05:00",
    ]
    assert times("*/30 * * * *", NEW_YORK, "2026-11-01T05:00:00", 3) == [
        "2026-11-01T01:30-04:00",
        "2026-11-01T02:00-05:00",
        "2026-11-01T02:30-05:00",
    ]


def test_a_daily_time_keeps_to_the_clock_on_the_wall() -> None:
    assert times("0 6 * * *", NEW_YORK, "2026-03-07T00:00:00", 3) == [
        "2026-03-07T06:00-05:00",
        "2026-03-08T06:00-04:00",
        "2026-03-09T06:00-04:00",
    ]


def test_leap_days_are_found_across_the_year_that_has_none() -> None:
    assert times("0 0 29 2 *", ZoneInfo("UTC"), "2096-03-01T00:00:00", 1) == [
        "2104-02-29T00:00+00:00"
    ]


def test_a_day_that_a_country_left_out_is_left_out() -> None:
    # Samoa had no 30 December 2011.
    assert times("0 12 * * *", ZoneInfo("Pacific/Apia"), "2011-12-29T12:00:00", 2) == [
        "2011-12-29T12:00-10:00",
        "2011-12-31T12:00+14:00",
    ]


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=4),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=6),
    weekdays=st.sets(st.integers(0, 6), min_size=1, max_size=7),
    zone=st.sampled_from(ZONES),
    minute=st.integers(0, 700 * 24 * 60),
)
def test_the_times_are_those_that_a_walk_through_every_minute_finds(
    minutes: set[int], hours: set[int], weekdays: set[int], zone: str, minute: int
) -> None:
    def said(values: set[int]) -> str:
        return ",".join(map(str, values))

    cron = Cron.parse(f"{said(minutes)} {said(hours)} * * {said(weekdays)}")
    since = utc("2026-01-01T00:00:30") + timedelta(minutes=minute)
    until = since + timedelta(days=8)

    seen: set[datetime] = set()
    walked = []
    instant = since.replace(second=0, microsecond=0)
    # What the clock showed just before, so that a time that comes again is known.
    for earlier in range(180, 0, -1):
        seen.add(
            (instant - timedelta(minutes=earlier)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        )
    while instant < until:
        local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        is_planned = (
            local.minute in minutes
            and local.hour in hours
            and local.isoweekday() % 7 in weekdays
            and local not in seen
        )
        if is_planned and instant > since:
            walked.append(instant)
        seen.add(local)
        instant += timedelta(minutes=1)

    found = []
    for planned in cron.after(since, ZoneInfo(zone)):
        if planned >= until:
            break
        found.append(planned)
    assert found == walked
