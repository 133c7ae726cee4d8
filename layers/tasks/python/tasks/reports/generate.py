"""The tasks that make reports, one for each form."""

from datetime import timedelta
from typing import Any

from tasks.reports.collect import collected
from tasks.reports.names import CSV, EXCEL, PDF, Form
from tasks.reports.params import PdfParams, ReportParams
from tasks.reports.settings import Settings
from tasks.reports.write import write
from windrow import Context, RetryPolicy, task
from windrow.model.shown import instant

PRIORITY = 5
POOL = "reports"
# Seed 004: three retries, the first within a minute, longer each time.
RETRY = RetryPolicy(attempts=4, base=timedelta(seconds=60))
# Its file lies in the bucket for as long as records are kept, a week at the least.
KEPT = timedelta(days=7)


@task(PDF.task, pool=POOL, params=PdfParams, priority=PRIORITY, retry=RETRY, keep_result=KEPT)
def generate_pdf(context: Context, params: PdfParams) -> dict[str, Any]:
    """A PDF with a title, a chart and a table whose header is on every page."""
    return _generated(context, params, PDF)


@task(EXCEL.task, pool=POOL, params=ReportParams, priority=PRIORITY, retry=RETRY, keep_result=KEPT)
def generate_excel(context: Context, params: ReportParams) -> dict[str, Any]:
    """A workbook with the table in typed cells, and a chart."""
    return _generated(context, params, EXCEL)


@task(CSV.task, pool=POOL, params=ReportParams, priority=PRIORITY, retry=RETRY, keep_result=KEPT)
def generate_csv(context: Context, params: ReportParams) -> dict[str, Any]:
    """The table as CSV."""
    return _generated(context, params, CSV)


def _generated(context: Context, params: ReportParams, form: Form) -> dict[str, Any]:
    context.progress(0, 2, "Collecting rows")
    document = collected(context, params, Settings.from_environment().table)
    context.progress(1, 2, f"Writing {len(document.rows):,} rows")
    written = write(context, document, form, file=params.file_name)
    return {
        "status": "success",
        "report_url": written.url,
        "expires_at": instant(written.expires),
        "bytes": written.size,
        "generated_file": written.file,
    }


tasks = (generate_pdf, generate_excel, generate_csv)
