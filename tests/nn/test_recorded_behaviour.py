"""Plays the scenarios of modules and compares with what PyTorch gave when they were recorded."""

import json
import pathlib

import container_scenarios
import module_scenarios
import pytest
from scenarios import play

import lampas

SCENARIOS = module_scenarios.SCENARIOS + container_scenarios.SCENARIOS
RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "recorded" / "module_behaviour.json").read_text())


def test_every_scenario_is_recorded():
    assert sorted(RECORDED) == sorted(scenario.__name__ for scenario in SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_behaves_as_recorded_from_pytorch(scenario):
    assert play(scenario, lampas) == RECORDED[scenario.__name__]
