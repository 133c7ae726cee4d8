"""Every metric that Windrow emits, by the name it has in CloudWatch."""

from enum import StrEnum


class Metric(StrEnum):
    """Counts, but for those in seconds, which say so."""

    TASKS_SUBMITTED = "TasksSubmitted"
    TASKS_SUCCEEDED = "TasksSucceeded"
    TASKS_FAILED = "TasksFailed"
    TASKS_CANCELLED = "TasksCancelled"
    CHUNKS_SETTLED = "ChunksSettled"
    ATTEMPTS_RETRIED = "AttemptsRetried"
    HINTS_SENT = "HintsSent"
    HINTS_FAILED = "HintsFailed"
    MESSAGES_FAILED = "MessagesFailed"
    DEAD_LETTERS = "DeadLetters"
    CHANGES_SKIPPED = "ChangesSkipped"
    ENDPOINTS_DISABLED = "EndpointsDisabled"
    MODEL_INPUT_TOKENS = "ModelInputTokens"
    MODEL_OUTPUT_TOKENS = "ModelOutputTokens"
    HALTED_SECONDS = "HaltedSeconds"
    TASKS_WAITING = "TasksWaiting"
    COMPLETION_PERCENT = "CompletionPercent"
    OLDEST_WAITING_SECONDS = "OldestWaitingSeconds"
    OLDEST_OVERDUE_SECONDS = "OldestOverdueSeconds"
    STREAM_LAG_SECONDS = "StreamLagSeconds"
