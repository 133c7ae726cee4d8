"""A task with `async def`: five fetches at a time, of the countries that ship with the code."""

from typing import Any

from tasks.countries.upstreams.bundled import Bundled
from tasks.examples.names import FETCH
from windrow import Context, task

CHUNKS = 5
SIZE = 50


@task(FETCH)
async def fetch_data(context: Context) -> dict[str, Any]:
    """Fetch all chunks at once; the result names what is in each, in their order."""
    # Only where it is needed: it costs the doors that import every task 30 ms.
    import asyncio

    results = await asyncio.gather(*(_fetched(number) for number in range(CHUNKS)))
    return {"data": list(results), "total_items": len(results)}


async def _fetched(number: int) -> str:
    """One chunk. Reading a file blocks, so a thread does it while the others are read, too."""
    from asyncio import to_thread

    return await to_thread(_read, number)


def _read(number: int) -> str:
    countries = Bundled().countries()[number * SIZE : (number + 1) * SIZE]
    first, last = countries[0].name, countries[-1].name
    return f"Data chunk {number + 1}: {len(countries)} countries, {first} to {last}"
