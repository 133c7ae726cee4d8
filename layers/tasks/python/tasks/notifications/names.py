"""The names by which the world knows notifications: of the task, and of the routes."""

TASK = "notifications.notify"

NOTIFY = "/api/notifications/notify"
LATEST = "/api/notifications"
# Where any task is polled.
POLL = "/api/tasks/"
