"""The recorded behaviour of ops is what the installed PyTorch does, and Lampas does the same live."""

import pytest
import torch
from ops import behaviour, promotion
from ops.cases import CASES_OF
from ops.recorded import recorded, recorded_op

pytestmark = pytest.mark.filterwarnings(
    "ignore:Using padding='same'", "ignore:Casting complex values", "ignore:adjoint"
)


@pytest.mark.parametrize("name", [name for name in behaviour.BEHAVIOURS if name != "special"])
@pytest.mark.parametrize("family", CASES_OF)
def test_records_are_current(family, name):
    for case in CASES_OF[family]:
        described = behaviour.BEHAVIOURS[name](torch, case)
        assert (described or None) == recorded_op(name, case), case.name


def test_promotion_is_current():
    assert promotion.tables(torch) == recorded("op_promotion")
