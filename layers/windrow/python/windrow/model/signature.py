"""Signatures of webhooks, as Standard Webhooks has them (https://www.standardwebhooks.com).

A secret is not kept anywhere: it is made from the deployment's signing key and the endpoint's salt,
so that one key in Secrets Manager or SSM stands for all of them.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"


def secret(key: str, tenant: str, endpoint: str, salt: str) -> bytes:
    """The 32 bytes of an endpoint's secret."""
    text = f"windrow/webhook/{tenant}/{endpoint}/{salt}"
    return hmac.digest(key.encode(), text.encode(), hashlib.sha256)


def spelled(found: bytes) -> str:
    """A secret as receivers write it down."""
    return PREFIX + b64encode(found).decode()


def signed(secrets: Sequence[bytes], message: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message: its id stays over all tries, its time is that of this one."""
    timestamp = str(int(now.timestamp()))
    content = b".".join([message.encode(), timestamp.encode(), body])
    signatures = (hmac.digest(each, content, hashlib.sha256) for each in secrets)
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{b64encode(each).decode()}" for each in signatures),
    }
