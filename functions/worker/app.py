"""The worker Lambda of the pools without libraries of their own: hints in, failed ones out."""

from tasks import registry
from windrow.lambdas.worker import build

handler = build(registry)
