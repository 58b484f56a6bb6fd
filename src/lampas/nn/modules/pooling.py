"""Pooling layers."""

from lampas.nn import functional as F
from lampas.nn.modules.module import Module
from lampas.nn.modules.module_errors import fitting_shapes
from lampas.nn.modules.own_constructor import own_constructor
from lampas.nn.per_dimension import per_dimension

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]


class _Pool(Module):
    """What pooling layers over one to three dimensions share."""

    dimensions = 0

    def _advice(self, input, *_):
        return [fitting_shapes("C", self.dimensions)]


class _MaxPoolNd(_Pool):
    """What max pooling over any number of dimensions shares."""

    def __init__(
        self, kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False
    ):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def extra_repr(self):
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )

    def _pool(self, function, input):
        return function(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )


class MaxPool1d(_MaxPoolNd):
    """Take the largest element of every window along the last dimension; see `functional.max_pool1d`.

    Example:
        >>> nn.MaxPool1d(2)(lampas.tensor([[1.0, 3.0, 2.0, 4.0]]))
        tensor([[3., 4.]])
    """

    dimensions = 1

    def forward(self, input):
        return self._pool(F.max_pool1d, input)


class MaxPool2d(_MaxPoolNd):
    """Take the largest element of every window of pictures; see `functional.max_pool2d`.

    Args:
        kernel_size (int or pair): the window.
        stride (int or pair): from one window to the next; the window's size by default.
        padding (int or pair): how far windows reach over each border.
        dilation (int or pair): from one element of a window to the next.
        return_indices (bool): also return where each maximum lies, for `MaxUnpool2d`.
        ceil_mode (bool): whether a window that does not lie wholly inside counts.

    Shapes: input (N, C, H, W) or (C, H, W).

    Example:
        >>> nn.MaxPool2d(2)(lampas.zeros(1, 6, 28, 28)).shape
        torch.Size([1, 6, 14, 14])
    """

    dimensions = 2

    def forward(self, input):
        return self._pool(F.max_pool2d, input)


class MaxPool3d(_MaxPoolNd):
    """Take the largest element of every window of volumes; see `functional.max_pool3d`.

    Example:
        >>> nn.MaxPool3d(2)(lampas.zeros(1, 4, 4, 4)).shape
        torch.Size([1, 2, 2, 2])
    """

    dimensions = 3

    def forward(self, input):
        return self._pool(F.max_pool3d, input)


class _AdaptivePool(_Pool):
    """What adaptive pooling over any number of dimensions shares."""

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptivePool):
    """Average each of `output_size` windows; see `functional.adaptive_avg_pool1d`."""

    dimensions = 1

    def forward(self, input):
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptivePool):
    """Average each window that covers a picture; see `functional.adaptive_avg_pool2d`.

    Example:
        >>> nn.AdaptiveAvgPool2d(1)(lampas.ones(1, 8, 9))
        tensor([[[1.]]])
    """

    dimensions = 2

    def forward(self, input):
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptivePool):
    """Average each window that covers a volume; see `functional.adaptive_avg_pool3d`."""

    dimensions = 3

    def forward(self, input):
        return F.adaptive_avg_pool3d(input, self.output_size)


