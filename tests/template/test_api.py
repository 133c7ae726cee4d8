"""The HTTP API: nothing is open by accident, and every route reaches a function."""

from datetime import timedelta
from typing import Any

from tasks.status import routes
from tests.template import rules
from windrow.aws.boto import QUICK
from windrow.lambdas.task_status import ROUTES, WAITING
from windrow.model.poll import LONGEST_WAIT

STATUS = "GET /api/v1/countries/refresh/status"
SHORT_STATUS = "GET /countries/refresh/status"


def test_nobody_opens_the_api_by_accident(template: dict[str, Any]) -> None:
    assert rules.routes(template) == []


def test_auth_is_iam_or_none_and_nothing_else(template: dict[str, Any]) -> None:
    assert template["Parameters"]["Auth"]["AllowedValues"] == ["iam", "none"]
    assert template["Conditions"]["IamAuth"] == {"Fn::Equals": [{"Ref": "Auth"}, "iam"]}


def test_the_notice_says_plainly_what_none_means_and_what_iam_needs(
    template: dict[str, Any],
) -> None:
    condition, closed, opened = template["Outputs"]["AuthNotice"]["Value"]["Fn::If"]

    assert condition == "IamAuth"
    assert "execute-api:Invoke" in closed
    assert "OPEN TO THE INTERNET" in opened
    assert "Auth=iam" in opened


def test_polls_go_to_the_status_function_and_all_else_to_the_api(template: dict[str, Any]) -> None:
    assert reached(template) == {
        "$default": "ApiFunction",
        "GET /v1/tasks/{id}": "StatusFunction",
        "HEAD /v1/tasks/{id}": "StatusFunction",
        STATUS: "StatusFunction",
        SHORT_STATUS: "StatusFunction",
        "GET /api/tasks/{id}": "StatusFunction",
        "HEAD /api/tasks/{id}": "StatusFunction",
        "GET /task-status/{id}": "StatusFunction",
        "HEAD /task-status/{id}": "StatusFunction",
        "GET /task-progress/{id}": "StatusFunction",
        "HEAD /task-progress/{id}": "StatusFunction",
        "GET /calculation-result/{id}": "StatusFunction",
        "HEAD /calculation-result/{id}": "StatusFunction",
    }


def test_only_pages_of_named_origins_may_call_from_a_browser(template: dict[str, Any]) -> None:
    api = template["Resources"]["Api"]["Properties"]["CorsConfiguration"]["Fn::If"]

    assert api[0] == "HasCorsOrigins"
    assert api[1]["AllowOrigins"] == {"Ref": "CorsOrigins"}
    assert "AllowCredentials" not in api[1]
    assert {"idempotency-key", "traceparent", "x-request-id"} <= set(api[1]["AllowHeaders"])
    assert {"location", "ratelimit", "retry-after"} <= set(api[1]["ExposeHeaders"])
    assert api[2] == {"Ref": "AWS::NoValue"}


def test_each_route_may_invoke_its_function(template: dict[str, Any]) -> None:
    allowed = {
        permission["Properties"]["SourceArn"]["Fn::Sub"].split("${Api}/*/")[1]: rules.target(
            permission["Properties"]["FunctionName"]
        )
        for permission in rules.of_type(template, "AWS::Lambda::Permission").values()
    }

    assert allowed == {route.replace(" /", "/"): name for route, name in reached(template).items()}


def test_functions_get_events_of_payload_format_two(template: dict[str, Any]) -> None:
    for integration in rules.of_type(template, "AWS::ApiGatewayV2::Integration").values():
        assert integration["Properties"]["IntegrationType"] == "AWS_PROXY"
        assert integration["Properties"]["PayloadFormatVersion"] == "2.0"


def test_the_gateway_waits_a_little_longer_than_the_function_runs(
    template: dict[str, Any],
) -> None:
    for integration in rules.of_type(template, "AWS::ApiGatewayV2::Integration").values():
        name = rules.target(integration["Properties"]["IntegrationUri"])
        timeout = rules.functions(template)[name]["Timeout"] * 1000

        assert timeout < integration["Properties"]["TimeoutInMillis"] <= 30_000


