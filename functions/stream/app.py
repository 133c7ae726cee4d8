"""The stream Lambda: every change of a task is counted once, and every end is told."""

from windrow.lambdas.stream import build

handler = build()
