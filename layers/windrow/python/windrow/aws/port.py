"""The port: everything Windrow asks of AWS passes through one method."""

from collections.abc import Mapping
from typing import Any, Protocol

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]


class AWS(Protocol):
    """boto3 stands behind it in production, a fake that injects faults in tests."""

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        """Make one call, e.g. ("dynamodb", "GetItem", {...}), and return its answer.

        Raises `aws.errors.ServiceError` or one of its kinds, and nothing else.
        A call may take effect although it raises: the answer can be lost on the way.
        """
        ...
