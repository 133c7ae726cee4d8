"""How a simulated service says no: in AWS's own shape, which the product's port translates."""

from typing import Any


class Refusal(Exception):
    """An error answer of AWS. `response` is what botocore's ClientError would carry."""

    def __init__(self, code: str, message: str, status: int = 400, **details: Any) -> None:
        self.code = code
        self.message = message
        self.response: dict[str, Any] = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
            **details,
        }
        super().__init__(f"{code}: {message}")


class Unsupported(GeneratorExit):
    """The simulation does not know what AWS would do. The engine may not swallow this."""


def invalid(message: str) -> Refusal:
    """DynamoDB's answer to a request that can never be right."""
    return Refusal("ValidationException", message)


def only(parameters: Any, operation: str, known: frozenset[str]) -> None:
    """Raise Unsupported for a parameter that the simulation would ignore."""
    if not parameters.keys() <= known:
        unknown = sorted(parameters.keys() - known)
        raise Unsupported(f"The simulation has no {operation} with {unknown}.")
