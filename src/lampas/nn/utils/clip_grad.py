"""Clipping of gradients."""

import types
import warnings

import lampas
from lampas import Tensor, _core


def _as_list(tensors):
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(parameters):
    return [parameter.grad for parameter in _as_list(parameters) if parameter.grad is not None]


@lampas.no_grad()
def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Return the norm of all tensors as if they were one vector.

    Args:
        tensors (Tensor or iterable): any shapes.
        norm_type (float): the norm's exponent; inf for the largest magnitude.
        error_if_nonfinite (bool): RuntimeError for a norm that is NaN or infinite.
        foreach (bool): accepted as in PyTorch, without effect.

    Example:
        >>> nn.utils.get_total_norm([lampas.tensor([3.0]), lampas.tensor([4.0])])
        tensor(5.)
    """
    tensors = _as_list(tensors)
    norm_type = float(norm_type)
    if not tensors:
        return lampas.tensor(0.0)
    norms = [_core.linalg_vector_norm(tensor, norm_type).to(tensors[0].device) for tensor in tensors]
    total = _core.linalg_vector_norm(lampas.stack(norms), norm_type)
    if error_if_nonfinite and not total.isfinite():
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, "
            "set `error_if_nonfinite=False`"
        )
    return total


@lampas.no_grad()
def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    """Scale the gradients in place so that a total norm, computed before, becomes at most `max_norm`."""
    factor = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
    for gradient in _gradients(parameters):
        gradient.mul_(factor.to(gradient.device))


@lampas.no_grad()
def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Scale the gradients in place so that their total norm is at most `max_norm`; return what it was.

    Args:
        parameters (Tensor or iterable): those without a gradient are left out.
        max_norm (float): the largest norm.
        norm_type (float): the norm's exponent; inf for the largest magnitude.
        error_if_nonfinite (bool): RuntimeError for a norm that is NaN or infinite.
        foreach (bool): accepted as in PyTorch, without effect.

    Example:
        >>> weight = nn.Parameter(lampas.zeros(2))
        >>> weight.grad = lampas.tensor([3.0, 4.0])
        >>> nn.utils.clip_grad_norm_([weight], 1.0)
        tensor(5.)
        >>> weight.grad
        tensor([0.6000, 0.8000])
    """
    is_generator = isinstance(parameters, types.GeneratorType)
    parameters = _as_list(parameters)
    if is_generator and not parameters:
        warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=3)
    total_norm = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total_norm)
    return total_norm


def clip_grad_norm(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Call `clip_grad_norm_`, whose old name this is, with a warning."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


@lampas.no_grad()
def clip_grad_value_(parameters, clip_value, foreach=None):
    """Clip every element of the gradients in place to [-clip_value, clip_value].

    Example:
        >>> weight = nn.Parameter(lampas.zeros(2))
        >>> weight.grad = lampas.tensor([0.5, -4.0])
        >>> nn.utils.clip_grad_value_([weight], 1.0)
        >>> weight.grad
        tensor([ 0.5000, -1.0000])
    """
    bound = float(clip_value)
    for gradient in _gradients(parameters):
        gradient.clamp_(min=-bound, max=bound)
