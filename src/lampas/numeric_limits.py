"""finfo and iinfo: what the numbers of a dtype can hold."""

from lampas import _core

# Bits of the format and of the fraction, greatest exponent of 2, decimal digits that survive (the resolution)
_FLOATING = {
    _core.float16: (16, 10, 15, "0.001"),
    _core.bfloat16: (16, 7, 127, "0.01"),
    _core.float32: (32, 23, 127, "1e-06"),
    _core.float64: (64, 52, 1023, "1e-15"),
}


class finfo:
    """The limits of a floating point dtype.

    Args:
        dtype (dtype, optional): a floating point or complex dtype; by default the default dtype.

    Raises TypeError for other dtypes.

    Example:
        >>> lampas.finfo(lampas.float32).eps
        1.1920928955078125e-07
    """

    def __init__(self, dtype=None):
        dtype = _core.get_default_dtype() if dtype is None else dtype
        if not isinstance(dtype, _core.dtype):
            raise TypeError(
                f"finfo(): argument 'type' (position 1) must be torch.dtype, not {type(dtype).__name__}"
            )
        real = dtype.to_real()
        if real not in _FLOATING:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        self.bits, fraction, exponent, resolution = _FLOATING[real]
        self.eps = 2.0**-fraction
        self.max = (2.0 - self.eps) * 2.0**exponent
        self.min = -self.max
        self.tiny = self.smallest_normal = 2.0 ** (1 - exponent)
        self.resolution = float(resolution)
        self.dtype = str(real).removeprefix("torch.")

    def __repr__(self):
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        numbers = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({numbers}, dtype={self.dtype})"

    def __eq__(self, other):
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)


class iinfo:
    """The limits of an integer dtype.

    Args:
        type (dtype): an integer dtype.

    Raises TypeError for other dtypes.

    Example:
        >>> lampas.iinfo(lampas.int8).max
        127
    """

    def __init__(self, type):
        if not isinstance(type, _core.dtype):
            kind = type.__class__.__name__
            raise TypeError(f"iinfo(): argument 'type' (position 1) must be torch.dtype, not {kind}")
        if type.is_floating_point or type.is_complex or type is _core.bool:
            raise TypeError(
                "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'"
            )
        self.bits = 8 * type.itemsize
        self.min = -(2 ** (self.bits - 1)) if type.is_signed else 0
        self.max = 2 ** (self.bits - 1) - 1 if type.is_signed else 2**self.bits - 1
        self.dtype = str(type).removeprefix("torch.")

    def __repr__(self):
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

    def __eq__(self, other):
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)
