"""robots.txt: whom a rule speaks of, and which of two rules counts."""

import time

import pytest

from tasks.articles.robots import Robots

FILE = """
# for all
User-agent: *
Disallow: /private/
Disallow: /*.pdf$
Allow: /private/open
Disallow: /caf%C3%A9

User-agent: GreedyBot
User-agent: WindrowArticles
Disallow: /news
Allow: /news/free   # all of it
Disallow:

Sitemap: https://example.com/sitemap.xml
"""


@pytest.mark.parametrize(
    ("path", "is_allowed"),
    [
        ("/", True),
        ("/private/a", False),
        ("/private/open/b", True),
        ("/paper.pdf", False),
        ("/paper.pdf?page=2", True),
        ("/a/b/paper.pdf", False),
        ("/café", False),
        ("/caf%C3%A9/menu", False),
    ],
)
def test_the_longest_rule_that_fits_decides(path: str, is_allowed: bool) -> None:
    assert Robots.read(FILE, "SomebodyElse").allows(path) is is_allowed


@pytest.mark.parametrize(
    ("path", "is_allowed"), [("/news/1", False), ("/news/free/1", True), ("/private/a", True)]
)
def test_whom_a_group_names_obeys_that_group_only(path: str, is_allowed: bool) -> None:
    assert Robots.read(FILE, "windrowarticles").allows(path) is is_allowed


def test_several_groups_of_one_name_are_one() -> None:
    text = (
        "user-agent: a\ndisallow: /1\n\nuser-agent: b\ndisallow: /\n\nuser-agent: A\ndisallow: /2"
    )

    robots = Robots.read(text, "a")

    assert [robots.allows(path) for path in ("/1", "/2", "/3")] == [False, False, True]


def test_of_two_rules_of_one_length_the_one_that_allows_counts() -> None:
    robots = Robots.read("User-agent: *\nDisallow: /page\nAllow: /page", "a")

    assert robots.allows("/page")


@pytest.mark.parametrize(
    "text", ["", "<html>Not found</html>", "\ufeff\n:::\nUser-agent", "\0" * 99]
)
def test_what_is_no_robots_txt_forbids_nothing(text: str) -> None:
    assert Robots.read(text, "a").allows("/anything")


def test_a_pattern_that_was_made_to_take_for_ever_takes_no_time() -> None:
    robots = Robots.read(f"User-agent: *\nDisallow: /{'*a' * 20_000}$", "a")
    began = time.perf_counter()

    assert robots.allows("/" + "a" * 19_000)

    assert time.perf_counter() - began < 1
