"""The faces of a PDF, told to ReportLab once, and texts in the letters that they have."""

from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from tasks.fonts import MEDIUM, REGULAR

TEXT = "Roboto"
STRONG = "Roboto-Medium"
UNKNOWN = "\ufffd"


@cache
def register() -> None:
    """Make the faces known; a document embeds the letters that it uses."""
    pdfmetrics.registerFont(TTFont(TEXT, str(REGULAR)))
    pdfmetrics.registerFont(TTFont(STRONG, str(MEDIUM)))


def drawable(text: str) -> str:
    """The text with a sign in place of what the face has no letter for, such as Chinese."""
    known = _known()
    if all(ord(letter) in known for letter in text):
        return text
    return "".join(
        letter if ord(letter) in known else " " if letter.isspace() else UNKNOWN for letter in text
    )


def width(text: str, size: float, face: str = TEXT) -> float:
    """How wide a text is, in points."""
    wide: float = pdfmetrics.stringWidth(text, face, size)
    return wide


def shortened(text: str, size: float, most: float) -> str:
    """The text, or as much of it as fits with an ellipsis after it."""
    if width(text, size) <= most:
        return text
    while text and width(text + "…", size) > most:
        text = text[:-1].rstrip()
    return text + "…"


@cache
def _known() -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(TEXT).face.charToGlyph)
