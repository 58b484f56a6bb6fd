"""Records from PyTorch what ops do beside their values: python tests/recorded/record_ops.py."""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from ops import behaviour, promotion  # noqa: E402
from ops.cases import CASES  # noqa: E402

FOLDER = pathlib.Path(__file__).parent


def write_lines(name, records):
    """Write a dict as JSON with one line for each key, so that a change shows as the lines it touches."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in records.items()]
    (FOLDER / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    for name, describe in behaviour.BEHAVIOURS.items():
        records = {case.name: describe(torch, case) for case in CASES}
        write_lines(f"op_{name}.json", {key: value for key, value in records.items() if value})
    write_lines("op_promotion.json", promotion.tables(torch))


if __name__ == "__main__":
    main()
