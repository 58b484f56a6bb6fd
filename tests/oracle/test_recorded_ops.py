"""The recorded behaviour of ops is what the installed PyTorch does, and Lampas does the same live."""

import pytest
import torch
from ops import behaviour, promotion
from ops.cases import CASES
from ops.recorded import recorded

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'", "ignore:Casting complex values")


@pytest.mark.parametrize("name", [name for name in behaviour.BEHAVIOURS if name != "special"])
def test_records_are_current(name):
    expected = recorded(f"op_{name}")
    for case in CASES:
        described = behaviour.BEHAVIOURS[name](torch, case)
        assert (described or None) == expected.get(case.name), case.name


def test_promotion_is_current():
    assert promotion.tables(torch) == recorded("op_promotion")
