"""The paper on reliability says in what the stand-ins differ from AWS, neither more nor less."""

from pathlib import Path

from tests.contract import test_port_on_moto as moto
from tests.contract import test_port_on_the_simulation as simulation
from tests.contract.port import PortContract
from tests.e2e import test_port_on_the_local_stack as local_stack

PAPER = Path(__file__).parents[2] / "docs" / "reliability.md"
STAND_INS = {
    "simulation": simulation.TestSimulation,
    "moto": moto.TestMoto,
    "local stack": local_stack.TestLocalStack,
}
PROMISES = [name for name in vars(PortContract) if name.startswith("test_")]


def promised(test: str) -> str:
    """A promise in words, as its test says it."""
    return test.removeprefix("test_").replace("_", " ")


def table() -> str:
    """One line for each promise that a stand-in does not keep, and one for all the others."""
    differing = [
        name for name in PROMISES if any(name in each.differences for each in STAND_INS.values())
    ]
    lines = [["What AWS does", *STAND_INS], ["---"] * (1 + len(STAND_INS))]
    for name in differing:
        told = [each.differences.get(name, "the same") for each in STAND_INS.values()]
        lines.append([promised(name), *told])
    lines.append(["everything else that is promised", *["the same"] * len(STAND_INS)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def test_a_difference_is_of_a_promise_that_is_tested() -> None:
    for each in STAND_INS.values():
        assert set(each.differences) <= set(PROMISES)


def test_the_paper_lists_the_differences() -> None:
    assert table() in PAPER.read_text(), f"docs/reliability.md needs:\n{table()}"
