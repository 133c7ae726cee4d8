"""The egress Lambda: a request to an address of somebody else's in, its answer or a refusal out."""

from windrow.lambdas.egress import build

handler = build()
