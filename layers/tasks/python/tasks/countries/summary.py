"""Draw the summary of a refresh: how many countries, the largest five, when, and from whom.

Imported by the worker alone, and only when it draws: Pillow is the largest thing it carries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from tasks.fonts import REGULAR

WIDTH, HEIGHT = 1200, 675
MARGIN = 64
RIGHT = WIDTH - MARGIN
ROWS = 5

PAPER = "#fbf9f4"
INK = "#22301f"
FAINT = "#6f7667"
TRACK = "#ece7da"
HAY = "#d8a032"

HEADER_BASELINE = 108
SUBTITLE_BASELINE = 164
FIRST_ROW_BASELINE = 224
ROW_HEIGHT = 72
BAR_HEIGHT = 16
SLIVER = 4
FOOTER_TOP = 590
FOOTER_LEADING = 24
GAP = 32

SCALES = (
    (Decimal("1e12"), "trillion"),
    (Decimal("1e9"), "billion"),
    (Decimal("1e6"), "million"),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the picture shows; the largest first, at most five of them are drawn."""

    total: int
    top: Sequence[tuple[str, Decimal]]
    refreshed_at: datetime
    attribution: str


def draw(summary: Summary) -> bytes:
    """A PNG of 1200 x 675, the same bytes for the same summary."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    canvas = ImageDraw.Draw(image)
    _header(canvas, summary)
    _rows(canvas, summary.top[:ROWS])
    _footer(canvas, summary.attribution)
    png = BytesIO()
    image.save(png, "PNG")
    return png.getvalue()


def money(amount: Decimal) -> str:
    """To two digits of the largest scale it reaches: 48930172344 is "$48.93 billion"."""
    for scale, word in SCALES:
        if amount >= scale:
            return f"${amount / scale:,.2f} {word}"
    return f"${amount:,.0f}"


def shortened(text: str, size: int, width: float) -> str:
    """`text`, or as much of it as fits `width` with an ellipsis after it."""
    if _font(size).getlength(text) <= width:
        return text
    while text and _font(size).getlength(text + "…") > width:
        text = text[:-1].rstrip()
    return text + "…"


def wrapped(text: str, size: int, width: float) -> list[str]:
    """`text` in lines of at most `width`; a longer word has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and _font(size).getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _header(canvas: ImageDraw.ImageDraw, summary: Summary) -> None:
    total = f"{summary.total:,}"
    canvas.text((MARGIN, HEADER_BASELINE), total, INK, _font(72), anchor="ls")
    after = MARGIN + _font(72).getlength(total) + 16
    noun = "country" if summary.total == 1 else "countries"
    canvas.text((after, HEADER_BASELINE), noun, INK, _font(40), anchor="ls")

    at = summary.refreshed_at.astimezone(UTC)
    canvas.text((RIGHT, HEADER_BASELINE - 30), "refreshed", FAINT, _font(20), anchor="rs")
    when = f"{at.day} {at:%B %Y, %H:%M:%S} UTC"
    canvas.text((RIGHT, HEADER_BASELINE), when, INK, _font(24), anchor="rs")

    subtitle = "The largest by estimated GDP, in US dollars"
    canvas.text((MARGIN, SUBTITLE_BASELINE), subtitle, FAINT, _font(22), anchor="ls")


def _rows(canvas: ImageDraw.ImageDraw, top: Sequence[tuple[str, Decimal]]) -> None:
    if not top:
        nothing = "No country has an estimate yet."
        canvas.text((MARGIN, FIRST_ROW_BASELINE), nothing, INK, _font(28), anchor="ls")
        return
    largest = max(amount for _, amount in top)
    for number, (name, amount) in enumerate(top):
        baseline = FIRST_ROW_BASELINE + number * ROW_HEIGHT
        share = float(amount / largest) if largest > 0 else 0.0
        _row(canvas, baseline, name, amount, share)


def _row(
    canvas: ImageDraw.ImageDraw, baseline: int, name: str, amount: Decimal, share: float
) -> None:
    figure = money(amount)
    canvas.text((RIGHT, baseline), figure, INK, _font(26), anchor="rs")
    room = RIGHT - MARGIN - _font(26).getlength(figure) - GAP
    canvas.text((MARGIN, baseline), shortened(name, 28, room), INK, _font(28), anchor="ls")

    top, bottom = baseline + 12, baseline + 12 + BAR_HEIGHT
    canvas.rectangle((MARGIN, top, RIGHT, bottom), TRACK)
    if share > 0:
        # A sliver at least: the smallest of five is still one of the five.
        length = max(SLIVER, round((RIGHT - MARGIN) * share))
        canvas.rectangle((MARGIN, top, MARGIN + length, bottom), HAY)


def _footer(canvas: ImageDraw.ImageDraw, attribution: str) -> None:
    canvas.line((MARGIN, FOOTER_TOP, RIGHT, FOOTER_TOP), TRACK, 2)
    for number, line in enumerate(wrapped(attribution, 18, RIGHT - MARGIN)[:2]):
        baseline = FOOTER_TOP + 32 + number * FOOTER_LEADING
        canvas.text((MARGIN, baseline), line, FAINT, _font(18), anchor="ls")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """The face that comes with the applications: a function has no fonts of its own.

    Basic layout, since the other one depends on a library that some machines have.
    """
    return ImageFont.truetype(REGULAR, size, layout_engine=ImageFont.Layout.BASIC)
