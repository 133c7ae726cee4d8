"""Tasks that Windrow submits itself, and what they do."""
