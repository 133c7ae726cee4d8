"""Random items and expressions, for comparisons of the simulated DynamoDB with moto."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

type Value = dict[str, Any]

ATTRIBUTES = "abcd"
NUMBERS = ["0", "1", "-3", "2.5", "10", "100"]
TEXTS = ["", "a", "ab", "b", "é"]

texts = st.sampled_from(TEXTS).map(lambda text: {"S": text})
numbers = st.sampled_from(NUMBERS).map(lambda text: {"N": text})
scalars = texts | numbers
text_sets = st.sets(st.sampled_from(TEXTS[1:]), min_size=1).map(lambda s: {"SS": sorted(s)})
number_sets = st.sets(st.sampled_from(NUMBERS), min_size=1).map(lambda s: {"NS": sorted(s)})
lists = st.lists(scalars, max_size=3).map(lambda members: {"L": members})
values = scalars | text_sets | number_sets | lists
# `a` and `b` are numbers and `c` is a text where they are at all, so that they have an order.
items: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {}, optional={"a": numbers, "b": numbers, "c": texts, "d": values}
)


@dataclass
class Draft:
    """An expression in the making: its text's names and values, as a call declares them."""

    draw: st.DrawFn
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    readable: str = ATTRIBUTES

    def name(self, attribute: str | None = None) -> str:
        """A placeholder for an attribute, any readable one if none is given."""
        attribute = attribute or self.draw(st.sampled_from(self.readable))
        self.names[f"#{attribute}"] = attribute
        return f"#{attribute}"

    def value(self, of: st.SearchStrategy[Value]) -> str:
        """A placeholder for a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = self.draw(of)
        return placeholder

    def parameters(self, kind: str, text: str) -> dict[str, Any]:
        """The parameters of a call with this expression."""
        parameters: dict[str, Any] = {kind: text, "ExpressionAttributeNames": self.names}
        return parameters | ({"ExpressionAttributeValues": self.values} if self.values else {})


def test(draft: Draft, depth: int) -> str:
    """The text of a condition."""
    kinds = ["compare", "between", "in", "exists", "function"]
    match draft.draw(st.sampled_from(kinds + ["and", "or", "not"] * (depth > 0))):
        case "and":
            return f"{test(draft, depth - 1)} AND {test(draft, depth - 1)}"
        case "or":
            return f"({test(draft, depth - 1)} OR {test(draft, depth - 1)})"
        case "not":
            return f"NOT {test(draft, 0)}"
        case "compare":
            return comparison(draft)
        case "between":
            low, high = draft.draw(st.sampled_from([("1", "10"), ("-3", "2.5"), ("0", "0")]))
            bounds = [draft.value(st.just({"N": bound})) for bound in (low, high)]
            return f"{draft.name('a')} BETWEEN {bounds[0]} AND {bounds[1]}"
        case "in":
            return f"{draft.name()} IN ({draft.value(scalars)}, {draft.value(scalars)})"
        case "exists":
            function = draft.draw(st.sampled_from(["attribute_exists", "attribute_not_exists"]))
            return f"{function}({draft.name()})"
        case _:
            return called(draft)


def comparison(draft: Draft) -> str:
    """An attribute beside a value."""
    comparator = draft.draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
    if comparator in ("=", "<>"):
        return f"{draft.name()} {comparator} {draft.value(values)}"
    attribute = draft.draw(st.sampled_from("abc"))
    of = texts if attribute == "c" else numbers
    return f"{draft.name(attribute)} {comparator} {draft.value(of)}"


def called(draft: Draft) -> str:
    """A function of an attribute and a value."""
    match draft.draw(st.sampled_from(["begins_with", "contains", "attribute_type"])):
        case "begins_with":
            return f"begins_with({draft.name()}, {draft.value(texts)})"
        case "contains":
            return f"contains({draft.name()}, {draft.value(scalars)})"
        case _:
            kind = st.sampled_from(["S", "N", "SS", "NS", "L"]).map(lambda k: {"S": k})
            return f"attribute_type({draft.name()}, {draft.value(kind)})"


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """The parameters of a condition."""
    draft = Draft(draw)
    return draft.parameters("ConditionExpression", test(draft, 2))


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    """The parameters of an update: a clause for some attributes, each named once."""
    draft = Draft(draw)
    clauses: dict[str, list[str]] = {}
    targets = draw(st.sets(st.sampled_from(ATTRIBUTES), min_size=1))
    for attribute in sorted(targets):
        # Right sides read what no other action writes: moto reads what is half written.
        draft.readable = attribute + "".join(sorted(set(ATTRIBUTES) - targets))
        clause = draw(st.sampled_from(["SET", "SET", "REMOVE", "ADD", "DELETE"]))
        clauses.setdefault(clause, []).append(action(draft, clause, draft.name(attribute)))
    text = " ".join(f"{clause} {', '.join(actions)}" for clause, actions in clauses.items())
    return draft.parameters("UpdateExpression", text)


def action(draft: Draft, clause: str, target: str) -> str:
    """What a clause does to an attribute."""
    match clause:
        case "SET":
            return f"{target} = {assigned(draft)}"
        case "REMOVE":
            return target
        case "ADD":
            return f"{target} {draft.value(numbers | text_sets | number_sets)}"
        case _:
            return f"{target} {draft.value(text_sets | number_sets)}"


def assigned(draft: Draft) -> str:
    """The right side of a SET."""
    match draft.draw(st.sampled_from(["value", "name", "sum", "default", "counter", "append"])):
        case "value":
            return draft.value(values)
        case "name":
            return draft.name()
        case "sum":
            sign = draft.draw(st.sampled_from("+-"))
            return f"{draft.name()} {sign} {draft.value(numbers)}"
        case "default":
            return f"if_not_exists({draft.name()}, {draft.value(values)})"
        case "counter":
            default = draft.value(st.just({"N": "0"}))
            return f"if_not_exists({draft.name()}, {default}) + {draft.value(numbers)}"
        case _:
            default = draft.value(st.just({"L": []}))
            return f"list_append(if_not_exists({draft.name()}, {default}), {draft.value(lists)})"
