"""Plays the scenarios with lampas and with PyTorch, and compares."""

import pytest
import torch
from scenario_lists import SCENARIO_LISTS
from scenarios import play

import lampas

SCENARIOS = [scenario for scenarios in SCENARIO_LISTS.values() for scenario in scenarios]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_behaves_as_pytorch(scenario):
    assert play(scenario, lampas) == play(scenario, torch)
