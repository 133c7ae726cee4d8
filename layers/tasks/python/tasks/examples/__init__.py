"""The example tasks of seed 002: each of its seventeen routes, with real work behind it."""
