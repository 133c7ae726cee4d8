"""CSV as RFC 4180 has it, safe to open in a spreadsheet.

A cell that begins with =, +, -, @ or a control character is taken for a formula there, and a
formula can send what stands beside it to strangers (OWASP, "CSV Injection"). So a text that begins
so gets an apostrophe before it, which spreadsheets read as "this is text".
"""

import csv
import re
from io import StringIO

from tasks.reports.document import Cell, Document

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def written(document: Document) -> bytes:
    """The table in UTF-8, a header first, each line ended by CRLF; title and chart are left out."""
    lines = StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow([guarded(name) for name in document.columns])
    writer.writerows([guarded(cell) for cell in row] for row in document.rows)
    return lines.getvalue().encode()


def guarded(cell: Cell) -> str:
    """A cell as CSV has it, without what a spreadsheet would run. Numbers are what they are."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return repr(cell)
        case str():
            return f"'{cell}" if cell.startswith(DANGEROUS) and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None
