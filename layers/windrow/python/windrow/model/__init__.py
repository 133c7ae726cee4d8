"""Nouns: frozen, pure, no I/O, no clock, no AWS."""
