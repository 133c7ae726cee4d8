"""Notifications: told to an outbox, a mail address, a topic and webhooks (seed 003)."""
