"""What a caller is told of an error."""

from windrow.aws.errors import Unavailable
from windrow.errors import InvalidParams, KeyReused, Refused
from windrow.model.problem import BROKEN, UNAVAILABLE, Problem, problem_of


def test_of_several_tasks_each_wrong_field_is_named() -> None:
    wrong = InvalidParams("greet", {"name": "Field required", "params": "too many"})

    problem = problem_of(Refused({2: KeyReused("k", "greet"), 0: wrong}, 3))

    assert [(one.field, one.expected) for one in problem.wrong] == [
        ("tasks.0.params.name", "Field required"),
        ("tasks.0.params", "too many"),
        (
            "tasks.2",
            "Key 'k' was used before, for another task than 'greet', or with other params or"
            " options.",
        ),
    ]


def test_what_passes_may_be_tried_again_and_what_does_not_is_ours() -> None:
    assert problem_of(Unavailable("dynamodb", "GetItem", "Throttling", "slow")) is UNAVAILABLE
    assert problem_of(RuntimeError("secret")) is BROKEN


def test_a_path_is_repeated_as_a_uri() -> None:
    body = Problem(status=404, detail="Nothing.").body('/v1/tasks/é"\ud800')

    assert body["instance"] == "/v1/tasks/%C3%A9%22%3F"
