"""Verbs: submit, run, settle, gather, cancel, retry_again, reprioritize, sweep, bury and more."""
