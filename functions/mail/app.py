"""The worker Lambda of the email pool: a batch of hints in, those to deliver again out."""

from tasks import registry
from windrow.lambdas.worker import build

handler = build(registry)
