"""The names by which the world knows the articles: of the task, and of the routes."""

TASK = "articles.extract"
# What the seed calls a task of this kind.
TYPE = "article_extract"

EXTRACT = "/api/articles/extract"
POLL = "/api/tasks/"
SAMPLE = "/api/articles/samples/{name}"
GLOSSARY = "/api/articles/glossaries/{source_lang}/{target_lang}"
