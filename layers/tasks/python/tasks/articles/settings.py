"""The environment of the articles, read and checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from windrow.errors import ConfigurationError

SWITCH = ("on", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment tells the articles.

    table      where words and glossaries are
    egress     the function that asks strangers' addresses; None where nothing is fetched
    model      the id of a model of Bedrock, or of an inference profile; None for none
    translates is Amazon Translate asked for what no glossary has?
    """

    table: str
    egress: str | None = None
    model: str | None = None
    translates: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read APPLICATION_TABLE, WINDROW_EGRESS, ARTICLES_MODEL_ID and ARTICLES_TRANSLATE.

        Raises ConfigurationError when a value is missing or not what it must be.
        """
        table = environment.get("APPLICATION_TABLE")
        if not table:
            raise ConfigurationError("The environment variable APPLICATION_TABLE is not set.")
        translate = environment.get("ARTICLES_TRANSLATE") or "off"
        if translate not in SWITCH:
            raise ConfigurationError(f"ARTICLES_TRANSLATE must be on or off, not {translate!r}.")
        return cls(
            table=table,
            egress=environment.get("WINDROW_EGRESS") or None,
            model=environment.get("ARTICLES_MODEL_ID") or None,
            translates=translate == "on",
        )
