"""Records how PyTorch prints a sample of the print cases: python tests/recorded/record_tensor_repr.py."""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from print_cases import build, print_cases  # noqa: E402


def recorded(case):
    """Return one case with PyTorch's text; JSON knows no complex numbers, so they become pairs."""
    with torch._tensor_str.printoptions(**case.options):
        text = repr(build(torch, case))
    values = [[v.real, v.imag] if isinstance(v, complex) else v for v in case.values]
    return {**case._asdict(), "values": values, "text": text}


def main():
    small = [recorded(case) for case in print_cases(count=300, seed=100, largest=30)]
    large = [recorded(case) for case in print_cases(count=12, seed=101) if case.values[1000:]]
    path = pathlib.Path(__file__).with_name("tensor_repr.json")
    lines = ",\n".join(json.dumps(record) for record in small + large)
    path.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
