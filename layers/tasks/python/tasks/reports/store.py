"""Reports in the bucket: one file a task, by a name that its id derives."""

from dataclasses import dataclass

from tasks.reports.names import Form
from windrow.aws.port import AWS


def key(tenant: str, task_id: str, form: Form) -> str:
    """Where the report of a task lies."""
    return f"reports/{tenant}/{task_id}.{form.suffix}"


@dataclass(frozen=True, slots=True)
class ReportStore:
    """Where reports lie until a rule of the bucket removes them."""

    aws: AWS
    bucket: str

    def put(self, key: str, body: bytes, form: Form, file: str) -> None:
        """Store a report; a second time replaces it. Browsers save it under the name `file`."""
        self.aws.call(
            "s3",
            "PutObject",
            {
                "Bucket": self.bucket,
                "Key": key,
                "Body": body,
                "ContentType": form.content_type,
                "ContentDisposition": f'attachment; filename="{file}"',
            },
        )
