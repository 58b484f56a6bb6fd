"""Prints tensors as PyTorch does: number format, aligned columns, summary of large tensors, suffixes.

It works on the Python numbers that `tolist()` gives, so the printed digits are those of the exact value.
"""

import contextlib
import math
import sys

import lampas
from lampas import _core

ELLIPSIS = object()  # stands in a nested list where elements were left out


class PrintOptions:
    """How tensors are printed; `set_printoptions` changes the one instance in use."""

    __slots__ = ("precision", "threshold", "edgeitems", "linewidth", "sci_mode")

    def __init__(self):
        self.precision = 4
        self.threshold = 1000
        self.edgeitems = 3
        self.linewidth = 80
        self.sci_mode = None


_options = PrintOptions()

_PROFILES: dict[str | None, dict[str, float]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None
):
    """Set how tensors are printed.

    Args:
        precision (int): digits after the decimal point (4 at the start).
        threshold (int): element count above which a tensor is summarised (1000).
        edgeitems (int): elements shown at each end of a summarised dimension (3).
        linewidth (int): characters per line (80).
        profile (str): "default", "short" or "full"; the other arguments are applied after it.
        sci_mode (bool): True or False forces scientific notation on or off; None chooses by the values.

    Example:
        >>> lampas.set_printoptions(precision=2)
        >>> lampas.tensor([1.12345])
        tensor([1.12])
        >>> lampas.set_printoptions(profile="default")
    """
    chosen = dict(_PROFILES.get(profile, {}))
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    chosen.update((name, value) for name, value in given.items() if value is not None)
    for name, value in chosen.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


def get_printoptions():
    """Return the options in use as a dict that `set_printoptions` accepts as keyword arguments.

    Example:
        >>> lampas.get_printoptions()["edgeitems"]
        3
    """
    return {name: getattr(_options, name) for name in PrintOptions.__slots__}


@contextlib.contextmanager
def printoptions(**kwargs):
    """Set print options inside a `with` block; the arguments are those of `set_printoptions`.

    Example:
        >>> with lampas.printoptions(precision=1):
        ...     print(lampas.tensor([0.25, 0.5]))
        tensor([0.2, 0.5])
    """
    before = get_printoptions()
    set_printoptions(**kwargs)
    try:
        yield
    finally:
        set_printoptions(**before)


class PlainFormat:
    """Formats integers and booleans, right-aligned to the widest of `values`."""

    def __init__(self, values):
        self.width = max([1, *(len(str(value)) for value in values)])

    def format(self, value):
        """Return the text of one value."""
        return str(value).rjust(self.width)


class FloatFormat:
    """Formats floats as whole numbers, decimals or in scientific notation, whichever suits `values`."""

    def __init__(self, values):
        self.width = 1
        self.whole = True
        self.scientific = False
        # Zeros and non-finite values fit any notation: they have no say in it.
        telling = [value for value in values if value != 0 and math.isfinite(value)]
        if not telling:
            return
        self.whole = all(value.is_integer() for value in telling)
        smallest = min(abs(value) for value in telling)
        largest = max(abs(value) for value in telling)
        if _options.sci_mode is None:
            self.scientific = largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4
        else:
            self.scientific = _options.sci_mode
        self.width = max([1, *(len(self._digits(value)) for value in telling)])

    def _digits(self, value):
        if self.scientific:
            return f"{value:.{_options.precision}e}"
        if self.whole:
            point = "." if math.isfinite(value) else ""  # the point tells 1. from the integer 1
            return f"{value:.0f}{point}"
        return f"{value:.{_options.precision}f}"

    def format(self, value):
        """Return the text of one value."""
        return self._digits(value).rjust(self.width)


class ComplexFormat:
    """Formats complex numbers; real and imaginary parts choose their notation apart from each other."""

    def __init__(self, values):
        self.real = FloatFormat([value.real for value in values])
        self.imag = FloatFormat([value.imag for value in values])
        self.width = self.real.width + self.imag.width + 1

    def format(self, value):
        """Return the text of one value."""
        imag = self.imag.format(value.imag).lstrip() + "j"
        sign = "" if imag[0] in "+-" else "+"
        return self.real.format(value.real) + sign + imag


def _shown_values(tensor, summarize):
    """Return the nested list of the elements to show, with ELLIPSIS where some are left out."""
    if not summarize or tensor.dim() == 0:
        return tensor.tolist()
    size, edge = tensor.shape[0], _options.edgeitems
    if size <= 2 * edge:
        return [_shown_values(tensor[i], summarize) for i in range(size)]
    if tensor.dim() == 1:
        first, last = tensor[:edge].tolist(), tensor[size - edge :].tolist()
    else:
        first = [_shown_values(tensor[i], summarize) for i in range(edge)]
        last = [_shown_values(tensor[i], summarize) for i in range(size - edge, size)]
    return [*first, ELLIPSIS, *last]


