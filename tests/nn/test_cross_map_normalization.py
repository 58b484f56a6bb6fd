"""CrossMapLRN2d: its formula written out, and its gradient."""

import pytest

import lampas
from lampas import nn
from lampas.autograd import gradcheck


def picture():
    lampas.manual_seed(0)
    return lampas.randn(2, 5, 3, 2, dtype=lampas.float64, requires_grad=True)


@pytest.mark.parametrize(("size", "reach"), [(1, 0), (3, 1), (4, 1), (7, 3)])
def test_divides_by_the_sum_over_neighbours(size, reach):
    x = picture()
    result = nn.CrossMapLRN2d(size, alpha=0.5, beta=0.75, k=2)(x)
    for channel in range(5):
        window = x[:, max(0, channel - reach) : channel + reach + 1]
        expected = x[:, channel] / (2 + 0.5 / size * (window * window).sum(1)) ** 0.75
        assert lampas.allclose(result[:, channel], expected, 1e-12, 1e-12)
    assert gradcheck(nn.CrossMapLRN2d(size, alpha=0.5, beta=0.75, k=2), (x,))


def test_takes_pictures_only():
    assert repr(nn.CrossMapLRN2d(3)) == "CrossMapLRN2d(3, alpha=0.0001, beta=0.75, k=1)"
    with pytest.raises(ValueError, match="Expected input to be 4D, got 3D instead"):
        nn.CrossMapLRN2d(3)(lampas.ones(1, 2, 3))
