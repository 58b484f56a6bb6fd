"""Normalisation layers for rows, groups of channels and neighbouring channels."""

import lampas
from lampas.nn import functional as F
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter

__all__ = ["CrossMapLRN2d", "GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class LayerNorm(Module):
    """Normalise the last dimensions; see `functional.layer_norm`.

    Args:
        normalized_shape (int or tuple): the sizes of the last dimensions.
        eps (float): added to the variance.
        elementwise_affine (bool): whether elements are scaled and shifted by parameters.
        bias (bool): whether they are also shifted.

    Example:
        >>> nn.LayerNorm(2, eps=0.0)(lampas.tensor([[1.0, 3.0]])).detach()
        tensor([[-1.,  1.]])
    """

    def __init__(
        self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, device=None, dtype=None
    ):
        super().__init__()
        if isinstance(normalized_shape, int):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        for name, wanted in (("weight", elementwise_affine), ("bias", elementwise_affine and bias)):
            values = lampas.empty(self.normalized_shape, device=device, dtype=dtype) if wanted else None
            self.register_parameter(name, Parameter(values) if wanted else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Scale by 1 and shift by 0."""
        with lampas.no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """Divide the last dimensions by the root of the mean of their squares; see `functional.rms_norm`.

    Args:
        normalized_shape (int or tuple): the sizes of the last dimensions.
        eps (float): added to the mean; by default the dtype's spacing at 1.
        elementwise_affine (bool): whether elements are scaled by a parameter.

    Example:
        >>> nn.RMSNorm(2, eps=0.0)(lampas.tensor([[1.0, -1.0]])).detach()
        tensor([[ 1., -1.]])
    """

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        super().__init__()
        if isinstance(normalized_shape, int):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        if elementwise_affine:
            self.weight = Parameter(lampas.empty(self.normalized_shape, device=device, dtype=dtype))
        else:
            self.register_parameter("weight", None)
        self.reset_parameters()

    def reset_parameters(self):
        """Scale by 1."""
        if self.elementwise_affine:
            with lampas.no_grad():
                self.weight.fill_(1)

    def forward(self, x):
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Normalise groups of neighbouring channels; see `functional.group_norm`.

    Args:
        num_groups (int): into how many groups the channels fall.
        num_channels (int): channels of the input.
        eps (float): added to the variance.
        affine (bool): whether channels are scaled and shifted by parameters.

    Example:
        >>> nn.GroupNorm(2, 4)(lampas.ones(1, 4, 3)).shape
        torch.Size([1, 4, 3])
    """

    def __init__(
        self, num_groups, num_channels, eps=1e-5, affine=True, device=None, dtype=None, *, bias=True
    ):
        super().__init__()
        if num_channels % num_groups != 0:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            values = lampas.empty(num_channels, device=device, dtype=dtype) if wanted else None
            self.register_parameter(name, Parameter(values) if wanted else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Scale by 1 and shift by 0."""
        if self.affine:
            with lampas.no_grad():
                self.weight.fill_(1)
                if self.bias is not None:
                    self.bias.zero_()

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def _advice(self, input):
        return [f"fits: shape (N, {self.num_channels}, ...)"]

    def extra_repr(self):
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Divide each channel by a power of the mean of squares of its neighbours.

    Args: as of `functional.local_response_norm`.

    Example:
        >>> nn.LocalResponseNorm(1, alpha=3.0, beta=1.0)(lampas.ones(1, 1, 1))
        tensor([[[0.2500]]])
    """

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input):
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(LocalResponseNorm):
    """Divide each channel by a power of the sum of squares of its neighbours, as Torch 7 did.

    As LocalResponseNorm, but an even `size` takes one channel less into the sum, as many on both sides.
    PyTorch's layer keeps the first channel in every later sum, and its gradient is not that of its result:
    with a small alpha the difference is small. Here both follow the formula.

    Args:
        size (int): how many neighbouring channels, itself among them.
        alpha, beta, k (float): the divisor is (k + alpha * sum / size) ** beta.

    Raises ValueError for an input that is not (N, C, H, W).

    Example:
        >>> nn.CrossMapLRN2d(1, alpha=3.0, beta=1.0)(lampas.ones(1, 1, 1, 1))
        tensor([[[[0.2500]]]])
    """

    def __init__(self, size, alpha=1e-4, beta=0.75, k=1):
        super().__init__(size, alpha, beta, k)

    def forward(self, input):
        if input.dim() != 4:
            raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.dim()}D instead.")
        reach = (self.size - 1) // 2
        squares = F.pad(input * input, (0, 0, 0, 0, reach, reach))
        sums = squares.unfold(1, 2 * reach + 1, 1).sum(-1)
        return input / (sums * (self.alpha / self.size) + self.k) ** self.beta
