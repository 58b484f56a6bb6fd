"""Reads what was recorded from PyTorch under tests/recorded."""

import functools
import json
import pathlib

from ops.cases import FAMILY_BY_NAME

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "recorded"


@functools.cache
def recorded(name):
    """Return the content of one file, such as "op_promotion"."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def recorded_op(behaviour, case):
    """Return what an op did in PyTorch, such as its "dtypes"; None where it has no such behaviour."""
    return recorded(f"ops/{FAMILY_BY_NAME[case.name]}").get(f"{case.name} {behaviour}")
