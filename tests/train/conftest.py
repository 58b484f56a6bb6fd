"""A little data to train on."""

import pytest

from lampas.data import Digits
from lampas.vision.datasets.idx import write_idx


@pytest.fixture
def few_digits(tmp_path, monkeypatch):
    """Work in an empty folder beside `few`, which holds 300 digits to train and 100 to test."""
    few = tmp_path / "few"
    few.mkdir()
    for train, prefix, count in [(True, "train", 300), (False, "t10k", 100)]:
        digits = Digits(train)
        write_idx(few / f"{prefix}-images-idx3-ubyte.gz", digits.data[:count].numpy())
        write_idx(few / f"{prefix}-labels-idx1-ubyte.gz", digits.targets[:count].numpy())
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return str(few)
