"""The port: everything Windrow asks of AWS passes through one method."""

from collections.abc import Mapping
from datetime import timedelta
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


class SigningAWS(AWS, Protocol):
    """The port of whoever hands out links to what lies in the bucket."""

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        """A URL that makes this one call for whoever has it, until `lifetime` is over.

        It is made here, from this process's credentials: no request is sent, and it ends with those
        credentials if they end first.
        """
        ...