class _AdaptiveMaxPool(_AdaptivePool):
    """What adaptive max pooling over any number of dimensions shares."""

    def __init__(self, output_size, return_indices=False):
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Take the largest element of each of `output_size` windows; see `functional.adaptive_max_pool1d`."""

    dimensions = 1

    def forward(self, input):
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Take the largest element of windows that cover a picture; see `functional.adaptive_max_pool2d`.

    Example:
        >>> nn.AdaptiveMaxPool2d((5, None))(lampas.zeros(1, 8, 9)).shape
        torch.Size([1, 5, 9])
    """

    dimensions = 2

    def forward(self, input):
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Take the largest element of windows that cover a volume; see `functional.adaptive_max_pool3d`."""

    dimensions = 3

    def forward(self, input):
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class AvgPool1d(_Pool):
    """Average every window along the last dimension; see `functional.avg_pool1d`.

    Example:
        >>> nn.AvgPool1d(2)(lampas.tensor([[1.0, 3.0, 2.0, 4.0]]))
        tensor([[2., 3.]])
    """

    dimensions = 1

    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
        super().__init__()
        self.kernel_size = per_dimension(kernel_size, 1)
        self.stride = per_dimension(kernel_size if stride is None else stride, 1)
        self.padding = per_dimension(padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"

    def forward(self, input):
        return F.avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )


class _AvgPool(_Pool):
    """What average pooling over two and three dimensions shares."""

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"

    def _pool(self, function, input):
        return function(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


@own_constructor
class AvgPool2d(_AvgPool):
    """Average every window of pictures; see `functional.avg_pool2d`.

    Example:
        >>> nn.AvgPool2d(2)(lampas.tensor([[[1.0, 3.0], [4.0, 2.0]]]))
        tensor([[[2.5000]]])
    """

    dimensions = 2

    def forward(self, input):
        return self._pool(F.avg_pool2d, input)


@own_constructor
class AvgPool3d(_AvgPool):
    """Average every window of volumes; see `functional.avg_pool3d`."""

    dimensions = 3

    def forward(self, input):
        return self._pool(F.avg_pool3d, input)


class _LPPool(_Pool):
    """What power-mean pooling over any number of dimensions shares."""

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def extra_repr(self):
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, ceil_mode={self.ceil_mode}"
        )

    def _pool(self, function, input):
        return function(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool1d(_LPPool):
    """Take the norm of every window along the last dimension; see `functional.lp_pool1d`."""

    dimensions = 1

    def forward(self, input):
        return self._pool(F.lp_pool1d, input)


class LPPool2d(_LPPool):
    """Take the norm of every window of pictures; see `functional.lp_pool2d`."""

    dimensions = 2

    def forward(self, input):
        return self._pool(F.lp_pool2d, input)


class LPPool3d(_LPPool):
    """Take the norm of every window of volumes; see `functional.lp_pool3d`."""

    dimensions = 3

    def forward(self, input):
        return self._pool(F.lp_pool3d, input)


class _MaxUnpool(_Pool):
    """What unpooling over any number of dimensions shares."""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size = per_dimension(kernel_size, self.dimensions)
        self.stride = per_dimension(kernel_size if stride is None else stride, self.dimensions)
        self.padding = per_dimension(padding, self.dimensions)

    def extra_repr(self):
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Put the results of `MaxPool1d` back where they came from; see `functional.max_unpool1d`."""

    dimensions = 1

    def forward(self, input, indices, output_size=None):
        return F.max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(_MaxUnpool):
    """Put the results of `MaxPool2d` back where they came from; see `functional.max_unpool2d`.

    Example:
        >>> values, indices = nn.MaxPool2d(2, return_indices=True)(lampas.ones(1, 4, 4))
        >>> nn.MaxUnpool2d(2)(values, indices).sum()
        tensor(4.)
    """

    dimensions = 2

    def forward(self, input, indices, output_size=None):
        return F.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool3d(_MaxUnpool):
    """Put the results of `MaxPool3d` back where they came from; see `functional.max_unpool3d`."""

    dimensions = 3

    def forward(self, input, indices, output_size=None):
        return F.max_unpool3d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class _FractionalMaxPool(Module):
    """What fractional max pooling over two and three dimensions shares."""

    dimensions = 0

    def __init__(
        self,
        kernel_size,
        output_size=None,
        output_ratio=None,
        return_indices=False,
        _random_samples=None,
    ):
        super().__init__()
        name = type(self).__name__
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        self.kernel_size = per_dimension(kernel_size, self.dimensions)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else per_dimension(output_size, self.dimensions)
        self.output_ratio = None if output_ratio is None else per_dimension(output_ratio, self.dimensions)
        if self.output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def _pool(self, function, input):
        return function(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    """Take the largest element of windows at random steps; see `functional.fractional_max_pool2d`."""

    dimensions = 2

    def forward(self, input):
        return self._pool(F.fractional_max_pool2d, input)


class FractionalMaxPool3d(_FractionalMaxPool):
    """Take the largest element of windows at random steps; see `functional.fractional_max_pool3d`."""

    dimensions = 3

    def forward(self, input):
        return self._pool(F.fractional_max_pool3d, input)
