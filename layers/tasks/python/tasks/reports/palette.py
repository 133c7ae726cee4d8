"""The colours of pages and charts, as the summary image of the countries has them."""

INK = "#22301f"
FAINT = "#6f7667"
TRACK = "#ece7da"
PAPER = "#fbf9f4"
HAY = "#d8a032"

# Told apart by people who see no red or no green, too; the first is the most common.
SERIES = (HAY, "#3f6f5e", "#a6452f", "#5c6f9e")
