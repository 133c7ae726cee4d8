"""What the papers show runs, and the figures in them are those of the code."""

import re
from pathlib import Path
from typing import Any

from tests.tables import resources

ROOT = Path(__file__).parents[2]


def snippets(paper: str) -> list[str]:
    """The Python blocks of a paper."""
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / paper).read_text(), re.M | re.S)


def test_the_task_that_contributing_shows_runs_as_it_says() -> None:
    world: dict[str, Any] = {}
    for snippet in snippets("CONTRIBUTING.md"):
        exec(compile(snippet, "CONTRIBUTING.md", "exec"), world)

    world["test_letters_are_counted"]()


def test_the_readme_pays_for_the_alarms_that_there_are() -> None:
    alarms = [r for r in resources().values() if r["Type"] == "AWS::CloudWatch::Alarm"]

    assert f"{len(alarms)} alarms ${len(alarms) * 0.1:.2f}" in (ROOT / "README.md").read_text()


def test_decisions_are_numbered_one_by_one() -> None:
    papers = sorted((ROOT / "docs/decisions").iterdir())
    numbers = [int(paper.name[:4]) for paper in papers]
    titles = [int(paper.read_text().removeprefix("# ").partition(".")[0]) for paper in papers]

    assert numbers == titles == [*range(1, len(papers) + 1)]
