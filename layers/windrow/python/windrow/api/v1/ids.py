"""Which task a path means: `def show(ref: TaskRef) -> Response`, below `/v1/tasks/{task_id}`."""

from typing import Annotated

from fastapi import Depends, Path

from windrow.api.v1.caller import Tenant
from windrow.errors import NotFound
from windrow.model.ref import NAME, Ref

EXAMPLE = "01KF0Q5M00E4Q8V0J8Z1X2Y3W4"


def _task_ref(
    tenant: Tenant,
    task_id: Annotated[
        str,
        Path(examples=[EXAMPLE], json_schema_extra={"pattern": f"^{NAME.pattern}$"}),
    ],
) -> Ref:
    """The caller's own task of that id. What is no id is that of no task: 404, and not 422."""
    if not NAME.fullmatch(task_id):
        raise NotFound(task_id[:80])
    return Ref(tenant, task_id)


TaskRef = Annotated[Ref, Depends(_task_ref)]
