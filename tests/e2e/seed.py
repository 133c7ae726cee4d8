"""Seed 000's own examples, cut from the document as it was given to us."""

import json
import re
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[1] / "contract" / "seeds" / "000.md"
ITS_URL = "https://your-app.leapcell.dev"


def blocks(language: str) -> list[str]:
    """The code blocks of one language, in order, word for word."""
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)


def at(url: str, code: str) -> str:
    """The same code, but for the URL."""
    assert ITS_URL in code
    return code.replace(ITS_URL, url)


def answers() -> list[dict[str, Any]]:
    """The answers that it shows: started, already running, running, completed, error."""
    return [json.loads(block) for block in blocks("json")]
