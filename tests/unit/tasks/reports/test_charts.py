"""What is below zero is drawn on the other side of it."""

import pytest
from reportlab.graphics.shapes import Drawing, Line, PolyLine, Rect, String

from tasks.reports.charts import drawn
from tasks.reports.document import Chart, Kind, chosen
from tasks.reports.faces import register
from tasks.reports.palette import FAINT, SERIES

ROWS = [("a", 6.3), ("b", -3.0), ("c", 0.8)]


def drawing(kind: Kind) -> Drawing:
    register()
    chart = chosen(["Place", "Change"], ROWS, kind=kind)
    assert isinstance(chart, Chart)
    return drawn(chart, 500)


def coloured(drawing: Drawing) -> list[Rect]:
    colours = {f"0x{colour[1:]}" for colour in SERIES}
    rects = [each for each in drawing.contents if isinstance(each, Rect)]
    return [each for each in rects if each.fillColor.hexval() in colours]


def zero(drawing: Drawing) -> Line:
    lines = [each for each in drawing.contents if isinstance(each, Line)]
    [found] = [each for each in lines if each.strokeColor.hexval() == f"0x{FAINT[1:]}"]
    return found


def test_bars_below_zero_go_to_the_left_of_its_line_and_are_as_long_as_their_value() -> None:
    shown = drawing(Kind.BAR)

    high, low, small = coloured(shown)
    line = zero(shown)
    assert line.x1 == line.x2 == high.x == small.x
    assert low.x + low.width == line.x1
    assert low.width / high.width == pytest.approx(3.0 / 6.3)
    figures = [each.text for each in shown.contents if isinstance(each, String)]
    assert {"6.3", "-3.0", "0.8"} <= set(figures)


def test_a_line_crosses_the_line_of_zero_and_its_scale_is_round() -> None:
    shown = drawing(Kind.LINE)

    [line] = [each for each in shown.contents if isinstance(each, PolyLine)]
    y = zero(shown).y1
    assert [height > y for height in line.points[1::2]] == [True, False, True]
    marks = [each.text for each in shown.contents if isinstance(each, String)]
    assert {"-4", "-2", "0", "2", "4", "6", "8"} <= set(marks)