def _flatten(shown):
    if shown is ELLIPSIS:
        return []
    if not isinstance(shown, list):
        return [shown]
    return [value for part in shown for value in _flatten(part)]


def _row_text(row, indent, number_format):
    """Write one innermost dimension, broken into lines that fit the line width."""
    per_line = max(1, math.floor((_options.linewidth - indent) / (number_format.width + 2)))
    if row == [ELLIPSIS]:
        cells = ["..."]
    else:
        cells = [" ..." if value is ELLIPSIS else number_format.format(value) for value in row]
    lines = [", ".join(cells[i : i + per_line]) for i in range(0, len(cells), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _nested_text(shown, dimensions, indent, number_format):
    if dimensions == 0:
        return number_format.format(shown)
    if dimensions == 1:
        return _row_text(shown, indent, number_format)
    parts = [
        "..." if part is ELLIPSIS else _nested_text(part, dimensions - 1, indent + 1, number_format)
        for part in shown
    ]
    return "[" + ("," + "\n" * (dimensions - 1) + " " * (indent + 1)).join(parts) + "]"


def _contents_text(tensor, indent):
    number_format: PlainFormat | FloatFormat | ComplexFormat
    summarize = tensor.numel() > _options.threshold
    shown = _shown_values(tensor, summarize)
    values = _flatten(shown)
    if tensor.dtype.is_complex:
        number_format = ComplexFormat(values)
    elif tensor.dtype.is_floating_point:
        number_format = FloatFormat(values)
    else:
        number_format = PlainFormat(values)
    return _nested_text(shown, tensor.dim(), indent, number_format)


def _with_suffixes(text, suffixes, indent):
    """Append the suffixes, each on a new line where the last one would grow too long."""
    line_length = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if line_length + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            line_length = indent + len(suffix)
        else:
            text += ", " + suffix
            line_length += len(suffix) + 2
    return text + ")"


def _grad_fn_name(tensor):
    """Return the name to print, "Invalid" where a forbidden in-place write left no valid history, or None."""
    try:
        grad_fn = tensor.grad_fn
    except RuntimeError:
        return "Invalid"
    if grad_fn is None:
        return None
    return grad_fn.name().rsplit("::", 1)[-1]


def _is_value_implied(dtype):
    """Whether the printed numbers alone tell this dtype."""
    default = lampas.get_default_dtype()
    default_complex = lampas.complex128 if default == lampas.float64 else lampas.complex64
    return dtype in (default, default_complex, lampas.int64, lampas.bool)


def _tensor_text(tensor, contents):
    # An instance of Parameter can only exist once its module is loaded: do not load nn to print a tensor.
    parameter_module = sys.modules.get("lampas.nn.parameter")
    parameter_type = parameter_module.Parameter if parameter_module else lampas.Tensor
    is_plain = type(tensor) in (lampas.Tensor, parameter_type)
    prefix = "tensor(" if is_plain else f"{type(tensor).__name__}("
    indent = len(prefix)
    shape_suffix = "size=" + str(tuple(tensor.shape))
    dtype_suffix = "dtype=" + str(tensor.dtype)
    suffixes = []
    has_values = not (tensor.is_meta or _core._any_wrapped([tensor]))
    if not has_values:  # a meta tensor, or one that stands for several inside a transform such as vmap
        if tensor.is_meta:
            suffixes.append("device='" + str(tensor.device) + "'")
        suffixes.append(shape_suffix)
        if tensor.dtype != lampas.get_default_dtype():
            suffixes.append(dtype_suffix)
        text = "..."
    else:
        if tensor.device.type != "cpu":
            suffixes.append("device='" + str(tensor.device) + "'")
        if tensor.numel() == 0:
            if tensor.dim() != 1:
                suffixes.append(shape_suffix)
            if tensor.dtype != lampas.get_default_dtype():
                suffixes.append(dtype_suffix)
            text = "[]"
        else:
            if not _options.edgeitems:
                suffixes.append(shape_suffix)
            if not _is_value_implied(tensor.dtype):
                suffixes.append(dtype_suffix)
            text = _contents_text(tensor, indent) if contents is None else contents
    if contents is not None:
        text = contents
    grad_fn_name = _grad_fn_name(tensor)
    if grad_fn_name is not None:
        suffixes.append(f"grad_fn=<{grad_fn_name}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    text = _with_suffixes(prefix + text, suffixes, indent)
    if parameter_module and not is_plain and isinstance(tensor, parameter_type):
        return f"Parameter({text})"
    return text


def tensor_repr(tensor, *, tensor_contents=None):
    """Return the printed form of a tensor; `tensor_contents` replaces the numbers.

    Example:
        >>> lampas.tensor([1.0, 2.5])
        tensor([1.0000, 2.5000])
    """
    with lampas.no_grad():
        return _tensor_text(tensor, tensor_contents)
