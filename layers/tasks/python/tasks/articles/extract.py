"""The extraction: fetch an article, choose words of it, translate them, and remember them."""

import json
from datetime import timedelta
from typing import Any

from tasks.articles.choose import Choice, choose
from tasks.articles.errors import NotFetched
from tasks.articles.fetch import Fetcher
from tasks.articles.names import TASK
from tasks.articles.params import Extract
from tasks.articles.remember import Counted, remember
from tasks.articles.settings import Settings
from tasks.articles.text import article
from tasks.articles.words import Source, Words
from windrow import Context, RetryPolicy, task

# Ten seconds, half a minute, a minute and a half: servers that are busy ask for more by themselves.
RETRY = RetryPolicy(attempts=4, base=timedelta(seconds=10), factor=3, cap=timedelta(minutes=5))
DEADLINE = timedelta(hours=2)
# What a record holds of a result; a larger one would come back as a link.
LARGEST_RESULT = 30_000
STEPS = 3


@task(TASK, pool="articles", params=Extract, retry=RETRY, deadline=DEADLINE)
def extract(context: Context, params: Extract) -> dict[str, Any]:
    """The seed's result, and which engine made it.

    What was chosen is kept: an attempt after it asks neither the server nor a model again. Raises
    NotFetched and NotUsable, which are final, and NotFetchedYet, ModelBusy and Unavailable.
    """
    settings = Settings.from_environment()
    context.progress(0, STEPS, "Fetching the article")
    chosen = Choice.from_json(
        context.once("choice", lambda: _choice(context, settings, params).to_json())
    )
    context.progress(2, STEPS, "Storing the words")
    source = Source(
        task_id=context.task_id, url=params.url, target=params.target_lang, at=context.created
    )
    words = Words(context.aws, settings.table, context.tenant, chosen.language)
    counted = remember(context, words, chosen.words, chosen.met, source)
    context.logger.info(
        "article.extracted",
        extra={"engine": chosen.engine, "new": counted.new, "updated": counted.updated},
    )
    return _result(params, chosen, counted)


def _choice(context: Context, settings: Settings, params: Extract) -> Choice:
    if settings.egress is None:
        raise NotFetched("this deployment asks no addresses")
    page = Fetcher(context.aws, context.clock, settings.egress).page(params.url)
    found = article(page.html, params.source_lang)
    context.progress(1, STEPS, "Choosing words")
    return choose(context, settings, params, found)


def _result(params: Extract, chosen: Choice, counted: Counted) -> dict[str, Any]:
    result = {
        "new_words": counted.new,
        "updated_words": counted.updated,
        "words": [word.to_json() for word in chosen.words],
        "source_url": params.url,
        "engine": chosen.engine,
        "source_lang": chosen.language,
        "target_lang": params.target_lang,
        **chosen.said,
    }
    # With very many words each has fewer examples; the table has them all.
    for most in reversed(range(5)):
        if len(json.dumps(result, ensure_ascii=False).encode()) <= LARGEST_RESULT:
            break
        for word in result["words"]:
            del word["examples"][most:]
    return result
