"""Records what PyTorch gives for the scenarios: python tests/recorded/record_scenarios.py [FILE...]."""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from scenarios.lists import SCENARIO_LISTS  # noqa: E402
from scenarios.playing import play  # noqa: E402


def main():
    for file_name in sys.argv[1:] or SCENARIO_LISTS:
        scenarios = SCENARIO_LISTS[file_name]
        records = {scenario.__name__: play(scenario, torch) for scenario in scenarios}
        path = pathlib.Path(__file__).with_name(file_name)
        # One scenario a line: compact, and a change shows which scenario it is.
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(record)}" for name, record in records.items())
        path.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
