"""Windows: weights that fade a stretch of samples in and out, under the names of torch.signal.windows.

Formulas: F. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform" (1978).
"""

import math

from lampas import _core

__all__ = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_cosine",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]


def _made(name, M, formula, dtype, device, requires_grad, layout=None):
    """Compute a window from formula(); one of no element, or of one, is the same for all."""
    dtype = _core.get_default_dtype() if dtype is None else dtype
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout is not None and layout is not _core.strided:
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if dtype not in (_core.float32, _core.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {dtype}")
    if M < 2:
        return _core.ones(M, dtype=dtype, device=device, requires_grad=requires_grad)

    def places(start, step):
        return _core.linspace(start, start + (M - 1) * step, M, dtype=dtype, device=device)

    return formula(places).requires_grad_(requires_grad)


def _intervals(M, sym):
    """Between how many points the window repeats: a periodic one leaves out its last."""
    return M - 1 if sym else M


def exponential(
    M,
    *,
    center=None,
    tau=1.0,
    sym=True,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
):
    """Make a window that falls as exp(-|n - center| / tau).

    Args:
        M (int): the number of elements.
        center (float): the middle by default; may be given where `sym` is False.
        tau (float): how slowly it falls.
        sym (bool): symmetric, for filters; else periodic, for spectra.
        dtype: float32 or float64.

    Raises ValueError for a negative M, a tau not above 0, a center of a symmetric window.

    Example:
        >>> lampas.signal.windows.exponential(3)
        tensor([0.3679, 1.0000, 0.3679])
    """
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")
    middle = _intervals(M, sym) / 2.0 if center is None else center

    def formula(places):
        return (-places(-middle / tau, 1 / tau).abs()).exp()

    return _made("exponential", M, formula, dtype, device, requires_grad, layout)


def cosine(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Make a window with the shape of half a period of the sine.

    Example:
        >>> lampas.signal.windows.cosine(3)
        tensor([0.5000, 1.0000, 0.5000])
    """
    step = math.pi / (M if sym else M + 1) if M else 0.0
    return _made(
        "cosine", M, lambda places: places(0.5 * step, step).sin(), dtype, device, requires_grad, layout
    )


def gaussian(M, *, std=1.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Make a window with the shape of a normal distribution.

    Example:
        >>> lampas.signal.windows.gaussian(3)
        tensor([0.6065, 1.0000, 0.6065])
    """
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    step = 1 / (std * math.sqrt(2))

    def formula(places):
        return (-(places(-_intervals(M, sym) / 2.0 * step, step) ** 2)).exp()

    return _made("gaussian", M, formula, dtype, device, requires_grad, layout)


def kaiser(M, *, beta=12.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Make a Kaiser window, near the one with the most energy in its main lobe.

    Args:
        M, sym, dtype: as for `exponential`.
        beta (float): how narrow it is; 0 gives ones.

    Example:
        >>> lampas.signal.windows.kaiser(3, beta=0.0)
        tensor([1., 1., 1.])
    """
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")

    def formula(places):
        import numpy as np

        along = places(-1.0, 2.0 / _intervals(M, sym)).double().clamp(-1, 1)
        heights = np.i0(beta * (1 - along * along).sqrt().cpu().numpy()) / np.i0(beta)
        return _core.from_numpy(heights).to(
            dtype=_core.get_default_dtype() if dtype is None else dtype, device=device
        )

    return _made("kaiser", M, formula, dtype, device, requires_grad, layout)


def general_cosine(M, *, a, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Make a window that is a sum of cosines: a[0] - a[1] cos(x) + a[2] cos(2 x) - …

    Example:
        >>> lampas.signal.windows.general_cosine(3, a=[0.5, 0.5])
        tensor([0., 1., 0.])
    """
    if not isinstance(a, (list, tuple)):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")

    def formula(places):
        angles = places(0.0, 2 * math.pi / _intervals(M, sym))
        terms = [(-1) ** i * weight * (i * angles).cos() for i, weight in enumerate(a)]
        return _core.stack(terms).sum(0)

    return _made("general_cosine", M, formula, dtype, device, requires_grad, layout)


def general_hamming(M, *, alpha=0.54, sym=True, **options):
    """Make the window alpha - (1 - alpha) cos(x).

    Example:
        >>> lampas.signal.windows.general_hamming(3)
        tensor([0.0800, 1.0000, 0.0800])
    """
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, **options)


def hamming(M, *, sym=True, **options):
    """Make a Hamming window: `general_hamming` with alpha 0.54.

    Example:
        >>> lampas.signal.windows.hamming(3)
        tensor([0.0800, 1.0000, 0.0800])
    """
    return general_hamming(M, sym=sym, **options)


def hann(M, *, sym=True, **options):
    """Make a Hann window: `general_hamming` with alpha 0.5.

    Example:
        >>> lampas.signal.windows.hann(3)
        tensor([0., 1., 0.])
    """
    return general_hamming(M, alpha=0.5, sym=sym, **options)


def blackman(M, *, sym=True, **options):
    """Make a Blackman window, a sum of three cosines.

    Example:
        >>> lampas.signal.windows.blackman(5)[1:4]
        tensor([0.3400, 1.0000, 0.3400])
    """
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, **options)


def nuttall(M, *, sym=True, **options):
    """Make a Nuttall window, a sum of four cosines.

    Example:
        >>> lampas.signal.windows.nuttall(3)
        tensor([3.6280e-04, 1.0000e+00, 3.6280e-04])
    """
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, **options)


def bartlett(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """Make a triangular window.

    Example:
        >>> lampas.signal.windows.bartlett(3)
        tensor([0., 1., 0.])
    """

    def formula(places):
        return 1 - places(-1.0, 2.0 / _intervals(M, sym)).abs()

    return _made("bartlett", M, formula, dtype, device, requires_grad, layout)


def _by_length(name, window_length, periodic, make, options):
    if window_length < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={window_length}")
    return make(window_length, sym=not periodic, **options)


def hann_window(window_length, periodic=True, **options):
    """Make a Hann window; periodic, for spectra, unless `periodic` is False.

    Example:
        >>> lampas.hann_window(4)
        tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _by_length("hann_window", window_length, periodic, hann, options)


def hamming_window(window_length, periodic=True, alpha=0.54, beta=0.46, **options):
    """Make the window alpha - beta cos(x)."""

    def make(M, **more):
        return general_cosine(M, a=[alpha, beta], **more)

    return _by_length("hamming_window", window_length, periodic, make, options)


def blackman_window(window_length, periodic=True, **options):
    """Make a Blackman window; periodic, for spectra, unless `periodic` is False."""
    return _by_length("blackman_window", window_length, periodic, blackman, options)


def bartlett_window(window_length, periodic=True, **options):
    """Make a triangular window; periodic, for spectra, unless `periodic` is False."""
    return _by_length("bartlett_window", window_length, periodic, bartlett, options)


def kaiser_window(window_length, periodic=True, beta=12.0, **options):
    """Make a Kaiser window; periodic, for spectra, unless `periodic` is False."""

    def make(M, **more):
        return kaiser(M, beta=beta, **more)

    return _by_length("kaiser_window", window_length, periodic, make, options)
