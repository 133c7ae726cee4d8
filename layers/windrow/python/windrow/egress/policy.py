"""What a deployment lets its functions ask of the outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from windrow.errors import ConfigurationError

RECEIVERS = ("public", "local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where a request may go: https on the public internet, and what is said here.

    http   plain HTTP too, at port 80
    local  this machine's own addresses too, at any port, with or without TLS: where nothing but a
           developer's own machine can be reached, and never in AWS
    """

    http: bool = False
    local: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Policy":
        """Read WINDROW_RECEIVERS. Raises ConfigurationError for what is no word of ours."""
        text = environment.get("WINDROW_RECEIVERS", "public")
        if text not in RECEIVERS:
            raise ConfigurationError(
                f"WINDROW_RECEIVERS must be one of {', '.join(RECEIVERS)}, not {text!r}."
            )
        return cls(local=text == "local")
