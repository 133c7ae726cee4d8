"""Words by a model, a few at a time: no call takes longer than one may, and each answer is kept.

A model writes some 120 tokens for a word, at 60 to 200 tokens a second. Fifty words in one answer
would be cut off after they were paid for, and again with each attempt.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil
from typing import Any

from tasks.articles.bedrock import Model, Unusable, Usage, Wish
from tasks.articles.word import Word, key_of
from tasks.articles.words import Words
from windrow import Context
from windrow.telemetry.metrics import Metric

MOST_AT_ONCE = 15
# A call that nobody answers, and what is kept for translating and storing what was chosen.
LONGEST_CALL = timedelta(seconds=46)
AFTERWARDS = timedelta(seconds=10)
NO_TIME = "no_time_left"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model said; `stopped` is why it was not asked for all words, None where it was."""

    words: Sequence[Word] = ()
    usage: Usage = field(default_factory=Usage)
    stopped: str | None = None


def hear(context: Context, model: str, wish: Wish, words: Words, known: Set[str]) -> Heard:
    """The words that a model chooses, in as many calls as it needs and there is time for.

    Each call's answer is a step of its own, so that an attempt after a failure pays only for what
    is missing. Words of earlier calls are known to later ones, and one that brings nothing new is
    the last. Raises ModelBusy, Unavailable, ServiceError.
    """
    calls = ceil(wish.count / MOST_AT_ONCE)
    said = Heard()
    for call in range(calls):
        chosen = said.words
        part = replace(
            wish,
            count=min(MOST_AT_ONCE, ceil((wish.count - len(chosen)) / (calls - call))),
            known=[*(word.lemma for word in chosen), *wish.known],
        )
        keys = known | {key_of(word.lemma) for word in chosen}
        answer = _kept(context, f"model {call + 1}", model, part, keys)
        more = _unknown(words, [Word.from_json(word) for word in answer["words"]])
        said = Heard([*chosen, *more], said.usage.plus(answer), answer["stopped"])
        if said.stopped or not more:
            break
    return said


def _kept(context: Context, step: str, model: str, wish: Wish, known: Set[str]) -> dict[str, Any]:
    """The answer of a call, of this attempt or an earlier one; that there was no time is not kept:
    the next attempt may have some.
    """

    def asked() -> dict[str, Any]:
        if not _has_time(context):
            raise Unusable(NO_TIME)
        return _asked(context, model, wish, known)

    try:
        return context.once(step, asked)
    except Unusable as unusable:
        return {"words": [], "usage": {}, "stopped": unusable.reason}


def _asked(context: Context, model_id: str, wish: Wish, known: Set[str]) -> dict[str, Any]:
    """What a model answers now, and what it used, counted whatever it answers."""
    model = Model(context.aws, model_id, lambda: _has_time(context))
    chosen: list[Word] = []
    stopped = None
    try:
        chosen = model.words(wish, known)
    except Unusable as unusable:
        stopped = unusable.reason
    finally:
        telemetry = context.running.telemetry
        telemetry.count(Metric.MODEL_INPUT_TOKENS, model.usage.input_tokens)
        telemetry.count(Metric.MODEL_OUTPUT_TOKENS, model.usage.output_tokens)
    return {
        "words": [word.to_json() for word in chosen],
        "usage": {
            "inputTokens": model.usage.input_tokens,
            "outputTokens": model.usage.output_tokens,
        },
        "stopped": stopped,
    }


def _unknown(words: Words, chosen: Sequence[Word]) -> list[Word]:
    """Those that the table does not have: a model may write a lemma as no dictionary does."""
    known = words.known(word.lemma for word in chosen)
    return [word for word in chosen if key_of(word.lemma) not in known]


def _has_time(context: Context) -> bool:
    return context.deadline - context.clock.now() >= LONGEST_CALL + AFTERWARDS
