"""boto3 behind the port."""

from functools import cache
from typing import Any

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from windrow.aws.errors import (
    ConditionFailed,
    Reason,
    ServiceError,
    TransactionCanceled,
    Unavailable,
)
from windrow.aws.port import Answer, Parameters

# botocore waits 60 s to connect and 60 s to read: one hung call would outlive a 60 s function.
CONFIG = Config(
    connect_timeout=1,
    read_timeout=4,
    retries={"mode": "standard", "total_max_attempts": 4},
)

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


class Boto:
    """The port on boto3, with one client a service for the life of the process."""

    def __init__(self) -> None:
        # boto3 clients are safe to share between threads; making one costs tens of milliseconds.
        self._client = cache(lambda service: boto3.client(service, config=CONFIG))

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        method = getattr(self._client(service), botocore.xform_name(operation))
        try:
            answer: Answer = method(**parameters)
        except ClientError as error:
            raise translated(service, operation, error.response) from error
        except (ConnectionError, HTTPClientError) as error:
            raise Unavailable(service, operation, type(error).__name__, str(error)) from error
        except BotoCoreError as error:
            raise ServiceError(service, operation, type(error).__name__, str(error)) from error
        return answer


def translated(service: str, operation: str, response: Any) -> ServiceError:
    """The error that a refusal of AWS stands for."""
    code = response["Error"].get("Code", "Unknown")
    message = response["Error"].get("Message", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(service, operation, message, response.get("Item"))
    if code == "TransactionCanceledException":
        reasons = tuple(
            Reason(reason.get("Code", "None"), reason.get("Item"))
            for reason in response.get("CancellationReasons", [])
        )
        return TransactionCanceled(service, operation, message, reasons)
    if code in THROTTLED or status >= 500:
        return Unavailable(service, operation, code, message)
    return ServiceError(service, operation, code, message)
