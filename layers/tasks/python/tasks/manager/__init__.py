"""The task manager: tasks of four types, enqueued, shown, listed, counted, cancelled (seed 004)."""
