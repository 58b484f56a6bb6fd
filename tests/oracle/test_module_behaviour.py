"""Plays the scenarios of modules with lampas and with PyTorch, and compares."""

import container_scenarios
import module_scenarios
import pytest
import torch
from scenarios import play

import lampas

SCENARIOS = module_scenarios.SCENARIOS + container_scenarios.SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_behaves_as_pytorch(scenario):
    assert play(scenario, lampas) == play(scenario, torch)
