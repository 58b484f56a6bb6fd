"""Batch and instance normalisation layers."""

import warnings

import lampas
from lampas.nn import functional as F
from lampas.nn.modules.module import Module
from lampas.nn.modules.own_constructor import own_constructor
from lampas.nn.parameter import Parameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "SyncBatchNorm",
]


class _NormBase(Module):
    """Parameters and running statistics of layers that normalise channels."""

    _version = 2

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        device=None,
        dtype=None,
        *,
        bias=True,
    ):
        super().__init__()
        options = {"device": device, "dtype": dtype}
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            parameter = Parameter(lampas.empty(num_features, **options)) if wanted else None
            self.register_parameter(name, parameter)
        if track_running_stats:
            self.register_buffer("running_mean", lampas.zeros(num_features, **options))
            self.register_buffer("running_var", lampas.ones(num_features, **options))
            self.register_buffer("num_batches_tracked", lampas.tensor(0, dtype=lampas.int64, device=device))
        else:
            for name in ("running_mean", "running_var", "num_batches_tracked"):
                self.register_buffer(name, None)
        self.reset_parameters()

    def reset_running_stats(self):
        """Forget every batch that was seen."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self):
        """Forget every batch that was seen; scale by 1 and shift by 0."""
        self.reset_running_stats()
        if self.affine:
            with lampas.no_grad():
                self.weight.fill_(1)
                if self.bias is not None:
                    self.bias.zero_()

    def _check_input_dim(self, input):
        raise NotImplementedError

    def _advice(self, input):
        if input.dim() > 1 and input.shape[1] != self.num_features:
            return [f"fits: shape (N, {self.num_features}, ...)", f"try: num_features={input.shape[1]}"]
        if self.training and input.numel() == self.num_features:
            return ["try: drop_last=True in the DataLoader while training, module.eval() afterwards"]
        return []

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
    ):
        version = local_metadata.get("version", None)
        if (version is None or version < 2) and self.track_running_stats:
            # Version 1 did not count batches.
            counter = self.num_batches_tracked
            state_dict.setdefault(
                prefix + "num_batches_tracked",
                lampas.tensor(0, dtype=lampas.int64) if counter is None else counter,
            )
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


@own_constructor
class _BatchNorm(_NormBase):
    """What batch normalisation over any number of dimensions shares."""

    def forward(self, input):
        self._check_input_dim(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the mean of all batches
                momentum = 1.0 / float(self.num_batches_tracked)
        of_this_batch = self.training or (self.running_mean is None and self.running_var is None)
        keeps = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if keeps else None,
            self.running_var if keeps else None,
            self.weight,
            self.bias,
            of_this_batch,
            momentum,
            self.eps,
        )


def _check_dims(input, *allowed):
    if input.dim() not in allowed:
        fits = " or ".join(f"{dims}D" for dims in allowed)
        raise ValueError(f"expected {fits} input (got {input.dim()}D input)")


class BatchNorm1d(_BatchNorm):
    """Normalise each channel over the batch; see `functional.batch_norm`.

    Args:
        num_features (int): channels of the input.
        eps (float): added to the variance.
        momentum (float): how far running statistics move at each batch; None takes the mean of all batches.
        affine (bool): whether channels are scaled and shifted by parameters.
        track_running_stats (bool): whether statistics are kept for evaluation.
        bias (bool): whether `affine` also shifts.

    Shapes: input (N, num_features) or (N, num_features, L).

    Example:
        >>> nn.BatchNorm1d(1, eps=0.0)(lampas.tensor([[1.0], [3.0]])).detach()
        tensor([[-1.],
                [ 1.]])
    """

    def _check_input_dim(self, input):
        _check_dims(input, 2, 3)


class BatchNorm2d(_BatchNorm):
    """Normalise each channel of pictures (N, num_features, H, W) over the batch; see `BatchNorm1d`.

    Example:
        >>> nn.BatchNorm2d(3)(lampas.ones(2, 3, 4, 4)).shape
        torch.Size([2, 3, 4, 4])
    """

    def _check_input_dim(self, input):
        _check_dims(input, 4)


class BatchNorm3d(_BatchNorm):
    """Normalise each channel of volumes (N, num_features, D, H, W) over the batch; see `BatchNorm1d`."""

    def _check_input_dim(self, input):
        _check_dims(input, 5)


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation over the batches of all processes; in one process the same as `BatchNorm2d`."""

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        process_group=None,
        device=None,
        dtype=None,
        *,
        bias=True,
    ):
        if process_group is not None:
            raise NotImplementedError(
                "SyncBatchNorm: process_group is not implemented in Lampas, which has one process"
            )
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def _check_input_dim(self, input):
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")

    @classmethod
    def convert_sync_batchnorm(cls, module, process_group=None):
        """Return `module` with a SyncBatchNorm for each BatchNorm in it."""
        result = module
        if isinstance(module, _BatchNorm) and not isinstance(module, cls):
            result = cls(
                module.num_features,
                module.eps,
                module.momentum,
                module.affine,
                module.track_running_stats,
                process_group,
                bias=module.bias is not None,
            )
            for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
                setattr(result, name, getattr(module, name))
            result.training = module.training
        for name, child in module.named_children():
            result.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return result


class _InstanceNorm(_NormBase):
    """What instance normalisation over any number of dimensions shares."""

    dimensions = 0

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=False,
        track_running_stats=False,
        device=None,
        dtype=None,
        *,
        bias=True,
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def _check_input_dim(self, input):
        _check_dims(input, self.dimensions + 1, self.dimensions + 2)

    def _normalize(self, input):
        return F.instance_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum if self.momentum is not None else 0.0,
            self.eps,
        )

    def forward(self, input):
        self._check_input_dim(input)
        channels = input.shape[input.dim() - self.dimensions - 1]
        if channels != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={input.dim() - self.dimensions - 1} to match num_features"
                    f" ({self.num_features}), but got: {channels}."
                )
            _warn_of_channels(input, self)
        if input.dim() == self.dimensions + 1:
            return self._normalize(input.unsqueeze(0)).squeeze(0)
        return self._normalize(input)


def _warn_of_channels(input, layer):
    """Warn of an input with other channels than the layer was made for; without parameters it works."""
    place = input.dim() - layer.dimensions - 1
    warnings.warn(
        f"input's size at dim={place} does not match num_features. You can silence this warning by not "
        "passing in num_features, which is not used because affine=False",
        stacklevel=4,
    )


class InstanceNorm1d(_InstanceNorm):
    """Normalise each channel of each line by itself; see `functional.instance_norm`.

    Args: as of `BatchNorm1d`; by default there are no parameters and no running statistics.

    Shapes: input (N, num_features, L) or (num_features, L).

    Example:
        >>> nn.InstanceNorm1d(1, eps=0.0)(lampas.tensor([[1.0, 3.0]]))
        tensor([[-1.,  1.]])
    """

    dimensions = 1


class InstanceNorm2d(_InstanceNorm):
    """Normalise each channel of each picture by itself; see `InstanceNorm1d`."""

    dimensions = 2


class InstanceNorm3d(_InstanceNorm):
    """Normalise each channel of each volume by itself; see `InstanceNorm1d`."""

    dimensions = 3
