"""Pooling layers."""

from lampas.nn import functional as F
from lampas.nn.modules.module import Module

__all__ = [
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]


class _MaxPool(Module):
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


class MaxPool1d(_MaxPool):
    """Take the largest element of every window along the last dimension; see `functional.max_pool1d`.

    Example:
        >>> nn.MaxPool1d(2)(lampas.tensor([[1.0, 3.0, 2.0, 4.0]]))
        tensor([[3., 4.]])
    """

    def forward(self, input):
        return self._pool(F.max_pool1d, input)


class MaxPool2d(_MaxPool):
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

    def forward(self, input):
        return self._pool(F.max_pool2d, input)


class MaxPool3d(_MaxPool):
    """Take the largest element of every window of volumes; see `functional.max_pool3d`.

    Example:
        >>> nn.MaxPool3d(2)(lampas.zeros(1, 4, 4, 4)).shape
        torch.Size([1, 2, 2, 2])
    """

    def forward(self, input):
        return self._pool(F.max_pool3d, input)


class _AdaptiveMaxPool(Module):
    """What adaptive max pooling over any number of dimensions shares."""

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Take the largest element of each of `output_size` windows; see `functional.adaptive_max_pool1d`."""

    def forward(self, input):
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Take the largest element of windows that cover a picture; see `functional.adaptive_max_pool2d`.

    Example:
        >>> nn.AdaptiveMaxPool2d((5, None))(lampas.zeros(1, 8, 9)).shape
        torch.Size([1, 5, 9])
    """

    def forward(self, input):
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Take the largest element of windows that cover a volume; see `functional.adaptive_max_pool3d`."""

    def forward(self, input):
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class _MaxUnpool(Module):
    """What unpooling over any number of dimensions shares."""

    dimensions = 0

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size = self._for_each(kernel_size)
        self.stride = self._for_each(kernel_size if stride is None else stride)
        self.padding = self._for_each(padding)

    def _for_each(self, values):
        return (values,) * self.dimensions if isinstance(values, int) else tuple(values)

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
