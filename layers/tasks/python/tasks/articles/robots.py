"""robots.txt as RFC 9309 has it: the longest rule that fits decides, and `*` and `$` mean what
search engines let them mean.

The standard library's parser knows neither, and takes the first rule that fits. No regular
expression is made of a stranger's pattern: it could be one that takes for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

# https://www.rfc-editor.org/rfc/rfc9309#section-2.5: a crawler reads at least 500 KiB.
LARGEST = 512_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of a group: may what fits the pattern be read?"""

    allows: bool
    pattern: str

    def fits(self, path: str) -> bool:
        """Does a path, with its query, fit the pattern from its beginning on?"""
        pattern, is_whole = self.pattern, self.pattern.endswith("$")
        first, *others = pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        at = len(first)
        if not others:
            return not is_whole or at == len(path)
        for part in others[:-1]:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if is_whole:
            return len(path) - len(others[-1]) >= at and path.endswith(others[-1])
        return path.find(others[-1], at) >= 0


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host for one crawler."""

    rules: tuple[Rule, ...]

    @classmethod
    def read(cls, text: str, agent: str) -> "Robots":
        """The rules for a crawler of this name; those for all where none names it."""
        groups = list(_groups(text))
        own = [rules for names, rules in groups if agent.casefold() in names]
        others = [rules for names, rules in groups if "*" in names]
        return cls(tuple(rule for rules in own or others for rule in rules))

    def allows(self, path: str) -> bool:
        """May this path, with its query, be read? Of rules of one length one that allows wins."""
        written = _written(path)
        fitting = [rule for rule in self.rules if rule.fits(written)]
        if not fitting:
            return True
        return max(fitting, key=lambda rule: (len(rule.pattern), rule.allows)).allows


def _groups(text: str) -> Iterator[tuple[set[str], list[Rule]]]:
    """Each group: the crawlers that it names, in small letters, and its rules."""
    names: set[str] = set()
    rules: list[Rule] = []
    has_begun = False
    for line in text.removeprefix("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().casefold(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if has_begun:
                yield names, rules
                names, rules, has_begun = set(), [], False
            names.add(value.casefold())
        elif key in ("allow", "disallow"):
            has_begun = True
            # An empty Disallow forbids nothing.
            if value:
                rules.append(Rule(key == "allow", _written(value)))
    yield names, rules


def _written(text: str) -> str:
    """A path in one of its spellings, so that é and %C3%A9 are the same."""
    return quote(text, safe="/%*$?&=+,;:@!'()~#[]")
