"""Only the routes wait that the gateway limits for it: each wait holds an execution."""

from tasks.status import routes
from tests.harness import http_event
from tests.managed import deploy_managed
from windrow.engine.submit import submit
from windrow.lambdas.status import poll
from windrow.lambdas.task_status import ROUTES, WAITING
from windrow.model.poll import LONGEST_WAIT


def test_no_poll_waits_but_those_that_the_gateway_limits() -> None:
    polls = {*ROUTES, *routes, *(route.replace("GET ", "HEAD ") for route in routes)}
    waited, applied = {}, set()

    with deploy_managed() as deployed:
        params = {"fir_id": "fir_12345", "recipient_email": "user@example.com"}
        task_id = submit(deployed.engine, "email.send_confirmation", params).task.ref.task
        for route in polls:
            method, path = route.split()
            asked = path.replace("{id}", task_id)
            event = http_event(method, asked, None, {"prefer": "wait=20"})
            event |= {"routeKey": route, "pathParameters": {"id": task_id}}
            began = deployed.clock.now()
            reply = poll(routes, deployed.latest, deployed.telemetry, event)
            waited[route] = deployed.clock.now() - began
            if "preference-applied" in reply["headers"]:
                applied.add(route)

    assert {route for route, took in waited.items() if took} == WAITING
    assert {waited[route] for route in WAITING} == {LONGEST_WAIT}
    assert applied == WAITING


def test_the_api_serves_a_poll_of_an_application_without_waiting_either() -> None:
    with deploy_managed() as deployed:
        params = {"fir_id": "fir_12345", "recipient_email": "user@example.com"}
        task_id = submit(deployed.engine, "email.send_confirmation", params).task.ref.task
        began = deployed.clock.now()
        event = http_event("GET", f"/api/tasks/{task_id}", None, {"prefer": "wait=20"})

        reply = deployed.api(event | {"routeKey": "$default"}, deployed.context)

        assert (reply["statusCode"], deployed.clock.now()) == (200, began)
        assert "preference-applied" not in reply["headers"]
