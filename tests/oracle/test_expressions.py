"""Evaluates the lines of expressions/*.txt in Lampas and in PyTorch: results, gradients, errors, warnings."""

from pathlib import Path

import pytest
from expression_runner import compare

FILES = sorted((Path(__file__).parent / "expressions").glob("*.txt"))


def expressions_in(file):
    lines = [line.strip() for line in file.read_text().splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_expressions_give_what_pytorch_gives(file):
    differences = [(line, compare(line)) for line in expressions_in(file)]
    found = [f"{line}\n    {difference}" for line, difference in differences if difference]
    assert not found, f"{len(found)} of {len(differences)} differ:\n" + "\n".join(found)


def test_a_difference_is_found():
    assert compare("T.zeros(2) + (T.__name__ == 'lampas')")
    assert compare("T.tensor(1.0) if T.__name__ == 'lampas' else T.tensor(1)")
    assert compare("T.zeros(2).missing if T.__name__ == 'lampas' else 1")
    assert compare("T.zeros(2)") is None
