"""Translations: a glossary's before a model's before Amazon Translate's, and none where none is."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tasks.articles.translate import Translator, translated
from tasks.articles.word import Word
from windrow.aws.boto import Boto
from windrow.aws.errors import ServiceError, Unavailable

DRILL = Word(word="drills", lemma="drill")
TENT = Word(word="tent", lemma="tent", translation="Zelt", translated_by="some.model")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client = boto3.client("translate", region_name="us-east-1")
    with Stubber(client) as stubbed:
        yield stubbed


def translator(stub: Stubber) -> Translator:
    return Translator(Boto(client=lambda _service, config: stub.client), "en", "de")


def asked(stub: Stubber, text: str, answer: str) -> None:
    stub.add_response(
        "translate_text",
        {"TranslatedText": answer, "SourceLanguageCode": "en", "TargetLanguageCode": "de"},
        {"Text": text, "SourceLanguageCode": "en", "TargetLanguageCode": "de"},
    )


def test_only_what_nobody_has_translated_is_asked_for(stub: Stubber) -> None:
    asked(stub, "drill", "Bohrer")

    words = translated([DRILL, TENT], {}, translator(stub))

    assert [(each.translation, each.translated_by) for each in words] == [
        ("Bohrer", "translate"),
        ("Zelt", "some.model"),
    ]
    stub.assert_no_pending_responses()


def test_a_glossary_stands_above_all_others_and_may_name_the_form(stub: Stubber) -> None:
    words = translated([DRILL, TENT], {"drills": "Bohrmaschine", "tent": "Zeltplatz"}, None)

    assert [(each.translation, each.translated_by) for each in words] == [
        ("Bohrmaschine", "glossary"),
        ("Zeltplatz", "glossary"),
    ]


def test_without_any_of_them_there_is_no_translation() -> None:
    assert translated([DRILL], {}, None) == [DRILL]


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("TooManyRequestsException", 400, Unavailable),
        ("ThrottlingException", 400, Unavailable),
        ("ServiceUnavailableException", 503, Unavailable),
        ("UnsupportedLanguagePairException", 400, ServiceError),
        ("AccessDeniedException", 400, ServiceError),
    ],
)
def test_an_error_of_the_service_is_the_ports(
    stub: Stubber, code: str, status: int, kind: type[Any]
) -> None:
    stub.add_client_error("translate_text", code, "no", status)

    with pytest.raises(ServiceError) as raised:
        translated([DRILL], {}, translator(stub))

    assert type(raised.value) is kind
