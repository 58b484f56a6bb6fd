"""Records what PyTorch gives for the scenarios: python tests/recorded/record_scenarios.py."""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from scenario_lists import SCENARIO_LISTS  # noqa: E402
from scenarios import play  # noqa: E402


def main():
    for file_name, scenarios in SCENARIO_LISTS.items():
        records = {scenario.__name__: play(scenario, torch) for scenario in scenarios}
        path = pathlib.Path(__file__).with_name(file_name)
        path.write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
