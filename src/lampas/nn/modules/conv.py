"""Convolution layers."""

import lampas
from lampas.nn.functional import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    pad,
)
from lampas.nn.modules.linear import dtype_advice, initialize_weight_and_bias
from lampas.nn.modules.module import Module
from lampas.nn.modules.module_errors import fitting_shapes
from lampas.nn.modules.own_constructor import own_constructor
from lampas.nn.parameter import Parameter
from lampas.nn.per_dimension import per_dimension

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(Module):
    """What convolutions over any number of image dimensions share: checks, parameters, printed form."""

    dimensions = 0

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride,
        padding,
        dilation,
        groups,
        bias,
        padding_mode,
        device,
        dtype,
        output_padding=0,
    ):
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_dimension(kernel_size, self.dimensions)
        self.stride = per_dimension(stride, self.dimensions)
        self.padding = padding if isinstance(padding, str) else per_dimension(padding, self.dimensions)
        self.dilation = per_dimension(dilation, self.dimensions)
        self.output_padding = per_dimension(output_padding, self.dimensions)
        self.groups = groups
        self.padding_mode = padding_mode
        self._check_padding()
        self.weight = Parameter(lampas.empty(self._weight_shape(), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(lampas.empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _check_padding(self):
        if isinstance(self.padding, str):
            if self.padding not in ("same", "valid"):
                raise ValueError(
                    f"Invalid padding string {self.padding!r}, should be one of {{'same', 'valid'}}"
                )
            if self.padding == "same" and any(step != 1 for step in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if self.padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {set(_PADDING_MODES)}, but got "
                f"padding_mode='{self.padding_mode}'"
            )

    def _weight_shape(self):
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def _border(self):
        """Return what `pad` adds before and behind each dimension, the last one first."""
        if self.padding == "valid":
            return (0,) * (2 * self.dimensions)
        border = []
        for place in reversed(range(self.dimensions)):
            if self.padding == "same":
                total = self.dilation[place] * (self.kernel_size[place] - 1)
                border += [total // 2, total - total // 2]
            else:
                border += [self.padding[place]] * 2
        return tuple(border)

    def _convolve(self, function, input):
        padding = self.padding
        if self.padding_mode != "zeros":
            input = pad(input, self._border(), mode=self.padding_mode)
            padding = (0,) * self.dimensions
        return function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def reset_parameters(self):
        """Draw weight and bias anew."""
        initialize_weight_and_bias(self.weight, self.bias)

    def extra_repr(self):
        parts = [str(self.in_channels), str(self.out_channels)]
        parts += [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        if self.padding != (0,) * len(self.padding):
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * len(self.dilation):
            parts.append(f"dilation={self.dilation}")
        if any(self.output_padding):
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)

    def _advice(self, input):
        channels_at = input.dim() - self.dimensions - 1
        lines = [fitting_shapes(self.in_channels, self.dimensions)]
        if channels_at not in (0, 1) or input.shape[channels_at] != self.in_channels:
            if channels_at == 0 and self.in_channels == 1:  # a batch whose pictures have no channels
                lines.append("try: input.unsqueeze(1), which adds the channel dimension")
            elif channels_at in (0, 1):
                lines.append(f"try: in_channels={input.shape[channels_at]}")
            return lines
        return dtype_advice(input, self.weight)


class _ForwardConvolution(_Convolution):
    """A convolution, as opposed to a transposed one."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )


@own_constructor
class Conv1d(_ForwardConvolution):
    """Convolve lines with learned kernels; arguments as of `Conv2d`, one number for each.

    Shapes: input (N, in_channels, L) or (in_channels, L),
        weight (out_channels, in_channels / groups, kernel).

    Example:
        >>> nn.Conv1d(3, 6, 5)(lampas.zeros(4, 3, 32)).shape
        torch.Size([4, 6, 28])
    """

    dimensions = 1

    def forward(self, input):
        return self._convolve(conv1d, input)


@own_constructor
class Conv2d(_ForwardConvolution):
    """Convolve images with learned kernels (cross-correlation, as usual in networks).

    Args:
        in_channels (int): channels of the input.
        out_channels (int): channels of the output.
        kernel_size (int or pair): height and width of the kernels.
        stride (int or pair): step of the kernel.
        padding (int, pair, "same" or "valid"): zeros added at each side.
        dilation (int or pair): distance between kernel elements.
        groups (int): channel groups that do not see each other.
        bias (bool): whether a bias per output channel is added.
        padding_mode (str): what surrounds the picture: "zeros", "reflect", "replicate" or "circular".

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W),
        weight (out_channels, in_channels / groups, kernel height, kernel width), bias (out_channels).

    Example:
        >>> nn.Conv2d(3, 6, 5)(lampas.zeros(4, 3, 32, 32)).shape
        torch.Size([4, 6, 28, 28])
    """

    dimensions = 2

    def forward(self, input):
        return self._convolve(conv2d, input)


@own_constructor
class Conv3d(_ForwardConvolution):
    """Convolve volumes with learned kernels; arguments as of `Conv2d`, or triples.

    Shapes: input (N, in_channels, D, H, W) or (in_channels, D, H, W).

    Example:
        >>> nn.Conv3d(1, 2, 3)(lampas.zeros(1, 1, 4, 4, 4)).shape
        torch.Size([1, 2, 2, 2, 2])
    """

    dimensions = 3

    def forward(self, input):
        return self._convolve(conv3d, input)


class _ConvTranspose(_Convolution):
    """What transposed convolutions over any number of image dimensions share."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
            output_padding,
        )

    def _weight_shape(self):
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def _output_padding(self, input, output_size):
        """Return the output padding that gives `output_size`, where one is asked for."""
        if output_size is None:
            return self.output_padding
        lead = input.dim() - self.dimensions
        if len(output_size) == lead + self.dimensions:
            output_size = output_size[lead:]
        if len(output_size) != self.dimensions:
            raise ValueError(
                f"ConvTranspose{self.dimensions}D: for {input.dim()}D input, output_size must have "
                f"{self.dimensions} or {lead + self.dimensions} elements (got {len(output_size)})"
            )
        smallest = [
            (input.shape[lead + place] - 1) * self.stride[place]
            - 2 * self.padding[place]
            + self.dilation[place] * (self.kernel_size[place] - 1)
            + 1
            for place in range(self.dimensions)
        ]
        largest = [size + step - 1 for size, step in zip(smallest, self.stride, strict=True)]
        if any(
            not low <= size <= high for low, size, high in zip(smallest, output_size, largest, strict=True)
        ):
            raise ValueError(
                f"requested an output size of {output_size}, but valid sizes range from {smallest} "
                f"to {largest} (for an input of {input.shape[lead:]})"
            )
        return [size - low for low, size in zip(smallest, output_size, strict=True)]

    def _transpose(self, function, input, output_size):
        return function(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self._output_padding(input, output_size),
            self.groups,
            self.dilation,
        )


@own_constructor
class ConvTranspose1d(_ConvTranspose):
    """Put a learned kernel, times each element, at its place and add up; see `ConvTranspose2d`.

    Example:
        >>> nn.ConvTranspose1d(3, 6, 5)(lampas.zeros(4, 3, 28)).shape
        torch.Size([4, 6, 32])
    """

    dimensions = 1

    def forward(self, input, output_size=None):
        return self._transpose(conv_transpose1d, input, output_size)


@own_constructor
class ConvTranspose2d(_ConvTranspose):
    """Put a learned kernel, times each pixel, at its place and add up: a convolution's shape undone.

    Args:
        in_channels (int): channels of the input.
        out_channels (int): channels of the output.
        kernel_size (int or pair): height and width of the kernels.
        stride (int or pair): pixels of the output from one place of the kernel to the next.
        padding (int or pair): pixels cut off at each side.
        output_padding (int or pair): pixels the output has more at its far sides.
        groups (int): channel groups that do not see each other.
        bias (bool): whether a bias per output channel is added.
        dilation (int or pair): distance between kernel elements.

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W),
        weight (in_channels, out_channels / groups, kernel height, kernel width), bias (out_channels).

    Example:
        >>> nn.ConvTranspose2d(3, 6, 2, stride=2)(lampas.zeros(4, 3, 14, 14)).shape
        torch.Size([4, 6, 28, 28])
    """

    dimensions = 2

    def forward(self, input, output_size=None):
        return self._transpose(conv_transpose2d, input, output_size)


@own_constructor
class ConvTranspose3d(_ConvTranspose):
    """Put a learned kernel, times each voxel, at its place and add up; see `ConvTranspose2d`.

    Example:
        >>> nn.ConvTranspose3d(1, 2, 3)(lampas.zeros(1, 1, 2, 2, 2)).shape
        torch.Size([1, 2, 4, 4, 4])
    """

    dimensions = 3

    def forward(self, input, output_size=None):
        return self._transpose(conv_transpose3d, input, output_size)
