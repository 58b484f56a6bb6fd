"""Layers that put a border around their input."""

from lampas.nn import functional as F
from lampas.nn.modules.module import Module
from lampas.nn.modules.own_constructor import own_constructor
from lampas.nn.per_dimension import per_dimension

__all__ = [
    f"{kind}Pad{dimensions}d"
    for kind in ("Circular", "Constant", "Reflection", "Replication", "Zero")
    for dimensions in (1, 2, 3)
]


class _Pad(Module):
    """What all borders share: how many elements before and behind, from the last dimension on."""

    dimensions = 0
    mode = ""

    def __init__(self, padding):
        super().__init__()
        self.padding = per_dimension(padding, 2 * self.dimensions)

    def forward(self, input):
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self):
        return f"{self.padding}"


class _CircularPad(_Pad):
    """What borders that come from the other side share."""

    mode = "circular"

    def forward(self, input):
        fitting = (self.dimensions + 1, self.dimensions + 2)
        if input.dim() not in fitting:
            raise ValueError(f"expected {fitting[0]}D or {fitting[1]}D input (got {input.dim()}D input)")
        return super().forward(input)


class CircularPad1d(_CircularPad):
    """Continue each line at its other end.

    Args:
        padding (int or pair): how many elements before and behind.

    Example:
        >>> nn.CircularPad1d(1)(lampas.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 1., 2., 3., 1.]])
    """

    dimensions = 1


class CircularPad2d(_CircularPad):
    """Continue a picture at its other side."""

    dimensions = 2


class CircularPad3d(_CircularPad):
    """Continue a volume at its other side."""

    dimensions = 3


class _ConstantPad(_Pad):
    """What borders of one value share."""

    mode = "constant"

    def __init__(self, padding, value):
        super().__init__(padding)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


@own_constructor
class ConstantPad1d(_ConstantPad):
    """Put `value` before and behind each line.

    Example:
        >>> nn.ConstantPad1d((1, 2), 7.0)(lampas.tensor([[1.0, 2.0]]))
        tensor([[7., 1., 2., 7., 7.]])
    """

    dimensions = 1


@own_constructor
class ConstantPad2d(_ConstantPad):
    """Put a border of `value` around pictures."""

    dimensions = 2


@own_constructor
class ConstantPad3d(_ConstantPad):
    """Put a border of `value` around volumes."""

    dimensions = 3


@own_constructor
class ReflectionPad1d(_Pad):
    """Mirror each line at its ends.

    Example:
        >>> nn.ReflectionPad1d(1)(lampas.tensor([[1.0, 2.0, 3.0]]))
        tensor([[2., 1., 2., 3., 2.]])
    """

    dimensions = 1
    mode = "reflect"


@own_constructor
class ReflectionPad2d(_Pad):
    """Mirror pictures at their sides."""

    dimensions = 2
    mode = "reflect"


@own_constructor
class ReflectionPad3d(_Pad):
    """Mirror volumes at their sides."""

    dimensions = 3
    mode = "reflect"


@own_constructor
class ReplicationPad1d(_Pad):
    """Repeat the outermost elements of each line.

    Example:
        >>> nn.ReplicationPad1d(1)(lampas.tensor([[1.0, 2.0, 3.0]]))
        tensor([[1., 1., 2., 3., 3.]])
    """

    dimensions = 1
    mode = "replicate"


@own_constructor
class ReplicationPad2d(_Pad):
    """Repeat the outermost elements of pictures."""

    dimensions = 2
    mode = "replicate"


@own_constructor
class ReplicationPad3d(_Pad):
    """Repeat the outermost elements of volumes."""

    dimensions = 3
    mode = "replicate"


class _ZeroPad(_ConstantPad):
    """What borders of zeros share."""

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


@own_constructor
class ZeroPad1d(_ZeroPad):
    """Put zeros before and behind each line."""

    dimensions = 1


@own_constructor
class ZeroPad2d(_ZeroPad):
    """Put a border of zeros around pictures.

    Example:
        >>> nn.ZeroPad2d(1)(lampas.ones(1, 1, 1))
        tensor([[[0., 0., 0.],
                 [0., 1., 0.],
                 [0., 0., 0.]]])
    """

    dimensions = 2


@own_constructor
class ZeroPad3d(_ZeroPad):
    """Put a border of zeros around volumes."""

    dimensions = 3
