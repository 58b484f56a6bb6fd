"""assert_close: whether results are as close as their dtypes allow, and what differs where they are not."""

import cmath
import numbers
from collections.abc import Mapping, Sequence

import lampas
from lampas import Tensor, _core

__all__ = ["assert_close"]

# (rtol, atol) of PyTorch; exact for dtypes that are not listed.
_TOLERANCES = {
    _core.float16: (1e-3, 1e-5),
    _core.bfloat16: (1.6e-2, 1e-5),
    _core.float32: (1.3e-6, 1e-5),
    _core.float64: (1e-7, 1e-7),
    _core.complex64: (1.3e-6, 1e-5),
    _core.complex128: (1e-7, 1e-7),
}
_NUMBER_DTYPES = {bool: _core.bool, int: _core.int64, float: _core.float64, complex: _core.complex128}


def assert_close(
    actual,
    expected,
    *,
    allow_subclasses=True,
    rtol=None,
    atol=None,
    equal_nan=False,
    check_device=True,
    check_dtype=True,
    check_layout=True,
    check_stride=False,
    msg=None,
):
    """Raise AssertionError unless |actual - expected| <= atol + rtol * |expected| everywhere.

    Args:
        actual: tensors, numbers, None, NumPy arrays, or sequences and mappings of these.
        expected: the same.
        allow_subclasses (bool): with False, both must be of one class.
        rtol, atol (float): both or neither; by default those of the dtype.
        equal_nan (bool): whether NaN equals NaN.
        check_device, check_dtype, check_layout, check_stride (bool): whether these must be equal.
        msg (str or function): the message instead, or a function from the message to another.

    Example:
        >>> lampas.testing.assert_close(lampas.tensor([1.0]) / 3, lampas.tensor([0.33333334]))
        >>> lampas.testing.assert_close(1, 2)
        Traceback (most recent call last):
        AssertionError: Scalars are not equal!
        <BLANKLINE>
        Expected 2 but got 1.
        Absolute difference: 1
        Relative difference: 0.5
    """
    if (rtol is None) != (atol is None):
        missing = "rtol" if rtol is None else "atol"
        raise ValueError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.")
    checks = {"device": check_device, "dtype": check_dtype, "layout": check_layout, "stride": check_stride}
    comparison = _Comparison(rtol, atol, equal_nan, allow_subclasses, checks)
    try:
        comparison.compare(actual, expected, ())
    except _Different as difference:
        message = str(difference)
        if callable(msg):
            message = msg(message)
        elif msg is not None:
            message = msg
        raise AssertionError(message) from None


class _Different(Exception):
    def __init__(self, message, place):
        if place:
            keys = "".join(f"[{key!r}]" for key in place)
            message += f"\n\nThe failure occurred for item {keys}"
        super().__init__(message)


