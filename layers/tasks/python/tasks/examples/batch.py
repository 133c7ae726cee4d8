"""One item of a batch of ten: a tenth of the records, checked."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tasks.examples import records
from tasks.examples.names import BATCH_ITEM
from windrow import Context, task

ITEMS = 10


class Item(BaseModel):
    """Which tenth."""

    model_config = ConfigDict(extra="forbid", strict=True)

    item_id: int = Field(ge=0, lt=ITEMS)


@task(BATCH_ITEM, params=Item)
def process_item(context: Context, params: Item) -> dict[str, Any]:
    """Check the records of one item: every tenth, from its own on."""
    checked = records.validate(records.load()[params.item_id :: ITEMS])
    context.logger.info("item.processed", extra={"item": params.item_id, "records": checked})
    return {"item_id": params.item_id, "processed": True}
