"""Secrets Manager, simulated: secrets that are created and read."""

from collections.abc import Mapping
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"


class SecretsManager:
    """All secrets of a simulated world, by ARN."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        match operation:
            case "CreateSecret":
                only(parameters, operation, frozenset({"Name", "SecretString"}))
                arn = f"{ARN}{parameters['Name']}-AbCdEf"
                self.secrets[arn] = parameters["SecretString"]
                return {"ARN": arn, "Name": parameters["Name"]}
            case "GetSecretValue":
                only(parameters, operation, frozenset({"SecretId"}))
                return {"SecretString": self._secret(parameters["SecretId"])}
        raise Unsupported(f"The simulated Secrets Manager has no {operation}.")

    def _secret(self, arn: str) -> str:
        if arn not in self.secrets:
            message = "Secrets Manager can't find the specified secret."
            raise Refusal("ResourceNotFoundException", message)
        return self.secrets[arn]
