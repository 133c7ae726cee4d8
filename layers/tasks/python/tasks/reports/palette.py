"""The colours of pages and charts, as the summary image of the countries has them."""

INK = "#22301f"
FAINT = "#6f7667"
TRACK = "#ece7da"
PAPER = "#fbf9f4"
HAY = "#d8a032"

# The first is what most charts show, the second what went wrong; their brightness differs, too.
SERIES = (HAY, "#a6452f", "#5c6f9e", "#3f6f5e")
