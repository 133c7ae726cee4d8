"""What a machine says of itself, read from its kernel's own words."""

from os import sysconf
from pathlib import Path

from tasks.examples.machine import Machine, Times, busy_percent, times, used_percent

STAT = "cpu  100 5 45 800 50 0 0 0 30 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 1 2 3\n"
MEMINFO = (
    "MemTotal:        8000 kB\nMemFree:         1000 kB\nMemAvailable:    6000 kB\nHugePages: 0\n"
)


def test_what_waits_for_a_disk_is_idle_and_a_guest_is_not_counted_twice() -> None:
    assert times(STAT) == Times(busy=150, total=1000)


def test_busy_is_a_share_of_the_time_in_between() -> None:
    assert busy_percent(Times(100, 1000), Times(150, 1200)) == 25.0


def test_no_time_has_no_share() -> None:
    assert busy_percent(Times(100, 1000), Times(100, 1000)) == 0.0


def test_memory_that_could_be_had_is_not_used() -> None:
    assert used_percent(MEMINFO) == 25.0


def test_the_first_answer_is_since_the_boot_and_the_next_since_the_first(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text(STAT)
    machine = Machine(tmp_path)

    assert machine.cpu_percent() == 15.0

    (tmp_path / "stat").write_text("cpu  190 5 45 810 50 0 0 0 30 0\n")
    assert machine.cpu_percent() == 90.0


def test_memory_is_read_from_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text(MEMINFO)
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "statm").write_text("50000 30000 900 1 0 20000 0\n")

    machine = Machine(tmp_path)

    assert machine.memory_percent() == 25.0
    assert machine.resident_megabytes() == round(30000 * sysconf("SC_PAGE_SIZE") / 1e6, 1)


def test_without_such_files_it_speaks_of_this_process(tmp_path: Path) -> None:
    machine = Machine(tmp_path)

    assert 0 <= machine.cpu_percent() <= 100
    assert 0 < machine.memory_percent() < 100
    assert machine.resident_megabytes() > 1