class _Comparison:
    def __init__(self, rtol, atol, equal_nan, allow_subclasses, checks):
        self._given = None if rtol is None else (rtol, atol)
        self._equal_nan = equal_nan
        self._allow_subclasses = allow_subclasses
        self._checks = checks

    def compare(self, actual, expected, place):
        """Compare two values; `place` holds the keys that lead to them."""
        if isinstance(actual, Sequence) and isinstance(expected, Sequence) and not isinstance(actual, str):
            self._compare_sequences(actual, expected, place)
        elif isinstance(actual, Mapping) and isinstance(expected, Mapping):
            self._compare_mappings(actual, expected, place)
        elif actual is None or expected is None:
            if actual is not expected:
                raise _Different(f"None mismatch: {actual} is not {expected}", place)
        elif isinstance(actual, numbers.Number) and isinstance(expected, numbers.Number):
            self._compare_numbers(actual, expected, place)
        else:
            self._compare_tensors(actual, expected, place)

    def _compare_sequences(self, actual, expected, place):
        if len(actual) != len(expected):
            raise _Different(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", place)
        for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
            self.compare(one, other, (*place, index))

    def _compare_mappings(self, actual, expected, place):
        missing = sorted(expected.keys() - actual.keys(), key=str)
        additional = sorted(actual.keys() - expected.keys(), key=str)
        if missing or additional:
            raise _Different(
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {missing}\n"
                f"Additional keys in the actual mapping: {additional}",
                place,
            )
        for key in sorted(expected, key=str):
            self.compare(actual[key], expected[key], (*place, key))

    def _tolerances(self, *dtypes):
        """Return the given tolerances, or the largest of the dtypes."""
        if self._given is not None:
            return self._given
        each = [_TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in dtypes]
        return max(rtol for rtol, _ in each), max(atol for _, atol in each)

    def _compare_numbers(self, actual, expected, place):
        if self._checks["dtype"] and type(actual) is not type(expected):
            raise _Different(f"The (d)types do not match: {type(actual)} != {type(expected)}.", place)
        rtol, atol = self._tolerances(*map(_dtype_of_number, (actual, expected)))
        if actual == expected:
            return
        if self._equal_nan and cmath.isnan(actual) and cmath.isnan(expected):
            return
        difference = abs(actual - expected)
        if not (cmath.isfinite(difference) and difference <= atol + rtol * abs(expected)):
            raise _Different(_describe_numbers(actual, expected, rtol, atol), place)

    def _compare_tensors(self, actual, expected, place):
        types = (type(actual), type(expected))
        refusal = TypeError(
            f"No comparison pair was able to handle inputs of type {types[0]} and {types[1]}."
        )
        both_tensors = isinstance(actual, Tensor) and isinstance(expected, Tensor)
        related = issubclass(*types) or issubclass(*reversed(types)) or both_tensors
        if not (related if self._allow_subclasses else types[0] is types[1]):
            raise refusal
        try:
            actual, expected = (lampas.as_tensor(value).detach() for value in (actual, expected))
        except Exception:
            raise refusal from None
        self._compare_attributes(actual, expected, place)
        rtol, atol = self._tolerances(actual.dtype, expected.dtype)
        actual, expected = actual.to("cpu"), expected.to("cpu")
        if actual.dtype is not expected.dtype:
            dtype = _core.promote_types(actual.dtype, expected.dtype)
            actual, expected = actual.to(dtype), expected.to(dtype)
        close = lampas.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=self._equal_nan)
        if not close.all().item():
            raise _Different(_describe(actual, expected, ~close, rtol, atol), place)

    def _compare_attributes(self, actual, expected, place):
        questions = [
            ("shape", True, lambda tensor: tensor.shape),
            ("layout", self._checks["layout"], lambda tensor: tensor.layout),
            ("device", self._checks["device"], lambda tensor: tensor.device),
            ("dtype", self._checks["dtype"], lambda tensor: tensor.dtype),
            ("stride()", self._checks["stride"], lambda tensor: tensor.stride()),
        ]
        for name, wanted, ask in questions:
            if wanted and ask(actual) != ask(expected):
                raise _Different(
                    f"The values for attribute '{name}' do not match: {ask(actual)} != {ask(expected)}.",
                    place,
                )


def _dtype_of_number(number):
    return next(dtype for kind, dtype in _NUMBER_DTYPES.items() if isinstance(number, kind))


def _describe_numbers(actual, expected, rtol, atol):
    difference = abs(actual - expected)
    relative = abs(difference / expected) if expected != 0 else float("inf")
    exact = rtol == 0 and atol == 0
    return "\n".join(
        [
            f"Scalars are not {'equal' if exact else 'close'}!\n",
            f"Expected {expected} but got {actual}.",
            f"Absolute difference: {difference}{_allowed(atol, exact)}",
            f"Relative difference: {relative}{_allowed(rtol, exact)}",
        ]
    )


def _allowed(tolerance, exact):
    return "" if exact else f" (up to {tolerance} allowed)"


def _describe(actual, expected, mismatches, rtol, atol):
    """Return how many elements differ, and where the most."""
    if actual.dim() == 0:
        return _describe_numbers(actual.item(), expected.item(), rtol, atol)
    total, count = mismatches.numel(), int(mismatches.sum().item())
    exact = rtol == 0 and atol == 0
    if not (actual.is_floating_point() or actual.is_complex()):
        actual, expected = actual.to(_core.int64), expected.to(_core.int64)
    difference = (actual - expected).abs().masked_fill(~mismatches, 0)
    relative = (difference / expected.abs()).masked_fill(~mismatches, 0)
    return "\n".join(
        [
            f"Tensor-likes are not {'equal' if exact else 'close'}!\n",
            f"Mismatched elements: {count} / {total} ({count / total:.1%})",
            f"Greatest absolute difference: {_greatest(difference)}{_allowed(atol, exact)}",
            f"Greatest relative difference: {_greatest(relative)}{_allowed(rtol, exact)}",
        ]
    )


def _greatest(differences):
    flat = int(differences.flatten().argmax().item())
    index, rest = [], flat
    for size in reversed(differences.shape):
        rest, place = divmod(rest, size)
        index.insert(0, place)
    return f"{differences.flatten()[flat].item()} at index {tuple(index)}"
