"""Plays the scenarios with lampas and with PyTorch, and compares."""

import pytest
import torch
from scenarios.lists import SCENARIO_LISTS, TOLERANCES
from scenarios.playing import assert_close, play

import lampas

CASES = [
    pytest.param(scenario, TOLERANCES.get(file_name, 0.0), id=scenario.__name__)
    for file_name, scenarios in SCENARIO_LISTS.items()
    for scenario in scenarios
]


@pytest.mark.parametrize("scenario, tolerance", CASES)
def test_behaves_as_pytorch(scenario, tolerance):
    assert_close(play(scenario, lampas), play(scenario, torch), tolerance)
