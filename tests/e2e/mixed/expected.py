"""What each kind of task must have done once it has ended: the name of every effect, once."""

from tests.e2e.mixed.tasks import ITEMS, PAGES

EFFECTS: dict[str, frozenset[str]] = {
    "mixed.plain": frozenset({"plain"}),
    "mixed.flaky": frozenset({"flaky"}),
    "mixed.later": frozenset({"later"}),
    "mixed.pages": frozenset(f"page-{page}" for page in range(PAGES)),
    "mixed.items": frozenset({"finish", *(f"item-{number}" for number in range(ITEMS))}),
}
