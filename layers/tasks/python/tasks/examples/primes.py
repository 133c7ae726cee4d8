"""A task that takes a while: it counts primes in ten parts, and says after each how far it is."""

from math import isqrt

from tasks.examples.names import PRIMES
from windrow import Context, task

# Some seconds of one core: long enough to be watched, short enough for an invocation.
BELOW = 100_000_000
PARTS = 10


class Stopped(Exception):
    """Somebody has asked to cancel the count."""


@task(PRIMES)
def count_primes(context: Context) -> dict[str, str]:
    """Count the primes below BELOW. An attempt that follows another goes on with the next part."""
    part, found = context.cursor or (0, 0)
    while part < PARTS:
        if context.cancelled:
            raise Stopped(f"asked to stop after {part} of {PARTS} parts")
        found += primes(BELOW * part // PARTS, BELOW * (part + 1) // PARTS)
        part += 1
        context.progress(part, PARTS, f"Task progress: {part}/{PARTS}")
        if context.is_time_up:
            context.checkpoint([part, found])
    context.logger.info("primes.counted", extra={"below": BELOW, "primes": found})
    return {"result": "Task completed successfully"}


def primes(first: int, after: int) -> int:
    """How many primes there are from `first` on and below `after`: a segment of a sieve."""
    first = max(first, 2)
    if after <= first:
        return 0
    is_prime = bytearray(b"\x01") * (after - first)
    for divisor in _small(isqrt(after - 1)):
        start = max(divisor * divisor, -(-first // divisor) * divisor) - first
        crossed = len(range(start, len(is_prime), divisor))
        is_prime[start::divisor] = bytes(crossed)
    return is_prime.count(1)


def _small(largest: int) -> list[int]:
    """The primes up to `largest`."""
    is_prime = bytearray(b"\x01") * (largest + 1)
    for number in range(2, isqrt(largest) + 1):
        if is_prime[number]:
            is_prime[number * number :: number] = bytes(
                len(range(number * number, largest + 1, number))
            )
    return [number for number in range(2, largest + 1) if is_prime[number]]
