"""What operators see: one log line per event, and metrics."""
