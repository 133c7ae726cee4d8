"""What analytics may be asked for."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_ROWS = 50_000


class DashboardParams(BaseModel):
    """The figures of the last so many hours."""

    model_config = ConfigDict(extra="forbid")

    hours: Annotated[int, Field(ge=1, le=743)] = 24


class DataParams(BaseModel):
    """A table: rows, or an object of the bucket.

    rows    objects, whose fields are the columns
    key     an object under items/<tenant>/, as CSV with a header or as JSON Lines of objects
    format  of that object; by the end of its name if it is not said
    top     how many of the most frequent values of each column are shown
    """

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[dict[str, Any]], Field(max_length=MOST_ROWS)] | None = None
    key: Annotated[str, Field(max_length=500)] | None = None
    format: Literal["csv", "jsonl"] | None = None
    top: Annotated[int, Field(ge=0, le=50)] = 10

    @property
    def is_csv(self) -> bool:
        """Is the object CSV?"""
        return self.format == "csv" or (self.format is None and (self.key or "").endswith(".csv"))

    @model_validator(mode="after")
    def _is_one_table(self) -> "DataParams":
        if (self.rows is None) == (self.key is None):
            raise ValueError("give rows, or the key of an object")
        return self
