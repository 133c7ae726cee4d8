"""The tasks of the analytics."""

from tasks.analytics.dashboard import update_dashboard
from tasks.analytics.process import process_data

tasks = (update_dashboard, process_data)
