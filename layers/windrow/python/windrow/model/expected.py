"""What a field is expected to be, in our own words, from what pydantic found wrong with it.

Pure, and without pydantic: it reads the kind of an error, its context and its message. A sentence
of an author's own, as a ValueError in a validator, is told as it is.
"""

from collections.abc import Mapping
from typing import Any

TEXT = "text"
MISSING = "a value, and there is none"
UNKNOWN = "no field of this name"
WHOLE = "a whole number"
NUMBER = "a number"
OBJECT = "an object"
LIST = "a list"
DATE = "a date such as 2026-01-15"
TIME = "a time of day such as 10:30:00"
INSTANT = "an instant such as 2026-01-15T10:30:00Z"
DURATION = "a duration such as PT90S"
UUID = "a UUID"
URL = "a URL"

# Kinds whose sentence is always the same. https://docs.pydantic.dev/latest/errors/validation_errors/
PLAIN: Mapping[str, str] = {
    "missing": MISSING,
    "missing_argument": MISSING,
    "missing_keyword_only_argument": MISSING,
    "missing_positional_only_argument": MISSING,
    "missing_sentinel_error": "no value",
    "none_required": "null",
    "extra_forbidden": UNKNOWN,
    "unexpected_keyword_argument": UNKNOWN,
    "unexpected_positional_argument": UNKNOWN,
    "no_such_attribute": UNKNOWN,
    "multiple_argument_values": "one value",
    "invalid_key": "names that are text",
    "frozen_field": "no other value: it cannot be changed",
    "frozen_instance": "no other value: it cannot be changed",
    "default_factory_not_called": "that the fields before it are right",
    "get_attribute_error": "something that can be read",
    "needs_python_object": "something else",
    "is_instance_of": "something else",
    "is_subclass_of": "something else",
    "callable_type": "something else",
    "recursion_loop": "nothing that is a part of itself",
    "json_type": "JSON, as text",
    "json_invalid": "valid JSON",
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "dataclass_type": OBJECT,
    "dataclass_exact_type": OBJECT,
    "dict_type": OBJECT,
    "mapping_type": OBJECT,
    "arguments_type": OBJECT,
    "list_type": LIST,
    "tuple_type": LIST,
    "set_type": LIST,
    "frozen_set_type": LIST,
    "iterable_type": LIST,
    "iteration_error": LIST,
    "set_item_not_hashable": "no list and no object",
    "finite_number": "a finite number",
    "string_type": TEXT,
    "string_sub_type": TEXT,
    "string_unicode": "text in UTF-8",
    "string_not_ascii": "text in ASCII",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": "a whole number of fewer digits",
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "complex_type": NUMBER,
    "complex_str_parsing": NUMBER,
    "decimal_type": NUMBER,
    "decimal_parsing": NUMBER,
    "bytes_type": TEXT,
    "bytes_invalid_encoding": "bytes in base64",
    "date_type": DATE,
    "date_parsing": DATE,
    "date_from_datetime_parsing": DATE,
    "date_from_datetime_inexact": "a date without a time of day",
    "date_past": "a date in the past",
    "date_future": "a date in the future",
    "time_type": TIME,
    "time_parsing": TIME,
    "datetime_type": INSTANT,
    "datetime_parsing": INSTANT,
    "datetime_object_invalid": INSTANT,
    "datetime_from_date_parsing": INSTANT,
    "datetime_past": "an instant in the past",
    "datetime_future": "an instant in the future",
    "timezone_naive": "an instant without a time zone",
    "timezone_aware": "an instant with its time zone",
    "timezone_offset": "an instant in another time zone",
    "time_delta_type": DURATION,
    "time_delta_parsing": DURATION,
    "url_type": URL,
    "url_parsing": URL,
    "url_syntax_violation": URL,
    "uuid_type": UUID,
    "uuid_parsing": UUID,
}
# Kinds whose sentence has a value of their context.
MEASURED: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "more than {}"),
    "greater_than_equal": ("ge", "at least {}"),
    "less_than": ("lt", "less than {}"),
    "less_than_equal": ("le", "at most {}"),
    "multiple_of": ("multiple_of", "a multiple of {}"),
    "too_short": ("min_length", "at least {} of them"),
    "too_long": ("max_length", "at most {} of them"),
    "string_too_short": ("min_length", "text of {} characters or more"),
    "string_too_long": ("max_length", "text of at most {} characters"),
    "bytes_too_short": ("min_length", "{} bytes or more"),
    "bytes_too_long": ("max_length", "at most {} bytes"),
    # Whoever wants people to understand says in a validator what the pattern means.
    "string_pattern_mismatch": ("pattern", "text that matches {}"),
    "url_too_long": ("max_length", "a URL of at most {} characters"),
    "url_scheme": ("expected_schemes", "a URL that begins with {}"),
    "uuid_version": ("expected_version", "a UUID of version {}"),
    "decimal_max_digits": ("max_digits", "a number of at most {} digits"),
    "decimal_max_places": ("decimal_places", "a number of at most {} decimal places"),
    "decimal_whole_digits": ("whole_digits", "a number of at most {} digits before its point"),
    "literal_error": ("expected", "{}"),
    "enum": ("expected", "{}"),
    "union_tag_invalid": ("expected_tags", "one of {}"),
    "union_tag_not_found": ("discriminator", "an object that says {}"),
}
# What pydantic writes before the sentence of an author.
SPOKEN: Mapping[str, str] = {
    "value_error": "Value error, ",
    "assertion_error": "Assertion failed, ",
}

# For one of them, as English has it.
SINGULAR: Mapping[str, str] = {
    "at least 1 of them": "at least one",
    "text of 1 characters or more": "text that is not empty",
    "at most 1 characters": "at most 1 character",
    " 1 digits": " 1 digit",
    " 1 bytes": " 1 byte",
}


def expected(error: Mapping[str, Any]) -> str:
    """The sentence for one of the errors that pydantic lists: "a whole number", "at most 10"."""
    kind, message = str(error["type"]), str(error["msg"])
    if kind in PLAIN:
        return PLAIN[kind]
    if kind in SPOKEN:
        return message.removeprefix(SPOKEN[kind])
    if kind in MEASURED:
        name, sentence = MEASURED[kind]
        return _singular(sentence.format(_shown(error.get("ctx", {}).get(name, "something"))))
    # A kind of an author's own.
    return message


def in_full(field: str, wrong: str) -> str:
    """The same with its verb: "must be a whole number"; of params as a whole an author speaks."""
    if wrong == MISSING:
        return "must be given"
    if wrong.startswith(("must ", "no ")) or (field == "params" and wrong != OBJECT):
        return wrong
    counted = wrong == "at least one" or wrong.endswith((" of them", " levels"))
    return f"must {'have' if counted else 'be'} {wrong}"


def _shown(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:,.12g}"
        case _:
            return str(value).replace("'", "")


def _singular(sentence: str) -> str:
    for many, one in SINGULAR.items():
        sentence = sentence.replace(many, one)
    return sentence
