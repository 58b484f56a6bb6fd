"""Identity and Linear."""

import math

import lampas
from lampas.nn import init
from lampas.nn.functional import bilinear, linear
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter

__all__ = ["Bilinear", "Identity", "Linear"]


class Identity(Module):
    """Return the input; any arguments to the constructor are ignored."""

    def __init__(self, *args, **kwargs):
        super().__init__()

    def forward(self, input):
        return input


def initialize_weight_and_bias(weight, bias):
    """Draw both evenly from (-k, k), k = 1 / sqrt(inputs of one output), in PyTorch's order."""
    init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None:
        fan_in, _ = init._calculate_fan_in_and_fan_out(weight)
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
        init.uniform_(bias, -bound, bound)


def dtype_advice(input, weight):
    """Say how to bring input and weight to one dtype, where they differ."""
    if input.dtype == weight.dtype:
        return []
    change = f"try: input.to({weight.dtype})"
    if input.is_floating_point():
        change += f", or module.to({input.dtype})"
    return [f"fits: dtype {weight.dtype}", change]


class Linear(Module):
    """Return input @ weight.T + bias.

    Args:
        in_features (int): size of the input's last dimension.
        out_features (int): size of the output's last dimension.
        bias (bool): whether a bias is added.

    Shapes: input (*, in_features), weight (out_features, in_features), bias (out_features).

    Example:
        >>> nn.Linear(20, 30)(lampas.zeros(128, 20)).shape
        torch.Size([128, 30])
    """

    def __init__(self, in_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(lampas.empty((out_features, in_features), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(lampas.empty(out_features, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        initialize_weight_and_bias(self.weight, self.bias)

    def forward(self, input):
        return linear(input, self.weight, self.bias)

    def extra_repr(self):
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        )

    def _advice(self, input):
        if input.dim() == 0 or input.shape[-1] == self.in_features:
            return dtype_advice(input, self.weight)
        lines = [f"fits: shape (*, {self.in_features})"]
        if input.dim() > 2 and math.prod(input.shape[1:]) == self.in_features:
            lines.append("try: input.flatten(1), which joins all dimensions but the first")
        elif input.numel() == self.in_features:
            lines.append("try: input.flatten(), or input.view(1, -1) as a batch of one")
        else:
            lines.append(f"try: in_features={input.shape[-1]}")
        return lines


class Bilinear(Module):
    """Return input1 @ weight[o] @ input2 for each output o, plus a bias.

    Args:
        in1_features, in2_features (int): sizes of the inputs' last dimensions.
        out_features (int): size of the output's last dimension.
        bias (bool): whether a bias is added.

    Example:
        >>> nn.Bilinear(20, 30, 40)(lampas.zeros(128, 20), lampas.zeros(128, 30)).shape
        torch.Size([128, 40])
    """

    def __init__(self, in1_features, in2_features, out_features, bias=True, device=None, dtype=None):
        super().__init__()
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got {in1_features}")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        shape = (out_features, in1_features, in2_features)
        self.weight = Parameter(lampas.empty(shape, device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(lampas.empty(out_features, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias anew."""
        if self.in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got (in1_features={self.in1_features})")
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, input1, input2):
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self):
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )
