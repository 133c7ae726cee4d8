"""Write a mail from a template: a folder with its subject.txt, body.txt and body.html.

What is put into HTML is escaped, and a name that a template asks for and nobody gives is an error:
a mail that says "Dear ," is worse than none.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.mail.message import Message

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates"


def written(template: str, to: str, **values: str) -> Message:
    """The mail that a template makes of these values. Raises InvalidMessage, jinja2's errors."""
    environment = _environment()

    def part(name: str) -> str:
        return environment.get_template(f"{template}/{name}").render(values)

    return Message(
        to=to, subject=part("subject.txt").strip(), text=part("body.txt"), html=part("body.html")
    )


@cache
def _environment() -> "Environment":
    # Here, for of all functions only one writes mail, and Jinja2 takes a tenth of a second.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"], default_for_string=True),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        auto_reload=False,
    )
