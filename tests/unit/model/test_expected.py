"""What a field is expected to be: our own sentence for every kind of error that pydantic knows."""

from typing import Annotated, Any, Literal, get_args

import pytest
from annotated_types import Len
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ErrorType

from windrow.model.expected import MEASURED, PLAIN, SPOKEN, expected, in_full


def said(model: Any, value: Any) -> list[str]:
    with pytest.raises(ValidationError) as invalid:
        TypeAdapter(model).validate_python(value, strict=True)
    return [expected(dict(error)) for error in invalid.value.errors()]


def test_every_kind_of_error_has_a_sentence_of_ours() -> None:
    ours = PLAIN.keys() | MEASURED.keys() | SPOKEN.keys()

    assert set(get_args(ErrorType)) <= ours


class Pet(BaseModel):
    """Something with names."""

    name: str
    legs: int = 4


def odd(value: int) -> int:
    if value % 2:
        raise ValueError("an even number")
    return value


def whole(value: int) -> int:
    raise PydanticCustomError("no_cats", "a dog, and no {pet}", {"pet": "cat"})


@pytest.mark.parametrize(
    ("model", "value", "sentences"),
    [
        (Pet, {"legs": "four"}, ["a value, and there is none", "a whole number"]),
        (Pet, [], ["an object"]),
        (Annotated[int, Field(ge=1)], 0, ["at least 1"]),
        (Annotated[float, Field(le=31_622_400.0)], 1e9, ["at most 31,622,400"]),
        (Annotated[float, Field(gt=0)], 0.0, ["more than 0"]),
        (Annotated[str, Field(min_length=1)], "", ["text that is not empty"]),
        (Annotated[str, Field(max_length=255)], "x" * 256, ["text of at most 255 characters"]),
        (Annotated[str, Field(pattern="^[a-z]+$")], "A", ["text that matches ^[a-z]+$"]),
        (Annotated[list[int], Len(min_length=1)], [], ["at least one"]),
        (Annotated[list[int], Len(0, 1_000)], [1] * 1_001, ["at most 1,000 of them"]),
        (Literal["skip", "queue"], "both", ["skip or queue"]),
        (bool, 1, ["true or false"]),
        (Annotated[int, AfterValidator(odd)], 3, ["an even number"]),
        (Annotated[int, AfterValidator(whole)], 3, ["a dog, and no cat"]),
    ],
)
def test_it_says_what_would_be_right(model: Any, value: Any, sentences: list[str]) -> None:
    assert said(model, value) == sentences


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("a value, and there is none", "must be given"),
        ("at least 1", "must be at least 1"),
        ("at least one", "must have at least one"),
        ("valid JSON: Expecting value", "must be valid JSON: Expecting value"),
        ("no field of this name", "no field of this name"),
        ("must say something", "must say something"),
    ],
)
def test_in_full_it_is_a_sentence_by_itself(wrong: str, sentence: str) -> None:
    assert in_full("n", wrong) == sentence


def test_what_an_author_says_of_params_as_a_whole_is_left_as_it_is() -> None:
    assert in_full("params", "give rows or a source") == "give rows or a source"
    assert in_full("params", "an object") == "must be an object"
