"""The sweeper Lambda: every minute, whatever is overdue moves on."""

from windrow.lambdas.sweeper import build

handler = build()
