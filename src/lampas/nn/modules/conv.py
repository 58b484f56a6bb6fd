"""Convolution layers."""

from collections.abc import Iterable

import lampas
from lampas.nn.functional import conv2d
from lampas.nn.modules.linear import dtype_advice, initialize_weight_and_bias
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter

__all__ = ["Conv2d"]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def _per_dimension(value, dimensions):
    """Return one value per image dimension from one for all of them or one for each."""
    return tuple(value) if isinstance(value, Iterable) else (value,) * dimensions


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
        self.kernel_size = _per_dimension(kernel_size, self.dimensions)
        self.stride = _per_dimension(stride, self.dimensions)
        self.padding = padding if isinstance(padding, str) else _per_dimension(padding, self.dimensions)
        self.dilation = _per_dimension(dilation, self.dimensions)
        self.groups = groups
        self.padding_mode = padding_mode
        self._check_padding()
        weight_shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = Parameter(lampas.empty(weight_shape, device=device, dtype=dtype))
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
        if self.padding_mode != "zeros":
            raise NotImplementedError(
                f"padding_mode='{self.padding_mode}' is not implemented in Lampas; nearest is 'zeros'"
            )

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
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        return ", ".join(parts)

    def _advice(self, input):
        size_names = ["H", "W"][-self.dimensions :]
        channels_at = input.dim() - self.dimensions - 1
        fits = [(self.in_channels, *size_names), ("N", self.in_channels, *size_names)]
        shapes = " or ".join("(" + ", ".join(map(str, shape)) + ")" for shape in fits)
        lines = [f"fits: shape {shapes}"]
        if channels_at not in (0, 1) or input.shape[channels_at] != self.in_channels:
            if channels_at in (0, 1) and self.in_channels == 1:
                lines.append("try: input.unsqueeze(1), which adds the channel dimension")
            elif channels_at in (0, 1):
                lines.append(f"try: in_channels={input.shape[channels_at]}")
            return lines
        return dtype_advice(input, self.weight)


class Conv2d(_Convolution):
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
        padding_mode (str): "zeros"; PyTorch's other modes raise NotImplementedError.

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W),
        weight (out_channels, in_channels / groups, kernel height, kernel width), bias (out_channels).

    Example:
        >>> nn.Conv2d(3, 6, 5)(lampas.zeros(4, 3, 32, 32)).shape
        torch.Size([4, 6, 28, 28])
    """

    dimensions = 2

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

    def forward(self, input):
        return conv2d(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
