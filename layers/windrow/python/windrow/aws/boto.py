"""boto3 behind the port."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from io import BytesIO
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a call may take; botocore's own 60 s to connect and 60 s to read outlive a function.

    connect, read   seconds, for each try
    tries           how often a call is made, the first time included
    """

    connect: float
    read: float
    tries: int

    @property
    def longest(self) -> float:
        """Seconds until a call that nobody answers fails, with botocore's waits of 1, 2 ... s."""
        pauses = float(2 ** (self.tries - 1) - 1)
        return (self.connect + self.read) * self.tries + pauses


# Somebody waits for the answer: rather tell him to come again.
QUICK = Patience(connect=0.5, read=2, tries=2)
# What happens outside, each time anew: a function that asks others (for up to 20 s), a mail, a
# message to a topic. Asked again because an answer was late, it would happen again.
ONCE = Patience(connect=1, read=30, tries=1)
# A model writes for a while, and asked again it writes, and is paid for, again.
WRITING = Patience(connect=1, read=45, tries=1)
# Nobody waits, and another try is cheaper than another attempt.
PATIENT = Patience(connect=1, read=4, tries=3)

OUTSIDE = {"bedrock-runtime": WRITING, "lambda": ONCE, "sesv2": ONCE, "sns": ONCE}

# What is not read yet when a call returns.
STREAMED = {"lambda": "Payload", "s3": "Body"}

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "ReplicatedWriteConflictException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


class Boto:
    """The port on boto3, with one client a service for the life of the process."""

    def __init__(
        self, patience: Patience = PATIENT, *, client: Callable[..., Any] = boto3.client
    ) -> None:
        def made(service: str) -> Any:
            config = _config(OUTSIDE.get(service, patience))
            return client(service, config=config)

        # boto3 clients are safe to share between threads; making one costs tens of milliseconds.
        self._client = cache(made)
        self._signer = cache(self._made_signer)

    def call(self, service: str, operation: str, parameters: Parameters) -> Answer:
        try:
            method = getattr(self._client(service), botocore.xform_name(operation))
            answer: Answer = method(**parameters)
            if (stream := STREAMED.get(service)) in answer:
                # What breaks while it is read must come out as an error of the port too.
                answer[stream] = BytesIO(answer[stream].read())
        except ClientError as error:
            raise translated(service, operation, error.response) from error
        except (ConnectionError, HTTPClientError) as error:
            raise Unavailable(service, operation, type(error).__name__, str(error)) from error
        except BotoCoreError as error:
            raise ServiceError(service, operation, type(error).__name__, str(error)) from error
        return answer

    def presigned(
        self, service: str, operation: str, parameters: Parameters, lifetime: timedelta
    ) -> str:
        seconds = int(lifetime.total_seconds())
        try:
            url: str = self._signer(service).generate_presigned_url(
                botocore.xform_name(operation), Params=dict(parameters), ExpiresIn=seconds
            )
        except BotoCoreError as error:
            raise ServiceError(service, operation, type(error).__name__, str(error)) from error
        return url

    def _made_signer(self, service: str) -> Any:
        """A client whose links work in every region, and in an emulator at a plain address.

        By default botocore signs links for S3's endpoint of us-east-1, which sends a caller on to
        the bucket's own region, where the signature is wrong.
        """
        endpoint = self._client(service).meta.endpoint_url
        style = "virtual" if ".amazonaws." in endpoint else "path"
        config = Config(signature_version="s3v4", s3={"addressing_style": style})
        return boto3.client(service, config=config)


def _config(patience: Patience) -> Config:
    return Config(
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        retries={"mode": "standard", "total_max_attempts": patience.tries},
    )


def translated(service: str, operation: str, response: Any) -> ServiceError:
    """The error that a refusal of AWS stands for."""
    code = response["Error"].get("Code", "Unknown")
    message = response["Error"].get("Message", "")
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(service, operation, message, response.get("Item"))
    if code == "TransactionCanceledException":
        reasons = tuple(
            Reason(reason.get("Code", "None"), reason.get("Item"), reason.get("Message", ""))
            for reason in response.get("CancellationReasons", [])
        )
        return TransactionCanceled(service, operation, message, reasons)
    if code in THROTTLED or status >= 500:
        return Unavailable(service, operation, code, message)
    return ServiceError(service, operation, code, message)
