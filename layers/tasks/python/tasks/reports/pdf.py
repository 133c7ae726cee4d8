"""A report as PDF: title, summary, chart, and a table whose header is on each of its pages.

Imported by a worker alone, and only when it draws.
"""

from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from tasks.reports.charts import drawn
from tasks.reports.document import Document, is_numeric, text
from tasks.reports.faces import STRONG, TEXT, drawable, register, shortened, width
from tasks.reports.figures import places
from tasks.reports.palette import FAINT, HAY, INK, PAPER, TRACK

# A frame keeps 6 points of its own inside of the margin.
MARGIN, INSIDE = 42.0, 6.0
EDGE = MARGIN + INSIDE
# More columns than these need the longer side of the page.
PORTRAIT = 6
SIZE, LEADING, PADDING = 8.5, 11.0, 4.0
NARROWEST = 28.0
# A column shows the widest of its first cells, up to so much of the page.
MEASURED = 500
WIDEST = 0.4


def drawing(document: Document) -> bytes:
    """The PDF; the same bytes for the same document."""
    register()
    page = landscape(A4) if len(document.columns) > PORTRAIT else A4
    wide = page[0] - 2 * EDGE
    target = BytesIO()
    template = SimpleDocTemplate(
        target,
        pagesize=page,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 8,
        title=document.title,
        author="Windrow",
        subject=document.subtitle,
        invariant=1,
    )
    template.build(
        [*_head(document), *_chart(document, wide), *_table(document, wide)],
        canvasmaker=lambda *args, **kwargs: _Numbered(document.title, *args, **kwargs),
    )
    return target.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]
    """A canvas that knows how many pages there are when it writes the foot of each of them."""

    def __init__(self, title: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._title = drawable(title)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - ReportLab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self._pages
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self._pages = pages
            self._foot(f"Page {number} of {len(pages)}")
            super().showPage()
        super().save()

    def _foot(self, number: str) -> None:
        wide = self._pagesize[0]
        self.setFont(TEXT, 8)
        self.setFillColor(HexColor(FAINT))
        room = wide - 2 * EDGE - width(number, 8) - 24
        self.drawString(EDGE, MARGIN - 8, shortened(self._title, 8, room))
        self.drawRightString(wide - EDGE, MARGIN - 8, number)


def _head(document: Document) -> list[Flowable]:
    parts: list[Flowable] = [
        _paragraph(document.title, STRONG, 20, 25, INK),
        _paragraph(document.subtitle, TEXT, 9, 14, FAINT),
        HRFlowable(width="100%", thickness=1.5, color=HexColor(HAY), spaceBefore=6, spaceAfter=10),
    ]
    paragraphs = [line for line in document.summary.splitlines() if line.strip()]
    parts += [_paragraph(line, TEXT, 10, 14.5, INK) for line in paragraphs]
    if paragraphs:
        parts.append(Spacer(0, 8))
    return parts


def _chart(document: Document, wide: float) -> list[Flowable]:
    if document.chart is None or document.chart.is_empty:
        return []
    return [Spacer(0, 4), drawn(document.chart, wide), Spacer(0, 14)]


def _table(document: Document, wide: float) -> list[Flowable]:
    if not document.rows:
        return [_paragraph("There are no rows.", TEXT, 10, 14, FAINT)]
    columns = range(len(document.columns))
    right = {number for number in columns if is_numeric(document.rows, number)}
    decimals = [places(row[number] for row in document.rows) for number in columns]
    widths = _widths(document, wide, decimals)
    header = [
        _paragraph(name, STRONG, SIZE, LEADING, INK, is_right=number in right)
        for number, name in enumerate(document.columns)
    ]
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), TEXT, SIZE, LEADING),
            ("TEXTCOLOR", (0, 0), (-1, -1), HexColor(INK)),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(TRACK)),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [HexColor("#ffffff"), HexColor(PAPER)]),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(TRACK)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
            ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
            *(("ALIGN", (number, 0), (number, -1), "RIGHT") for number in sorted(right)),
        ]
    )
    cells = [
        [
            _cell(text(cell, decimals[number]), widths[number], number in right)
            for number, cell in enumerate(row)
        ]
        for row in document.rows
    ]
    return [LongTable([header, *cells], colWidths=widths, repeatRows=1, splitInRow=1, style=style)]


def _cell(cell: str, wide: float, is_right: bool) -> Any:
    """A text where it fits in a line, which is quick; else a paragraph."""
    shown = drawable(cell)
    if "\n" not in shown and width(shown, SIZE) <= wide - 2 * PADDING:
        return shown
    return _paragraph(shown, TEXT, SIZE, LEADING, INK, is_right=is_right)


def _widths(document: Document, wide: float, decimals: Sequence[int]) -> list[float]:
    """Columns as wide as what they hold, made to fill the page."""
    natural = []
    for number, name in enumerate(document.columns):
        longest = max(
            (
                width(drawable(text(row[number], decimals[number])), SIZE)
                for row in _some(document.rows)
            ),
            default=0.0,
        )
        longest = max(longest, width(drawable(name), SIZE, STRONG))
        natural.append(min(max(longest + 2 * PADDING + 1, NARROWEST), wide * WIDEST))
    total = sum(natural)
    if total <= wide:
        return [each + (wide - total) / len(natural) for each in natural]
    # What is narrow stays as it is; the wide ones share what is left.
    fair = wide / len(natural)
    narrow = sum(each for each in natural if each <= fair)
    others = sum(each for each in natural if each > fair)
    return [each if each <= fair else each * (wide - narrow) / others for each in natural]


def _some(rows: Sequence[Any]) -> Sequence[Any]:
    return rows[:: max(len(rows) // MEASURED, 1)]


def _paragraph(
    shown: str, face: str, size: float, leading: float, colour: str, *, is_right: bool = False
) -> Paragraph:
    style = ParagraphStyle(
        face,
        fontName=face,
        fontSize=size,
        leading=leading,
        textColor=HexColor(colour),
        # A long word without a space, such as an id, would run out of its column.
        splitLongWords=True,
        **({"alignment": TA_RIGHT} if is_right else {}),
    )
    return Paragraph(escape(drawable(shown)).replace("\n", "<br/>"), style)
