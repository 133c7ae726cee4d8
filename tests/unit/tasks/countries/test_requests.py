"""What bodies and queries are refused, and how that is said."""

import pytest

from tasks.countries import body, query


@pytest.mark.parametrize("raw", [b"", b"  \n", b"{}", b" { } "])
def test_no_body_and_an_empty_object_are_the_same(raw: bytes) -> None:
    assert body.complaints(raw) == {}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"[]", "must be empty or {}"),
        (b"null", "must be empty or {}"),
        (b'"x"', "must be empty or {}"),
        (b"0", "must be empty or {}"),
        (b"{", "must be empty or {}; it is not valid JSON"),
        (b"NaN", "must be empty or {}; it is not valid JSON"),
        (b"9" * 1000, "must be empty or {}"),
        (b"[" * 1000, "must be empty or {}; it is not valid JSON"),
        (b"\xff\xfe", "must be empty or {}; it is not UTF-8"),
        (b"{\x00}\x00", "must be empty or {}; it is not valid JSON"),
        ('{"a":"\N{GRINNING FACE}"}'.encode("utf-16"), "must be empty or {}; it is not UTF-8"),
        (b" " * 1001, "must be empty or {}; it is larger than 1000 bytes"),
    ],
)
def test_any_other_body_is_refused_as_a_whole(raw: bytes, said: str) -> None:
    assert body.complaints(raw) == {"body": said}


def test_fields_are_refused_one_by_one() -> None:
    assert body.complaints(b'{"force": true, "": 1}') == {
        "force": "no field of this name",
        "": "no field of this name",
    }


def test_half_a_character_in_a_field_can_be_sent_back() -> None:
    (field,) = body.complaints(b'{"\\ud800x": 1}')

    assert field.encode("utf-8") == b"?x"


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [("sort", "gdp_desc")],
        [("region", "no such"), ("currency", "ngn"), ("sort", "name_asc")],
    ],
)
def test_known_parameters_are_taken(asked: list[tuple[str, str]]) -> None:
    assert query.complaints(asked) == {}


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (
            [("regoin", "Africa")],
            {"regoin": "is not a known parameter; known are region, currency, sort"},
        ),
        ([("region", "Africa"), ("region", "Asia")], {"region": "must be given once"}),
        ([("currency", "")], {"currency": "must not be empty"}),
        ([("region", " ")], {"region": "must not be empty"}),
        (
            [("sort", "GDP_DESC")],
            {
                "sort": "must be one of gdp_desc, gdp_asc, name_asc, name_desc,"
                " population_desc, population_asc"
            },
        ),
        ([("sort", "")], {"sort": "must not be empty"}),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(
    asked: list[tuple[str, str]], complaint: dict[str, str]
) -> None:
    assert query.complaints(asked) == complaint
