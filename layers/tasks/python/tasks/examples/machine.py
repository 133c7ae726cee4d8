"""How busy the machine is that runs this code, and how full its memory, as its kernel says.

From /proc on Linux, so in every Lambda function. Elsewhere, as on a Mac of somebody who tries it,
the figures are those of this process.
"""

import os
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
# Beyond these are the times of guests, which are in the first two already (man 5 proc_stat).
COUNTED = 8
IDLE = (3, 4)


@dataclass(frozen=True, slots=True)
class Times:
    """Processor time since the machine's boot, in any unit: what was used, and all there was."""

    busy: float
    total: float


def times(stat: str) -> Times:
    """The first line of /proc/stat."""
    fields = [int(field) for field in stat.split("\n", 1)[0].split()[1 : COUNTED + 1]]
    idle = sum(fields[position] for position in IDLE)
    return Times(sum(fields) - idle, sum(fields))


def busy_percent(before: Times, after: Times) -> float:
    """The share of the time in between that was used; 0 where no time has passed."""
    total = after.total - before.total
    return round(100 * (after.busy - before.busy) / total, 1) if total > 0 else 0.0


def used_percent(meminfo: str) -> float:
    """The share of memory that is not available to a new process, from /proc/meminfo."""
    lines = (line.partition(":") for line in meminfo.splitlines())
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in lines if rest.split()}
    return round(100 * (1 - kilobytes["MemAvailable"] / kilobytes["MemTotal"]), 1)


@dataclass(slots=True)
class Machine:
    """What this process asks of its machine. The first answer about its processors is since the
    machine's boot, each later one since the answer before it; a frozen function counts no time.
    """

    proc: Path = PROC
    _before: Times = field(default=Times(0, 0))

    def cpu_percent(self) -> float:
        """How busy all its processors were, from 0 to 100."""
        stat = self.proc / "stat"
        now = times(stat.read_text()) if stat.exists() else _own_times()
        before, self._before = self._before, now
        return busy_percent(before, now)

    def memory_percent(self) -> float:
        """How full its memory is, from 0 to 100."""
        meminfo = self.proc / "meminfo"
        if meminfo.exists():
            return used_percent(meminfo.read_text())
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return round(100 * _most_resident() / pages, 1)

    def resident_megabytes(self) -> float:
        """How much memory this process holds; the most it ever did, where no kernel says more."""
        statm = self.proc / "self" / "statm"
        if statm.exists():
            held = int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        else:
            held = _most_resident()
        return round(held / 1_000_000, 1)


def _own_times() -> Times:
    return Times(time.process_time(), time.monotonic() * (os.cpu_count() or 1))


def _most_resident() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


# One for the process: so each answer is about the time since the one before.
MACHINE = Machine()
