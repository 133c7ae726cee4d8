"""The shapes of the examples' bodies and answers, as OpenAPI shows them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ID = "01KF0Q5M00E4Q8V0J8Z1X2Y3W4"
TIME = "2026-01-15T10:30:00"


def _like(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class Started(BaseModel):
    """A task that was accepted."""

    model_config = _like(message="Task started", task_id=ID, status="running")

    message: str
    task_id: str
    status: Literal["running"]


class Fetching(BaseModel):
    """Five fetches, and how long such a task takes: as measured, once some have ended."""

    model_config = _like(message="Async task started", task_id=ID, estimated_duration="2-3 seconds")

    message: str
    task_id: str
    estimated_duration: str


class Reminding(BaseModel):
    """A reminder, and when its task starts. Times are UTC, without a zone."""

    model_config = _like(
        message="Reminder scheduled", task_id=ID, scheduled_for="2026-01-15T10:30:30"
    )

    message: str
    task_id: str
    scheduled_for: str


class Monitoring(BaseModel):
    """The first of sixty checks; `Link` leads to the schedule that starts them."""

    model_config = _like(
        message="System monitoring started",
        task_id=ID,
        interval="10 seconds",
        duration="10 minutes",
    )

    message: str
    task_id: str
    interval: str
    duration: str


class Processing(BaseModel):
    """A task that says how far it is."""

    model_config = _like(message="Data processing started", task_id=ID, progress_available=True)

    message: str
    task_id: str
    progress_available: bool


class Unreliable(BaseModel):
    """A task that may fail, and how it is tried again."""

    model_config = _like(
        message="Unreliable task started",
        task_id=ID,
        max_retries=3,
        retry_policy="exponential_backoff",
    )

    message: str
    task_id: str
    max_retries: int
    retry_policy: str


class Handled(BaseModel):
    """A task whose errors are handled by their kind."""

    model_config = _like(message="Task with custom error handling started", task_id=ID)

    message: str
    task_id: str


class Prioritised(BaseModel):
    """A task, and how urgent it is."""

    model_config = _like(message="High priority task scheduled", task_id=ID, priority="HIGH")

    message: str
    task_id: str
    priority: Literal["LOW", "NORMAL", "HIGH", "CRITICAL"]


class Batch(BaseModel):
    """Ten tasks."""

    model_config = _like(message="Batch processing started", batch_tasks=[ID], total_items=1)

    message: str
    batch_tasks: list[str]
    total_items: int


class Calculating(BaseModel):
    """A calculation, and how long its result is kept."""

    model_config = _like(message="Calculation started", task_id=ID, result_available_for="24 hours")

    message: str
    task_id: str
    result_available_for: str


Word = Literal["pending", "running", "completed", "failed", "cancelled"]


class Status(BaseModel):
    """How a task stands. `result` is what it came to, or why it failed; null before its end."""

    model_config = _like(
        task_id=ID, status="completed", result={"result": "Task completed successfully"}
    )

    task_id: str
    status: Word
    result: Any


class Progress(BaseModel):
    """How far a task is."""

    model_config = _like(
        task_id=ID,
        progress_percent=57,
        current_step="Processing batch 2/3...",
        status="running",
        started_at=TIME,
        estimated_completion="2026-01-15T10:30:04",
    )

    task_id: str
    progress_percent: int = Field(ge=0, le=100)
    current_step: str
    status: Word
    started_at: str | None
    estimated_completion: str | None


class Calculation(BaseModel):
    """The stored result of a calculation."""

    model_config = _like(
        task_id=ID,
        result={
            "calculation": "sum_of_squares",
            "range": "1 to 1,000,000",
            "result": 333333833333500000,
            "computed_at": TIME,
        },
        retrieved_at=TIME,
    )

    task_id: str
    result: Any
    retrieved_at: str


class ActiveTask(Progress):
    """A task that has not ended."""

    model_config = _like(
        task_id=ID,
        task_name="examples.process_data",
        priority=5,
        created_at=TIME,
        progress_percent=57,
        current_step="Processing batch 2/3...",
        status="running",
        started_at=TIME,
        estimated_completion="2026-01-15T10:30:04",
    )

    task_name: str
    priority: int = Field(ge=1, le=10)
    created_at: str


class Active(BaseModel):
    """The newest 1,000 tasks that have not ended, and how many there are in all."""

    model_config = _like(active_tasks=[], total_count=0)

    active_tasks: list[ActiveTask]
    total_count: int


class Shutdown(BaseModel):
    """Whether some pool accepts tasks, and whether some pool was told not to."""

    model_config = _like(accepting_new_tasks=True, active_tasks=0, shutdown_initiated=False)

    accepting_new_tasks: bool
    active_tasks: int
    shutdown_initiated: bool


class Analytics(BaseModel):
    """What became of the tasks of the last 31 days; the peak is the last day's."""

    model_config = _like(
        total_tasks_executed=50,
        successful_tasks=49,
        failed_tasks=1,
        average_execution_time="1.23s",
        current_queue_size=0,
        peak_concurrent_tasks=2,
        uptime="12.5 hours",
    )

    total_tasks_executed: int
    successful_tasks: int
    failed_tasks: int
    average_execution_time: str
    current_queue_size: int
    peak_concurrent_tasks: int
    uptime: str


class Performance(BaseModel):
    """How the answering function's machine stands, and what the workers get done."""

    model_config = _like(
        cpu_usage=12.5,
        memory_usage=118.4,
        active_workers=2,
        tasks_per_second=0.0417,
        error_rate="2.00%",
    )

    cpu_usage: float = Field(
        description="Percent of the processors that the function's machine has"
    )
    memory_usage: float = Field(description="Megabytes that the function holds")
    active_workers: int = Field(description="Attempts whose lease is alive")
    tasks_per_second: float = Field(description="What ended within the last five minutes")
    error_rate: str = Field(description="The share of the last hour's tasks that failed")


class Problem(BaseModel):
    """What went wrong, in a sentence."""

    model_config = ConfigDict(title="ExampleProblem", **_like(error="Task not found"))

    error: str


class Invalid(BaseModel):
    """Each wrong field or parameter, with what was expected of it."""

    model_config = ConfigDict(
        title="InvalidExample",
        **_like(error="Validation failed", details={"priority": "Input should be 'LOW', ..."}),
    )

    error: str
    details: dict[str, str]
