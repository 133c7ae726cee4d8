"""Lambda events <-> engine: one translation a file, named as its function."""
