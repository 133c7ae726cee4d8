"""A part of what `make fuzz` asks: no request is answered 5xx, or as the document does not say."""

from tests.fuzz import fuzz

EXAMPLES = 250


def test_no_request_is_answered_as_the_document_does_not_say() -> None:
    figures = fuzz(EXAMPLES)

    assert figures.failures == []
    assert figures.examples >= EXAMPLES
    assert max(figures.statuses) < 500
    assert {200, 202, 400, 404, 409, 422} <= figures.statuses.keys(), "it reached what is there"
