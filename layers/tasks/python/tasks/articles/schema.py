"""The shapes of the articles' requests and answers, for the API."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_ENTRIES = 5000

Entry = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Started(BaseModel):
    """The extraction as it stands; what there is not is left out. Times are UTC, without a zone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "task_id": "01KF0Q5M00E4Q8V0J8Z1X2Y3W4",
                    "type": "article_extract",
                    "status": "pending",
                    "created_at": "2024-01-15T10:30:00",
                }
            ]
        }
    )

    task_id: str
    type: str
    # Another title than that of the other status: generated clients make a type of each.
    status: Literal["pending", "in_progress", "completed", "failed"] = Field(title="Extraction")
    result: Any = None
    error: str | None = None
    created_at: str
    completed_at: str | None = None


class Entries(BaseModel):
    """A glossary: words of one language, each with its translation to another."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"entries": {"tranvía": "tram", "vagón": "carriage"}}]},
    )

    entries: dict[Entry, Entry] = Field(
        description="A lemma, or a form as it stands in articles, to its translation",
        max_length=MOST_ENTRIES,
    )


class Sentence(BaseModel):
    """What is wrong, in a sentence."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"detail": "Sample not found"}]})

    detail: str


class Wrong(BaseModel):
    """Each field or parameter that is not what it must be, or a sentence about all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"detail": [{"type": "missing", "loc": ["body", "url"], "msg": "Field required"}]}
            ]
        }
    )

    detail: Any
