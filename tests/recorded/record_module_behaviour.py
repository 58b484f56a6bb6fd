"""Records what PyTorch gives for the module scenarios: python tests/recorded/record_module_behaviour.py."""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
import container_scenarios  # noqa: E402
import module_scenarios  # noqa: E402
from scenarios import play  # noqa: E402


def main():
    scenarios = module_scenarios.SCENARIOS + container_scenarios.SCENARIOS
    records = {scenario.__name__: play(scenario, torch) for scenario in scenarios}
    path = pathlib.Path(__file__).with_name("module_behaviour.json")
    path.write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
