"""Plays the scenarios and compares with what PyTorch gave when they were recorded."""

import json
import pathlib

import pytest
from scenarios.lists import SCENARIO_LISTS, TOLERANCES
from scenarios.playing import assert_close, play

import lampas

RECORDED = {
    file_name: json.loads((pathlib.Path(__file__).parent / "recorded" / file_name).read_text())
    for file_name in SCENARIO_LISTS
}
CASES = [
    pytest.param(file_name, scenario, id=scenario.__name__)
    for file_name, scenarios in SCENARIO_LISTS.items()
    for scenario in scenarios
]


@pytest.mark.parametrize("file_name, scenario", CASES)
def test_behaves_as_recorded_from_pytorch(file_name, scenario):
    # Through JSON, which turns the numbers that stand for parameters as keys into text.
    ours = json.loads(json.dumps(play(scenario, lampas)))
    assert_close(ours, RECORDED[file_name][scenario.__name__], TOLERANCES.get(file_name, 0.0))


@pytest.mark.parametrize("file_name", SCENARIO_LISTS)
def test_exactly_these_scenarios_are_recorded(file_name):
    assert sorted(RECORDED[file_name]) == sorted(scenario.__name__ for scenario in SCENARIO_LISTS[file_name])
