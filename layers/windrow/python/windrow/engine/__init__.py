"""Verbs: submit, claim, run, expand, settle, gather, cancel, reprioritize, sweep, bury."""
