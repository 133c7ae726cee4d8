"""A map for the tests that does its items one by one, some of which fail."""

from dataclasses import dataclass, field

from windrow import Context, Outcome, Registry, RetryPolicy, task
from windrow.errors import WindrowError


class Hopeless(WindrowError):
    """Another try does not help."""


@dataclass
class Letters:
    """Ten letters; `bad` says what sending one raises, `sent` how often each was tried."""

    bad: dict[int, Exception] = field(default_factory=dict)
    tried: list[int] = field(default_factory=list)
    finished: list[Outcome] = field(default_factory=list)

    def registry(self) -> Registry:
        @task.map("letters", chunk_size=5, retry=RetryPolicy(attempts=3))
        def letters(context: Context) -> range:
            return range(10)

        @letters.each
        def send(context: Context, letter: int) -> None:
            self.tried.append(letter)
            if letter in self.bad:
                raise self.bad[letter]

        @letters.finish()
        def finish(context: Context, outcome: Outcome) -> None:
            self.finished.append(outcome)

        return Registry([letters])
