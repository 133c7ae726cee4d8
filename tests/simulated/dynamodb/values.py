"""DynamoDB's typed values: which are allowed, how large they are, which comes first.

Values are kept in one canonical form (numbers without leading or trailing zeros, sets sorted), so
that `==` on the typed form is DynamoDB's own equality.
"""

from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from functools import cache
from typing import Any

from tests.simulated.refusals import Unsupported, invalid

type Value = dict[str, Any]
type Item = dict[str, Value]

# Numbers have up to 38 digits; what is longer is refused, never rounded.
DIGITS = 38
NUMBERS = Context(prec=200)
LARGEST_ITEM = 400 * 1024
TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"})
NAMES_OF_TYPES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "M": "MAP",
    "L": "LIST",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
}


def canonical_item(item: Mapping[str, Value]) -> Item:
    """An item as it is stored. Raises a refusal for a value that DynamoDB would not take."""
    stored = {}
    for name, value in item.items():
        # Most values are texts, and most calls of the simulation pass here.
        is_plain = type(value.get("S")) is str and len(value) == 1
        stored[name] = value if is_plain else canonical(value)
    return stored


def canonical(value: Value) -> Value:
    """A value as it is stored; the very same object when it is so already."""
    if len(value) != 1:
        raise invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of"
            " the supported datatypes"
        )
    ((kind, raw),) = value.items()
    match kind:
        case "S":
            if type(raw) is str:
                return value
            if isinstance(raw, str):
                return {"S": str.__str__(raw)}
        case "N":
            if type(raw) is str:
                plain = number_text(raw)
                return value if plain == raw else {"N": plain}
        case "BOOL" | "NULL":
            if type(raw) is bool:
                return value
        case "B":
            if isinstance(raw, bytes):
                return value
        case "M":
            return {"M": canonical_item(raw)}
        case "L":
            return {"L": [canonical(element) for element in raw]}
        case "SS" | "NS" | "BS":
            return {kind: _set(kind, raw)}
    raise Unsupported(f"botocore would not send {value!r}.")


def number_text(text: str) -> str:
    """The shortest way to write a number, as DynamoDB gives it back."""
    if (
        text.isdecimal()
        and text.isascii()
        and len(text) <= DIGITS
        and (text[0] != "0" or text == "0")
    ):
        return text
    try:
        number = NUMBERS.create_decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise invalid("The parameter cannot be converted to a numeric value: " + text)
    if number == 0:
        return "0"
    number = number.normalize(NUMBERS)
    if len(number.as_tuple().digits) > DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if number.adjusted() > 125:
        raise invalid(
            "Number overflow. Attempting to store a number with magnitude larger than supported"
            " range"
        )
    if number.adjusted() < -130:
        raise invalid(
            "Number underflow. Attempting to store a number with magnitude smaller than supported"
            " range"
        )
    return format(number, "f")


def kind_of(value: Value) -> str:
    """The type of a value: "S", "N" and so on."""
    return next(iter(value))


def number(value: Value) -> int | Decimal:
    """The number in a value of type N."""
    text: str = value["N"]
    return int(text) if text.isdecimal() else Decimal(text)


def of_number(number: int | Decimal) -> Value:
    """A value of type N."""
    return {"N": number_text(str(number))}


def added(left: Value, right: Value, sign: int = 1) -> Value:
    """The sum of two values of type N, or their difference with sign -1."""
    total = NUMBERS.add(Decimal(left["N"]), NUMBERS.multiply(Decimal(sign), Decimal(right["N"])))
    return of_number(total)


def ordered(value: Value) -> Any:
    """What the order of values of one type S, N or B goes by."""
    kind = kind_of(value)
    # Strings go by their UTF-8 bytes, which is the order of their code points.
    return number(value) if kind == "N" else value[kind]


def item_size(item: Item) -> int:
    """Bytes of an item: its attributes' names and values."""
    total = 0
    for name, value in item.items():
        total += name_size(name)
        raw = value.get("S")
        total += len(raw) if raw is not None and raw.isascii() else size(value)
    return total


@cache
def name_size(name: str) -> int:
    """Bytes of an attribute's name."""
    return _text_size(name)


def size(value: Value) -> int:
    """Bytes of a value, as the developer guide counts them (CapacityUnitCalculations)."""
    ((kind, raw),) = value.items()
    match kind:
        case "S":
            return _text_size(raw)
        case "N":
            return _number_size(raw)
        case "BOOL" | "NULL":
            return 1
        case "B":
            return len(raw)
        case "L":
            return 3 + sum(1 + size(element) for element in raw)
        case "M":
            return 3 + sum(1 + _text_size(name) + size(part) for name, part in raw.items())
        case "SS":
            return sum(map(_text_size, raw))
        case "NS":
            return sum(map(_number_size, raw))
        case _:
            return sum(map(len, raw))


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _number_size(text: str) -> int:
    """One byte for every two significant digits, one more, and one for a sign."""
    if text.isdecimal():
        return (len(text.strip("0")) + 3) // 2
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def _set(kind: str, raw: Any) -> list[Any]:
    if not raw:
        raise invalid("One or more parameter values were invalid: An number set  may not be empty")
    members = [canonical({kind[0]: member})[kind[0]] for member in raw]
    if len(set(members)) != len(members):
        raise invalid(
            "One or more parameter values were invalid: Input collection contains duplicates."
        )
    return sorted(members)
