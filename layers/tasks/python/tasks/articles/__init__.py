"""Vocabulary of articles: seed 001."""
