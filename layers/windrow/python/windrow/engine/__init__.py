"""Verbs: submit, claim, run, expand, settle, gather, sweep, bury."""
