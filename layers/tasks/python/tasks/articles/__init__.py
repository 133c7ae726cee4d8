"""Articles: the vocabulary of a page on the web (seed 001)."""
