"""Anomaly mode: find the forward call whose derivative failed or made NaN."""

import warnings

from lampas import _core


class detect_anomaly:
    """Look for errors in backward, inside a block.

    Ops recorded inside remember where they were called; where their derivative raises, or returns NaN while
    `check_nan` is on, a warning shows that place. Slow: for debugging only.

    Args:
        check_nan: whether NaN in a gradient is an error.

    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"), lampas.autograd.detect_anomaly():
    ...     lampas.ones(1, requires_grad=True).sqrt().sum().backward()
    """

    def __init__(self, check_nan=True):
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be "
            "enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self):
        self._before = _core._anomaly_mode()
        _core._set_anomaly_mode(True, self.check_nan)

    def __exit__(self, *exception):
        _core._set_anomaly_mode(*self._before)


class set_detect_anomaly:
    """Switch anomaly mode on or off: at once as a function, or for a block as a context manager.

    Args:
        mode: whether anomaly mode is on.
        check_nan: whether NaN in a gradient is an error.

    >>> with lampas.autograd.set_detect_anomaly(True):
    ...     lampas.ones(1, requires_grad=True).sqrt().sum().backward()
    """

    def __init__(self, mode, check_nan=True):
        self._before = _core._anomaly_mode()
        _core._set_anomaly_mode(mode, check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *exception):
        _core._set_anomaly_mode(*self._before)


def is_anomaly_enabled():
    """Return whether anomaly mode is on.

    >>> lampas.is_anomaly_enabled()
    False
    """
    return _core._anomaly_mode()[0]


def is_anomaly_check_nan_enabled():
    """Return whether anomaly mode, where it is on, looks for NaN.

    >>> lampas.is_anomaly_check_nan_enabled()
    True
    """
    return _core._anomaly_mode()[1]


def set_anomaly_enabled(mode, check_nan=True):
    """Switch anomaly mode on or off, as `set_detect_anomaly` does.

    >>> lampas.set_anomaly_enabled(False)
    """
    _core._set_anomaly_mode(mode, check_nan)
