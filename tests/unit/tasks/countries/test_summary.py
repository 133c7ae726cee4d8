"""The picture of a refresh."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image, ImageColor, ImageFont

from tasks.countries.summary import (
    BAR_HEIGHT,
    FIRST_ROW_BASELINE,
    HAY,
    HEIGHT,
    MARGIN,
    RIGHT,
    ROW_HEIGHT,
    WIDTH,
    Summary,
    draw,
    money,
    shortened,
    wrapped,
)
from tasks.countries.upstreams.bundled import Bundled
from tasks.countries.upstreams.http import Http
from tasks.fonts import REGULAR

AT = datetime(2026, 11, 22, 17, 4, 9, tzinfo=UTC)
TOP = [
    ("United States", Decimal("490751500000")),
    ("China", Decimal("318310000000")),
    ("Côte d'Ivoire", Decimal("138970000000")),
    ("Åland Islands", Decimal("133630000000")),
    ("South Georgia and South Sandwich Islands", Decimal("49075150000")),
]


def summary(
    *,
    total: int = 250,
    top: Sequence[tuple[str, Decimal]] = TOP,
    at: datetime = AT,
    attribution: str = Bundled.attribution,
) -> Summary:
    return Summary(total, top, at, attribution)


def opened(png: bytes) -> Image.Image:
    with Image.open(BytesIO(png)) as image:
        image.load()
        return image.convert("RGB")


def bar_lengths(image: Image.Image) -> list[int]:
    """How many pixels of each of five rows are of the colour of hay."""
    hay = ImageColor.getrgb(HAY)
    middles = [
        FIRST_ROW_BASELINE + number * ROW_HEIGHT + 12 + BAR_HEIGHT // 2 for number in range(5)
    ]
    return [sum(image.getpixel((x, y)) == hay for x in range(image.width)) for y in middles]


def test_it_is_a_png_of_a_known_size_with_something_on_it() -> None:
    png = draw(summary())

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert 1000 < len(png) < 100_000
    assert opened(png).size == (WIDTH, HEIGHT)
    colours = opened(png).getcolors(WIDTH * HEIGHT)
    assert colours is not None
    assert len(colours) > 50


def test_the_same_summary_gives_the_same_bytes() -> None:
    assert draw(summary()) == draw(summary())


@pytest.mark.parametrize(
    "other",
    [
        summary(total=249),
        summary(top=TOP[:4]),
        summary(top=[("Nigeria", TOP[0][1]), *TOP[1:]]),
        summary(top=[("United States", Decimal("480751500000")), *TOP[1:]]),
        summary(at=AT + timedelta(seconds=1)),
        summary(attribution=Http.attribution),
    ],
)
def test_another_summary_gives_another_picture(other: Summary) -> None:
    assert draw(other) != draw(summary())


def test_the_time_is_that_of_utc_wherever_it_comes_from() -> None:
    there = timezone(timedelta(hours=5, minutes=30))

    assert draw(summary(at=AT.astimezone(there))) == draw(summary())


def test_bars_are_as_long_as_their_share_of_the_largest() -> None:
    whole = RIGHT - MARGIN + 1

    first, second, *_, last = bar_lengths(opened(draw(summary())))

    assert first == whole
    assert second == pytest.approx(whole * 0.6486, abs=2)
    assert last == pytest.approx(whole * 0.1, abs=2)


def test_a_small_amount_has_a_sliver_and_none_has_no_bar() -> None:
    top = [("A", Decimal("1e12")), ("B", Decimal(1)), ("C", Decimal(0))]

    assert bar_lengths(opened(draw(summary(top=top))))[1:3] == [5, 0]


@pytest.mark.parametrize("rows", range(6))
def test_up_to_five_rows_are_drawn(rows: int) -> None:
    lengths = bar_lengths(opened(draw(summary(top=TOP[:rows]))))

    assert sum(length > 0 for length in lengths) == rows


def test_only_five_of_more_rows_are_drawn() -> None:
    assert draw(summary(top=[*TOP, ("Sixth", Decimal(1))])) == draw(summary())


def test_nothing_at_all_can_be_drawn() -> None:
    empty = draw(summary(total=0, top=[], attribution=""))
    zeros = draw(summary(top=[("Nowhere", Decimal(0))]))

    assert bar_lengths(opened(empty)) == bar_lengths(opened(zeros)) == [0] * 5


def test_nothing_reaches_over_the_margins() -> None:
    top = [("An endless name " * 20, Decimal("1234567890123456789")), ("W" * 200, Decimal(1))]
    image = opened(draw(summary(total=10**9, top=top, attribution="A long sentence. " * 40)))

    paper = image.getpixel((0, 0))
    left = image.crop((0, 0, MARGIN - 8, HEIGHT))
    right = image.crop((RIGHT + 8, 0, WIDTH, HEIGHT))
    below = image.crop((0, HEIGHT - 16, WIDTH, HEIGHT))
    for edge in (left, right, below):
        assert edge.getcolors() == [(edge.width * edge.height, paper)]


def test_the_face_has_every_letter_of_every_bundled_name() -> None:
    face = ImageFont.truetype(REGULAR, 28, layout_engine=ImageFont.Layout.BASIC)
    box = bytes(face.getmask("\uffff"))
    letters = {letter for country in Bundled().countries() for letter in country.name} - {" "}

    assert "ô" in letters
    assert [letter for letter in letters if bytes(face.getmask(letter)) == box] == []


@pytest.mark.parametrize("attribution", [Bundled.attribution, Http.attribution])
def test_each_attribution_fits_the_footer(attribution: str) -> None:
    lines = wrapped(attribution, 18, RIGHT - MARGIN)

    assert len(lines) <= 2
    assert " ".join(lines) == attribution


def test_a_text_that_fits_stays_and_a_longer_one_ends_in_an_ellipsis() -> None:
    assert shortened("Côte d'Ivoire", 28, 800) == "Côte d'Ivoire"
    assert shortened("South Georgia and South Sandwich Islands", 28, 180) == "South Georgi…"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "$0"),
        ("999.4", "$999"),
        ("999999", "$999,999"),
        ("1000000", "$1.00 million"),
        ("48930172344", "$48.93 billion"),
        ("27360000000000", "$27.36 trillion"),
        ("1234567890123456", "$1,234.57 trillion"),
    ],
)
def test_money_is_told_in_the_largest_scale_it_reaches(amount: str, words: str) -> None:
    assert money(Decimal(amount)) == words
