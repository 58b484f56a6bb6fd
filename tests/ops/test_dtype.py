"""Which dtypes an op takes and gives, and what comes out where two meet: as recorded from PyTorch."""

import pytest

import lampas
from ops import behaviour, promotion
from ops.cases import CASES
from ops.recorded import recorded, recorded_op


@pytest.mark.parametrize("case", CASES, ids=str)
def test_takes_and_gives_the_recorded_dtypes(case):
    assert behaviour.dtypes(lampas, case) == recorded_op("dtypes", case)


@pytest.mark.parametrize("table", recorded("op_promotion"))
def test_promotes_as_recorded(table):
    expected = recorded("op_promotion")[table]
    actual = promotion.table(lampas, table)
    for left, results in expected.items():
        for place, result in enumerate(results):
            assert result is None or actual[left][place] == result, f"{table}: {left}, column {place}"


def test_can_cast_follows_the_order_of_kinds():
    kinds = [["bool"], ["uint8", "int8", "int64"], ["float16", "bfloat16", "float64"], ["complex64"]]
    for low, high in [(low, high) for low in range(4) for high in range(4)]:
        for source in kinds[low]:
            for target in kinds[high]:
                assert lampas.can_cast(getattr(lampas, source), getattr(lampas, target)) is (low <= high)


def test_promote_types_is_symmetric_and_idempotent():
    dtypes = [
        lampas.bool,
        lampas.uint8,
        lampas.int8,
        lampas.int64,
        lampas.bfloat16,
        lampas.float32,
        lampas.complex64,
    ]
    for left in dtypes:
        assert lampas.promote_types(left, left) == left
        for right in dtypes:
            assert lampas.promote_types(left, right) == lampas.promote_types(right, left)
