"""The dead-letters Lambda: hints that kept failing in, a record of them out."""

from windrow.lambdas.dead_letters import build

handler = build()
