"""Records from PyTorch what ops do beside their values: python tests/recorded/record_ops.py [FAMILY...]."""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from ops import behaviour, promotion  # noqa: E402
from ops.cases import CASES_OF  # noqa: E402

FOLDER = pathlib.Path(__file__).parent


def write_lines(name, records):
    """Write a dict as JSON with one line for each key, so that a change shows as the lines it touches."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in records.items()]
    (FOLDER / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


def record_family(family):
    """Write what the ops of one family do, a line for each op and behaviour."""
    records = {
        f"{case.name} {name}": describe(torch, case)
        for case in CASES_OF[family]
        for name, describe in behaviour.BEHAVIOURS.items()
    }
    write_lines(f"ops/{family}.json", {key: value for key, value in records.items() if value})


def main():
    for family in sys.argv[1:] or CASES_OF:
        record_family(family)
    if not sys.argv[1:]:
        write_lines("op_promotion.json", promotion.tables(torch))


if __name__ == "__main__":
    main()
