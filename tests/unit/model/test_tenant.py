"""Whose a request is, for each kind of authorizer."""

from typing import Any

import pytest

from windrow.errors import UnknownTenant
from windrow.model.tenant import is_operator, tenant_of


@pytest.mark.parametrize(
    ("context", "tenant"),
    [
        ({}, "default"),
        ({"authorizer": None}, "default"),
        ({"authorizer": {"iam": {"userArn": "arn:aws:iam::1:user/x"}}}, "default"),
        ({"authorizer": {"lambda": {"tenant": "acme"}}}, "acme"),
        ({"authorizer": {}}, "default"),
        (
            {"authorizer": {"jwt": {"claims": {"tenant": "acme", "sub": "1"}, "scopes": None}}},
            "acme",
        ),
    ],
)
def test_the_authorizer_says_who_calls(context: dict[str, Any], tenant: str) -> None:
    assert tenant_of(context) == tenant


@pytest.mark.parametrize(
    "authorizer",
    [
        {"lambda": None},
        {"lambda": {"scopes": "admin"}},
        {"jwt": None},
        {"jwt": {"claims": {"sub": "1"}, "scopes": ["admin"]}},
        {"jwt": {"claims": None}},
    ],
)
def test_whom_an_authorizer_lets_in_without_a_tenant_is_nobody(authorizer: dict[str, Any]) -> None:
    for asked in (tenant_of, is_operator):
        with pytest.raises(UnknownTenant):
            asked({"authorizer": authorizer})


@pytest.mark.parametrize("tenant", ["", "a#b", "x" * 65, 7, "ä", "a\n"])
def test_what_cannot_be_a_tenant_is_nobody(tenant: object) -> None:
    with pytest.raises(UnknownTenant):
        tenant_of({"authorizer": {"lambda": {"tenant": tenant}}})


@pytest.mark.parametrize(
    ("authorizer", "may"),
    [
        (None, True),
        ({"iam": {"userArn": "arn:aws:iam::1:user/x"}}, True),
        ({"lambda": {"tenant": "acme"}}, False),
        ({"lambda": {"tenant": "acme", "scopes": "tasks:read tasks:write"}}, False),
        ({"lambda": {"tenant": "acme", "scopes": "tasks:read admin"}}, True),
        ({"jwt": {"claims": {"tenant": "acme"}, "scopes": ["admin"]}}, True),
        ({"jwt": {"claims": {"tenant": "acme", "scope": "admin"}, "scopes": None}}, True),
        ({"jwt": {"claims": {"tenant": "acme", "scope": "administer"}}}, False),
    ],
)
def test_a_tenant_is_an_operator_by_its_scope_alone(
    authorizer: dict[str, Any] | None, may: bool
) -> None:
    assert is_operator({"authorizer": authorizer}) is may
