"""Lambda's Invoke, simulated: functions of a test's that answer at once, or raise."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only

type Answer = dict[str, Any]
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST = 6 * 1024 * 1024


@dataclass
class Invoked:
    """The functions of a simulated world that others may invoke, by name."""

    functions: dict[str, Callable[[Any], Any]] = field(default_factory=dict)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        if operation != "Invoke":
            raise Unsupported(f"The simulated Lambda has no {operation}.")
        only(parameters, operation, frozenset({"FunctionName", "Payload"}))
        if parameters["FunctionName"] not in self.functions:
            raise Refusal("ResourceNotFoundException", "Function not found.")
        if len(parameters["Payload"]) > LARGEST:
            raise Refusal("RequestTooLargeException", "The payload is too large.")
        function = self.functions[parameters["FunctionName"]]
        try:
            answer = function(json.loads(parameters["Payload"]))
        except Exception as error:  # noqa: BLE001 - as the runtime reports whatever a handler raises
            told = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": _stream(told)}
        return {"StatusCode": 200, "Payload": _stream(answer)}


def _stream(value: Any) -> BytesIO:
    return BytesIO(json.dumps(value).encode())
