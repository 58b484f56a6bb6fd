"""Layers that learn their input's size from the first call."""

import lampas
from lampas.nn.modules.batchnorm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)
from lampas.nn.modules.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from lampas.nn.modules.linear import Linear
from lampas.nn.modules.module import Module
from lampas.nn.parameter import UninitializedBuffer, UninitializedParameter, is_lazy

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]


class LazyModuleMixin(Module):
    """Make parameters in the first call, by `initialize_parameters(*inputs)`; a subclass defines that.

    After it the module becomes a `cls_to_become`. Loading a state dict gives the parameters its shapes.
    """

    cls_to_become: type | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._load_hook = self._register_load_state_dict_pre_hook(self._take_shapes)
        self._initialize_hook = self.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        for name, tensor in self._persistent_state().items():
            destination[prefix + name] = tensor if keep_vars or is_lazy(tensor) else tensor.detach()

    def _take_shapes(
        self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
    ):
        for name, own in {**self._parameters, **self._buffers}.items():
            loaded = state_dict.get(prefix + name)
            if loaded is not None and is_lazy(own) and not is_lazy(loaded):
                with lampas.no_grad():
                    own.materialize(loaded.shape)

    def initialize_parameters(self, *args, **kwargs):
        """Make the parameters for the first call's inputs."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self):
        """Whether a parameter or a buffer has no shape yet."""
        return any(is_lazy(tensor) for tensor in (*self._parameters.values(), *self._buffers.values()))

    def _infer_parameters(self, module, args, kwargs=None):
        module.initialize_parameters(*args, **(kwargs or {}))
        if module.has_uninitialized_params():
            raise RuntimeError(f"module {self._get_name()} has not been fully initialized")
        for name in ("_initialize_hook", "_load_hook"):
            getattr(module, name).remove()
            delattr(module, name)
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become

    def _make_lazy(self, bias, **factory):
        for name in ("weight", "bias")[: 2 if bias else 1]:
            self.register_parameter(name, UninitializedParameter(**factory))

    def reset_parameters(self):
        """Draw the parameters anew, where there are any."""
        if not self.has_uninitialized_params() and self._input_size() != 0:
            super().reset_parameters()  # type: ignore[misc]

    def _input_size(self):
        raise NotImplementedError


class LazyLinear(LazyModuleMixin, Linear):
    """A Linear whose in_features are the first input's.

    Example:
        >>> layer = nn.LazyLinear(3)
        >>> layer(lampas.zeros(1, 5)).shape, layer
        (torch.Size([1, 3]), Linear(in_features=5, out_features=3, bias=True))
    """

    cls_to_become = Linear

    def __init__(self, out_features, bias=True, device=None, dtype=None):
        super().__init__(0, 0, False)
        self.out_features = out_features
        self._make_lazy(bias, device=device, dtype=dtype)

    def _input_size(self):
        return self.in_features

    def initialize_parameters(self, input):
        """Make the parameters for the first input."""
        if self.has_uninitialized_params():
            with lampas.no_grad():
                self.in_features = input.shape[-1]
                self.weight.materialize((self.out_features, self.in_features))
                if self.bias is not None:
                    self.bias.materialize((self.out_features,))
                self.reset_parameters()
        if self.in_features == 0:
            if input.shape[-1] != self.weight.shape[-1]:
                raise AssertionError(
                    f"The in_features inferred from input: {input.shape[-1]} is not equal to in_features "
                    f"from self.weight: {self.weight.shape[-1]}"
                )
            self.in_features = input.shape[-1]


class _LazyConvolution(LazyModuleMixin):
    """A convolution whose in_channels are the first input's."""

    def _input_size(self):
        return self.in_channels

    def initialize_parameters(self, input, *args, **kwargs):
        """Make the parameters for the first input."""
        if not self.has_uninitialized_params():
            return
        dims = self.dimensions + 1
        if input.dim() not in (dims, dims + 1):
            raise RuntimeError(
                f"Expected {dims}D (unbatched) or {dims + 1}D (batched) input to {type(self).__name__}, but "
                f"got input of size: {input.shape}"
            )
        self.in_channels = input.shape[-dims]
        if self.in_channels % self.groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        self.weight.materialize(self._weight_shape())
        if self.bias is not None:
            self.bias.materialize((self.out_channels,))
        self.reset_parameters()


class _LazyForwardConvolution(_LazyConvolution):
    def __init__(
        self,
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
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode)
        self.out_channels = out_channels
        self._make_lazy(bias, device=device, dtype=dtype)


class _LazyTransposedConvolution(_LazyConvolution):
    def __init__(
        self,
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
        super().__init__(
            0, 0, kernel_size, stride, padding, output_padding, groups, False, dilation, padding_mode
        )
        self.out_channels = out_channels
        self._make_lazy(bias, device=device, dtype=dtype)


class LazyConv1d(_LazyForwardConvolution, Conv1d):
    """A Conv1d whose in_channels are the first input's."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyForwardConvolution, Conv2d):
    """A Conv2d whose in_channels are the first input's.

    Example:
        >>> layer = nn.LazyConv2d(4, kernel_size=3)
        >>> layer(lampas.zeros(1, 2, 5, 5)).shape, layer
        (torch.Size([1, 4, 3, 3]), Conv2d(2, 4, kernel_size=(3, 3), stride=(1, 1)))
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyForwardConvolution, Conv3d):
    """A Conv3d whose in_channels are the first input's."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyTransposedConvolution, ConvTranspose1d):
    """A ConvTranspose1d whose in_channels are the first input's."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyTransposedConvolution, ConvTranspose2d):
    """A ConvTranspose2d whose in_channels are the first input's."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyTransposedConvolution, ConvTranspose3d):
    """A ConvTranspose3d whose in_channels are the first input's."""

    cls_to_become = ConvTranspose3d


class _LazyNorm(LazyModuleMixin):
    """A norm whose num_features are the first input's channels."""

    def __init__(
        self,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        device=None,
        dtype=None,
        *,
        bias=True,
    ):
        super().__init__(0, eps, momentum, False, False)
        self.affine = affine
        self.track_running_stats = track_running_stats
        factory = {"device": device, "dtype": dtype}
        if affine:
            self._make_lazy(bias, **factory)
        if track_running_stats:
            for name in ("running_mean", "running_var"):
                self.register_buffer(name, UninitializedBuffer(**factory))
            self.register_buffer("num_batches_tracked", lampas.tensor(0, dtype=lampas.int64, device=device))

    def _input_size(self):
        return self.num_features

    def initialize_parameters(self, input):
        """Make the parameters and the statistics for the first input."""
        if not self.has_uninitialized_params():
            return
        self.num_features = input.shape[1]
        for name in ("weight", "bias", "running_mean", "running_var"):
            tensor = getattr(self, name)
            if tensor is not None:
                tensor.materialize((self.num_features,))
        self.reset_parameters()


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A BatchNorm1d whose num_features are the first input's channels."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A BatchNorm2d whose num_features are the first input's channels."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A BatchNorm3d whose num_features are the first input's channels."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """An InstanceNorm1d whose num_features are the first input's channels."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """An InstanceNorm2d whose num_features are the first input's channels."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """An InstanceNorm3d whose num_features are the first input's channels."""

    cls_to_become = InstanceNorm3d
