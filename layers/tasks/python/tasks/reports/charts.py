"""Charts of a PDF, drawn as vectors: bars with their labels, stacked bars, and lines."""

from collections.abc import Sequence
from math import ceil

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, String
from reportlab.lib.colors import HexColor

from tasks.reports.document import Chart, Kind, Series
from tasks.reports.faces import STRONG, TEXT, drawable, shortened, width
from tasks.reports.figures import figure, ticks
from tasks.reports.palette import FAINT, INK, SERIES, TRACK

SIZE = 8.0
HEADING = 10.0
BAR, GAP = 11.0, 6.0
PLOT = 130.0
TOP, FOOT = 24.0, 18.0
# The longest label of a bar may take so much of the width.
LABELS = 0.34


def drawn(chart: Chart, wide: float) -> Drawing:
    """The chart, `wide` points wide and as high as it needs."""
    if chart.kind is Kind.BAR and len(chart.series) == 1:
        return _bars(chart, wide)
    return _plot(chart, wide)


def short(value: float) -> str:
    """A number as a scale shows it: 12.5k, 3M, 0.25."""
    for scale, sign in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= scale:
            return f"{value / scale:.4g}{sign}"
    return f"{value:.3g}"


def _bars(chart: Chart, wide: float) -> Drawing:
    """One bar a label from left to right, or to the left of zero; its value after it."""
    values = [value or 0.0 for value in chart.series[0].values]
    names = [drawable(label) for label in chart.labels]
    figures = [figure(value, chart.places) for value in values]
    left = min(max((width(name, SIZE) for name in names), default=0) + 8, wide * LABELS)
    room = wide - left - max((width(each, SIZE) for each in figures), default=0) - 8
    least, most = min([*values, 0.0]), max([*values, 0.0])
    unit = room / ((most - least) or 1.0)
    zero = left - least * unit
    high = TOP + len(values) * (BAR + GAP)
    drawing = Drawing(wide, high)
    _heading(drawing, chart, high)
    for number, (name, value, shown) in enumerate(zip(names, values, figures, strict=True)):
        bottom = high - TOP - (number + 1) * (BAR + GAP) + GAP
        long = max(abs(value) * unit, 0.75)
        colour = SERIES[0] if value >= 0 else SERIES[1]
        drawing.add(_string(0, bottom + 2.5, shortened(name, SIZE, left - 6), INK))
        drawing.add(_rect(left, bottom, room, BAR, TRACK))
        drawing.add(_rect(zero - long if value < 0 else zero, bottom, long, BAR, colour))
        drawing.add(_string(left + room + 6, bottom + 2.5, shown, INK))
    if least < 0:
        drawing.add(_zero(zero, high - TOP + 2, zero, GAP - 2))
    return drawing


def _plot(chart: Chart, wide: float) -> Drawing:
    """Values over labels from left to right: stacked bars, bars side by side, or lines."""
    legend = 18.0 if len(chart.series) > 1 else 0.0
    high = TOP + legend + PLOT + FOOT
    drawing = Drawing(wide, high)
    _heading(drawing, chart, high)
    if legend:
        _legend(drawing, chart.series, high - TOP - 4)
    marks = ticks(_reached(chart))
    least, most = marks[0], marks[-1]
    left, right = 34.0, wide - 4
    step = (right - left) / max(len(chart.labels), 1)

    def place(value: float) -> float:
        return FOOT + (value - least) / (most - least) * PLOT

    for mark in marks:
        y = place(mark)
        drawing.add(Line(left, y, right, y, strokeColor=HexColor(TRACK), strokeWidth=0.75))
        drawing.add(_string(left - 6, y - 2.5, short(mark), FAINT, anchor="end"))
    if chart.kind is Kind.LINE:
        _lines(drawing, chart.series, left, step, place)
    else:
        _columns(drawing, chart, left, step, place)
    drawing.add(_zero(left, place(0), right, place(0)))
    _labels(drawing, chart.labels, left, step)
    return drawing


def _reached(chart: Chart) -> list[float]:
    """How far its shapes reach."""
    if chart.kind is Kind.STACK:
        return [sum(each or 0 for each in at) for at in zip(*_values(chart), strict=True)]
    return [value for each in _values(chart) for value in each if value is not None]


def _values(chart: Chart) -> list[tuple[float | None, ...]]:
    return [each.values for each in chart.series]


def _columns(drawing: Drawing, chart: Chart, left: float, step: float, place: object) -> None:
    assert callable(place)
    is_stack = chart.kind is Kind.STACK
    count = 1 if is_stack else len(chart.series)
    thick = min(step * 0.72, 28.0 * count) / count
    for number in range(len(chart.labels)):
        begin = left + step * (number + 0.5) - thick * count / 2
        base = 0.0
        for place_in, (series, colour) in enumerate(zip(chart.series, SERIES, strict=False)):
            value = series.values[number]
            if not value:
                continue
            x = begin + (0 if is_stack else thick * place_in)
            low, top = sorted((place(base), place(base + value)))
            drawing.add(_rect(x, low, thick, top - low, colour))
            base = base + value if is_stack else 0.0


def _lines(
    drawing: Drawing, all_series: Sequence[Series], left: float, step: float, place: object
) -> None:
    assert callable(place)
    for series, colour in zip(all_series, SERIES, strict=False):
        points = [
            (left + step * (number + 0.5), place(value))
            for number, value in enumerate(series.values)
            if value is not None
        ]
        flat = [coordinate for point in points for coordinate in point]
        if len(points) > 1:
            drawing.add(PolyLine(flat, strokeColor=HexColor(colour), strokeWidth=1.5))
        for x, y in points if len(points) <= 40 else []:
            drawing.add(Circle(x, y, 1.8, fillColor=HexColor(colour), strokeColor=None))


def _labels(drawing: Drawing, labels: Sequence[str], left: float, step: float) -> None:
    """As many labels as there is room for, the first one among them."""
    widest = max((width(drawable(label), SIZE) for label in labels), default=0)
    every = max(ceil(min(widest + 8, 90) / step), 1) if step else 1
    for number in range(0, len(labels), every):
        shown = shortened(drawable(labels[number]), SIZE, max(step * every - 4, 20))
        x = left + step * (number + 0.5)
        drawing.add(_string(x, FOOT - 12, shown, FAINT, anchor="middle"))


def _legend(drawing: Drawing, all_series: Sequence[Series], y: float) -> None:
    x = 0.0
    for series, colour in zip(all_series, SERIES, strict=False):
        drawing.add(_rect(x, y - 6, 8, 8, colour))
        name = drawable(series.name)
        drawing.add(_string(x + 12, y - 5, name, INK))
        x += 12 + width(name, SIZE) + 16


def _heading(drawing: Drawing, chart: Chart, high: float) -> None:
    heading = String(0, high - HEADING, drawable(chart.title))
    heading.fontName, heading.fontSize, heading.fillColor = STRONG, HEADING, HexColor(INK)
    drawing.add(heading)


def _string(x: float, y: float, shown: str, colour: str, *, anchor: str = "start") -> String:
    return String(
        x, y, shown, fontName=TEXT, fontSize=SIZE, fillColor=HexColor(colour), textAnchor=anchor
    )


def _rect(x: float, y: float, wide: float, high: float, colour: str) -> Rect:
    return Rect(x, y, wide, high, fillColor=HexColor(colour), strokeWidth=0, strokeColor=None)


def _zero(x: float, y: float, to_x: float, to_y: float) -> Line:
    """The line of zero, from which lengths are compared."""
    return Line(x, y, to_x, to_y, strokeColor=HexColor(FAINT), strokeWidth=0.9)
