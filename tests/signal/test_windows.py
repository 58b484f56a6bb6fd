"""Windows beside NumPy's, and by what defines them."""

import numpy as np
import pytest

import lampas
from lampas.signal import windows


@pytest.mark.parametrize("name", ["bartlett", "blackman", "hamming"])
@pytest.mark.parametrize("length", [0, 1, 2, 7, 8])
def test_symmetric_windows_are_numpy_s(name, length):
    expected = getattr(np, name)(length)
    assert np.allclose(getattr(windows, name)(length, dtype=lampas.float64).numpy(), expected, atol=1e-12)
    if length > 1:  # a periodic window is a longer symmetric one without its last element
        periodic = getattr(windows, name)(length - 1, sym=False, dtype=lampas.float64)
        assert length == 2 or np.allclose(periodic.numpy(), expected[:-1], atol=1e-12)


def test_other_windows():
    assert np.allclose(windows.hann(9, dtype=lampas.float64).numpy(), np.hanning(9))
    assert np.allclose(windows.kaiser(9, beta=5.0, dtype=lampas.float64).numpy(), np.kaiser(9, 5.0))
    places = np.arange(7) - 3
    assert np.allclose(windows.gaussian(7, std=2.0).numpy(), np.exp(-(places**2) / 8))
    assert np.allclose(windows.exponential(7, tau=2.0).numpy(), np.exp(-np.abs(places) / 2))
    assert np.allclose(windows.cosine(7).numpy(), np.sin(np.pi * (np.arange(7) + 0.5) / 7))
    assert windows.nuttall(9).argmax().item() == 4 and windows.general_cosine(5, a=[1.0]).tolist() == [1] * 5


def test_the_names_of_the_top_level():
    assert lampas.hann_window(8).equal(windows.hann(8, sym=False))
    assert lampas.hamming_window(8, False).equal(windows.hamming(8))
    assert lampas.kaiser_window(8, beta=3.0).equal(windows.kaiser(8, beta=3.0, sym=False))
    assert lampas.bartlett_window(8).equal(windows.bartlett(8, sym=False))
    assert lampas.blackman_window(8, requires_grad=True).requires_grad


@pytest.mark.parametrize(
    "call",
    [
        lambda: windows.hann(-1),
        lambda: windows.hann(3, dtype=lampas.int64),
        lambda: windows.gaussian(3, std=0.0),
        lambda: windows.exponential(3, center=1.0),
        lambda: windows.exponential(3, tau=-1.0),
        lambda: windows.kaiser(3, beta=-1.0),
        lambda: windows.general_cosine(3, a=[]),
    ],
)
def test_wrong_arguments_are_refused(call):
    with pytest.raises(ValueError):
        call()
