"""Reads what was recorded from PyTorch under tests/recorded."""

import functools
import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "recorded"


@functools.cache
def recorded(name):
    """Return the content of one file, such as "op_dtypes"."""
    return json.loads((FOLDER / f"{name}.json").read_text())
