"""The language of condition, filter and key expressions, parsed into a small tree.

    or       := and (OR and)*
    and      := not (AND not)*
    not      := NOT not | test
    test     := ( or ) | function | operand comparator operand
              | operand BETWEEN operand AND operand | operand IN ( operand, ... )
    operand  := #name | :value | size(#name)

Names of attributes must be placeholders: a bare name may be one of 573 reserved words. Paths into
maps and lists are not simulated. Both raise Unsupported.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.simulated.refusals import Refusal, Unsupported, invalid

TOKEN = re.compile(r"\s*(?:([#:]\w+|\w+|<>|<=|>=|[=<>(),+\-])|(\S))")
COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
}


@dataclass(frozen=True, slots=True)
class Name:
    """An attribute, by its placeholder."""

    placeholder: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A given value, by its placeholder."""

    placeholder: str


@dataclass(frozen=True, slots=True)
class Size:
    """size(attribute)."""

    of: Name


type Operand = Name | Literal | Size


@dataclass(frozen=True, slots=True)
class Compare:
    comparator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Between:
    tested: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class In:
    tested: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Not:
    test: "Test"


@dataclass(frozen=True, slots=True)
class And:
    tests: tuple["Test", ...]


@dataclass(frozen=True, slots=True)
class Or:
    tests: tuple["Test", ...]


type Test = Compare | Between | In | Call | Not | And | Or


class Tokens:
    """The words and marks of an expression, read from left to right."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text
        self._tokens = list(_tokens(kind, text))
        self._position = 0

    def peek(self, ahead: int = 0) -> str:
        """The next token, or "" at the end."""
        position = self._position + ahead
        return self._tokens[position] if position < len(self._tokens) else ""

    def take(self) -> str:
        """Read the next token."""
        token = self.peek()
        self._position += 1
        return token

    def has(self, word: str) -> bool:
        """Read the next token if it is this keyword or mark."""
        if self.peek().upper() != word:
            return False
        self._position += 1
        return True

    def expect(self, word: str) -> None:
        """Read this keyword or mark, or refuse the expression."""
        if not self.has(word):
            raise self.error()

    def error(self) -> Refusal:
        """The refusal of what stands here."""
        token = self.peek() or "<EOF>"
        return invalid(f'Invalid {self.kind}: Syntax error; token: "{token}", near: "{self.text}"')

    def name(self) -> Name:
        """Read an attribute."""
        token = self.peek()
        if token[:1] == "#":
            return Name(self.take())
        if token[:1].isalpha() or token[:1] == "_":
            raise Unsupported(f"The simulation wants #{token} for {token!r} in {self.text!r}.")
        raise self.error()

    def literal(self) -> Literal:
        """Read a given value."""
        if self.peek()[:1] != ":":
            raise self.error()
        return Literal(self.take())


@cache
def parse(kind: str, text: str) -> Test:
    """The tree of a condition. Raises a refusal with AWS's words for what is no condition."""
    tokens = Tokens(kind, text)
    tree = _or(tokens)
    if tokens.peek():
        raise tokens.error()
    return tree


def _tokens(kind: str, text: str) -> Iterator[str]:
    if not text.strip():
        raise invalid(f"Invalid {kind}: The expression can not be empty;")
    for known, other in TOKEN.findall(text):
        if other and other in ".[]":
            raise Unsupported(f"The simulation has no paths into maps and lists: {text!r}.")
        if other:
            raise invalid(f'Invalid {kind}: Syntax error; token: "{other}", near: "{text}"')
        yield known


def _or(tokens: Tokens) -> Test:
    tests = [_and(tokens)]
    while tokens.has("OR"):
        tests.append(_and(tokens))
    return tests[0] if len(tests) == 1 else Or(tuple(tests))


def _and(tokens: Tokens) -> Test:
    tests = [_not(tokens)]
    while tokens.has("AND"):
        tests.append(_not(tokens))
    return tests[0] if len(tests) == 1 else And(tuple(tests))


def _not(tokens: Tokens) -> Test:
    return Not(_not(tokens)) if tokens.has("NOT") else _test(tokens)


def _test(tokens: Tokens) -> Test:
    if tokens.has("("):
        inner = _or(tokens)
        tokens.expect(")")
        return inner
    if tokens.peek(1) == "(" and tokens.peek() != "size":
        return _call(tokens)
    left = _operand(tokens)
    if tokens.has("BETWEEN"):
        low = _operand(tokens)
        tokens.expect("AND")
        return Between(left, low, _operand(tokens))
    if tokens.has("IN"):
        return In(left, _list(tokens))
    if tokens.peek() not in COMPARATORS:
        raise tokens.error()
    return Compare(tokens.take(), left, _operand(tokens))


def _call(tokens: Tokens) -> Call:
    function = tokens.take()
    if function not in FUNCTIONS:
        raise invalid(f"Invalid {tokens.kind}: Invalid function name; function: {function}")
    arguments = _list(tokens)
    if len(arguments) != FUNCTIONS[function]:
        raise invalid(
            f"Invalid {tokens.kind}: Incorrect number of operands for operator or function;"
            f" operator or function: {function}, number of operands: {len(arguments)}"
        )
    if not isinstance(arguments[0], Name):
        raise invalid(
            f"Invalid {tokens.kind}: Operator or function requires a document path;"
            f" operator or function: {function}"
        )
    return Call(function, arguments)


def _list(tokens: Tokens) -> tuple[Operand, ...]:
    tokens.expect("(")
    operands = [_operand(tokens)]
    while tokens.has(","):
        operands.append(_operand(tokens))
    tokens.expect(")")
    return tuple(operands)


def _operand(tokens: Tokens) -> Operand:
    if tokens.peek() == "size" and tokens.peek(1) == "(":
        tokens.take()
        tokens.expect("(")
        of = tokens.name()
        tokens.expect(")")
        return Size(of)
    return tokens.literal() if tokens.peek()[:1] == ":" else tokens.name()
