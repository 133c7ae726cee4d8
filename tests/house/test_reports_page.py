"""What docs/reports.md shows runs."""

from typing import Any

from tests.house.test_papers import snippets

PAPER = "docs/reports.md"


def test_what_the_page_shows_makes_a_report() -> None:
    world: dict[str, Any] = {"__name__": "reports"}

    for snippet in snippets(PAPER):
        exec(compile(snippet, PAPER, "exec"), world)

    assert world["document"].chart.title == "Records by Region"
