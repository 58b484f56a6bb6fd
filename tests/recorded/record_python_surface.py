"""Records what PyTorch gives for the surface expressions: python tests/recorded/record_python_surface.py."""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from bindings.surface import EXPRESSIONS, outcome  # noqa: E402


def main():
    records = {expression: outcome(torch, expression) for expression in EXPRESSIONS}
    path = pathlib.Path(__file__).with_name("python_surface.json")
    path.write_text(json.dumps(records, indent=0, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
