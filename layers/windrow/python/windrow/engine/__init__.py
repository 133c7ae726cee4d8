"""Verbs: submit, claim, run, expand, settle, gather, cancel, sweep, bury."""
