"""Compares what Python sees, values and errors word for word, with what was recorded from PyTorch."""

import json
import pathlib

import pytest
from bindings.surface import EXPRESSIONS, outcome

import lampas

RECORDS = json.loads((pathlib.Path(__file__).parents[1] / "recorded" / "python_surface.json").read_text())


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_gives_what_pytorch_gives(expression):
    assert outcome(lampas, expression) == RECORDS[expression]
