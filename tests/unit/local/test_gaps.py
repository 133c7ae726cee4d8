"""What the emulator leaves out is named, never passed over."""

from typing import Any

import pytest

from windrow.local import gaps


def resource(kind: str, **properties: Any) -> dict[str, dict[str, Any]]:
    return {"Thing": {"Type": kind, "Properties": properties}}


def test_a_resource_the_emulator_honours_is_no_gap() -> None:
    assert gaps.in_template(resource("AWS::SQS::Queue", VisibilityTimeout=360)) == []


def test_a_loss_that_changes_nothing_here_is_no_gap() -> None:
    table = resource("AWS::DynamoDB::Table", PointInTimeRecoverySpecification={})

    assert gaps.in_template(table) == []


def test_the_routes_of_an_openapi_body_are_refused() -> None:
    # What AWS::Serverless::HttpApi becomes.
    (gap,) = gaps.in_template(resource("AWS::ApiGatewayV2::Api", Body={"paths": {}}))

    assert gap.startswith("Thing.Body: ")
    assert "404" in gap


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("AWS::CloudWatch::Alarm", "Metrics"),
        ("AWS::Lambda::Function", "DeadLetterConfig"),
        ("AWS::Scheduler::Schedule", "ScheduleExpressionTimezone"),
    ],
)
def test_a_loss_that_matters_is_refused(kind: str, name: str) -> None:
    (gap,) = gaps.in_template(resource(kind, **{name: "x"}))

    assert gap.startswith(f"Thing.{name}: the emulator")


def test_a_property_nobody_looked_at_is_refused() -> None:
    (gap,) = gaps.in_template(resource("AWS::SQS::Queue", Telepathy=True))

    assert gap.startswith("Thing.Telepathy: nobody has looked yet")


def test_a_part_of_a_property_is_judged_by_itself() -> None:
    target = {"Arn": "arn", "RetryPolicy": {}, "DeadLetterConfig": {}, "Telepathy": True}

    dead_letters, telepathy = gaps.in_template(resource("AWS::Scheduler::Schedule", Target=target))

    assert dead_letters.startswith("Thing.Target.DeadLetterConfig: the emulator drops it")
    assert telepathy.startswith("Thing.Target.Telepathy: nobody has looked yet")


def test_a_kind_nobody_looked_at_is_refused() -> None:
    (gap,) = gaps.in_template(resource("AWS::Quantum::Entanglement"))

    assert "AWS::Quantum::Entanglement" in gap


class FakeGateway:
    """An API as apigatewayv2 describes it."""

    def __init__(self, routes: list[dict[str, str]]) -> None:
        self._routes = routes

    def get_routes(self, ApiId: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"Items": self._routes}

    def get_integrations(self, ApiId: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"Items": [{"IntegrationId": "i"}]}


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ([], "has no route"),
        ([{"RouteKey": "$default", "Target": "integrations/other"}], "leads nowhere"),
        (
            [{"RouteKey": "GET /", "Target": "integrations/i", "AuthorizationType": "AWS_IAM"}],
            "would let in any signature",
        ),
    ],
)
def test_an_api_that_answers_nothing_or_everybody_is_refused(
    routes: list[dict[str, str]], said: str
) -> None:
    clients: Any = {"apigatewayv2": FakeGateway(routes)}

    (gap,) = gaps.in_apis(clients, resource("AWS::ApiGatewayV2::Api"), {"Thing": "id"})

    assert said in gap


def test_an_api_whose_routes_lead_somewhere_is_no_gap() -> None:
    route = {"RouteKey": "$default", "Target": "integrations/i", "AuthorizationType": "NONE"}
    clients: Any = {"apigatewayv2": FakeGateway([route])}

    assert gaps.in_apis(clients, resource("AWS::ApiGatewayV2::Api"), {"Thing": "id"}) == []