def test_who_waits_for_a_task_is_answered_before_the_function_ends(
    template: dict[str, Any],
) -> None:
    timeout = timedelta(seconds=rules.functions(template)["StatusFunction"]["Timeout"])

    assert LONGEST_WAIT + timedelta(seconds=QUICK.longest) < timeout


def test_the_polls_that_the_status_function_knows_have_a_route(template: dict[str, Any]) -> None:
    found = {name for name, to in reached(template).items() if to == "StatusFunction"}
    heads = {name for name in found - ROUTES if name.startswith("HEAD ")}

    assert found - heads == {*ROUTES, *routes}
    assert {name.replace("HEAD ", "GET ") for name in heads} <= set(routes)


def test_requests_are_limited_and_logged_as_json_on_one_line(template: dict[str, Any]) -> None:
    stage = template["Resources"]["ApiStage"]["Properties"]
    line = stage["AccessLogSettings"]["Format"]

    assert stage["StageName"] == "$default"
    assert stage["AutoDeploy"] is True
    # Metrics of each route would be paid for, and nothing reads them.
    assert set(stage["DefaultRouteSettings"]) == {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
    assert "\n" not in line
    assert "$context.status" in line
    assert "$context.requestId" in line


def test_polls_that_all_wait_leave_executions_for_the_workers(template: dict[str, Any]) -> None:
    stage = template["Resources"]["ApiStage"]["Properties"]
    default = template["Parameters"]["PollsPerSecond"]["Default"]
    limit = {
        "ThrottlingRateLimit": {"Ref": "PollsPerSecond"},
        "ThrottlingBurstLimit": {"Ref": "PollsPerSecond"},
    }

    # All of them share the executions: with a second one the sum below is another.
    assert len(WAITING) == 1
    assert stage["RouteSettings"] == dict.fromkeys(WAITING, limit)
    # What an account has at first, less two pools of workers.
    assert default + default * LONGEST_WAIT.total_seconds() <= 1_000 - 2 * 80


def test_executions_are_reserved_only_where_somebody_asks_for_it(
    template: dict[str, Any],
) -> None:
    status = template["Resources"]["StatusFunction"]["Properties"]

    assert status["ReservedConcurrentExecutions"]["Fn::If"] == [
        "ReservesStatus",
        {"Ref": "StatusConcurrency"},
        {"Ref": "AWS::NoValue"},
    ]


def test_the_stage_comes_after_every_route_for_each_would_deploy_it(
    template: dict[str, Any],
) -> None:
    found = rules.of_type(template, "AWS::ApiGatewayV2::Route")

    assert set(template["Resources"]["ApiStage"]["DependsOn"]) == set(found)


def test_the_rules_find_a_route_that_is_always_open(template: dict[str, Any]) -> None:
    template["Resources"]["StatusRoute"]["Properties"]["AuthorizationType"] = "NONE"

    assert rules.routes(template) == ["StatusRoute does not ask Auth who may call."]


def test_the_rules_find_a_route_that_says_nothing_of_auth(template: dict[str, Any]) -> None:
    del template["Resources"]["DefaultRoute"]["Properties"]["AuthorizationType"]

    assert rules.routes(template) == ["DefaultRoute does not ask Auth who may call."]


def test_the_rules_find_an_auth_that_need_not_be_said(template: dict[str, Any]) -> None:
    template["Parameters"]["Auth"]["Default"] = "none"

    assert rules.routes(template) == ["Auth has a default."]


def test_the_rules_find_an_api_whose_routes_are_hidden(template: dict[str, Any]) -> None:
    template["Resources"]["Second"] = {"Type": "AWS::Serverless::HttpApi", "Properties": {}}

    assert rules.routes(template) == ["Second has routes that cannot be seen here."]


def reached(template: dict[str, Any]) -> dict[str, str]:
    """The function behind each route."""
    integrations = rules.of_type(template, "AWS::ApiGatewayV2::Integration")
    found = {}
    for route in rules.of_type(template, "AWS::ApiGatewayV2::Route").values():
        name = route["Properties"]["Target"]["Fn::Sub"].removeprefix("integrations/${").rstrip("}")
        uri = integrations[name]["Properties"]["IntegrationUri"]
        found[route["Properties"]["RouteKey"]] = rules.target(uri)
    return found
