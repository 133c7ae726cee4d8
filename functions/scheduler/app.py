"""The scheduler Lambda: a schedule's tick in, a submitted task out."""

from tasks import registry
from windrow.lambdas.scheduler import build

handler = build(registry)
