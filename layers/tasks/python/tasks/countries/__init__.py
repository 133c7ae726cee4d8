"""Countries: 250 of them with their estimated GDP, refreshed by a map (seed 000)."""
