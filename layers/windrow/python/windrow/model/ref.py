"""Which record is meant: a task, one group of a map's chunks, one chunk, or a schedule."""

import re
from dataclasses import dataclass

# A group's chunks are read in one consistent Query when one of them ends; 100 rows are about 30 KB.
GROUP_SIZE = 100
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# The tenant of whoever names none; until API keys come, that is everybody.
DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True)
class Ref:
    """A tenant's task; with `group`, a group of its chunks; with `chunk` too, that chunk."""

    tenant: str
    task: str
    group: int | None = None
    chunk: int | None = None

    def __post_init__(self) -> None:
        # Both stand in keys, between #, and the tenant in a message's group: one alphabet for all.
        for text in (self.tenant, self.task):
            if not NAME.fullmatch(text):
                raise ValueError(f"Not a tenant or a task id: {text[:80]!r}")

    @property
    def parent(self) -> "Ref":
        """The task that a group or a chunk belongs to."""
        return Ref(self.tenant, self.task)

    @property
    def ids(self) -> dict[str, str]:
        """What every log line about this record carries: whose it is, and which."""
        return {"tenant": self.tenant, "task": str(self)}

    def group_at(self, number: int) -> "Ref":
        """The group of this task with that number, from 0."""
        return Ref(self.tenant, self.task, number)

    def chunk_at(self, number: int) -> "Ref":
        """The chunk of this task with that number, from 0, in its group."""
        return Ref(self.tenant, self.task, number // GROUP_SIZE, number)

    @property
    def own_group(self) -> "Ref":
        """The group that a chunk belongs to."""
        return Ref(self.tenant, self.task, self.group)

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.group, self.chunk) if number is not None]
        return "/".join([self.task, *numbers])


@dataclass(frozen=True, slots=True)
class ScheduleRef:
    """A tenant's schedule; dots in its id are those of a task's name."""

    tenant: str
    id: str

    def __post_init__(self) -> None:
        for text in (self.tenant, self.id.replace(".", "-")):
            if not NAME.fullmatch(text):
                raise ValueError(f"Not a tenant or the id of a schedule: {text[:80]!r}")

    @property
    def ids(self) -> dict[str, str]:
        """What every log line about this schedule carries."""
        return {"tenant": self.tenant, "schedule": self.id}

    def __str__(self) -> str:
        return self.id
