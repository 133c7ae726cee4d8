"""The forms of a report: the tasks that make them, and what files they are."""

from dataclasses import dataclass

ROUTE = "/api/reports/{task_id}"


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file, by the task that makes it."""

    task: str
    suffix: str
    content_type: str


PDF = Form("reports.generate_pdf", "pdf", "application/pdf")
EXCEL = Form(
    "reports.generate_excel",
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
CSV = Form("reports.generate_csv", "csv", "text/csv; charset=utf-8")

FORMS = (PDF, EXCEL, CSV)


def form_of(file: str) -> Form | None:
    """The form of a file, by the end of its name."""
    return next((form for form in FORMS if file.endswith(f".{form.suffix}")), None)
