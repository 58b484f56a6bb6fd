"""Muon."""

import math

import lampas
from lampas import Tensor
from lampas.optim.group_optimizer import GroupOptimizer

_TOO_MANY_STEPS = 100


def _check_muon_options(lr, momentum, weight_decay, adjust_lr_fn):
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    for name, value in {"Learning rate": lr, "momentum": momentum, "weight decay": weight_decay}.items():
        if not 0.0 <= value:
            raise ValueError(f"{name} should be >= 0 but is: {value}")
    if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
        raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")


def _orthogonalized(matrix, coefficients, steps, eps):
    """Bring all singular values near 1, in bfloat16, by an odd polynomial of degree five: Newton and Schulz.

    X becomes a X + (b G + c G G) X with G = X X^T, of the two the smaller one.
    """
    if steps >= _TOO_MANY_STEPS:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    a, b, c = coefficients
    is_tall = matrix.shape[0] > matrix.shape[1]
    X = matrix.bfloat16()
    X = X.T if is_tall else X
    X = X / X.norm().clamp(min=eps)
    for _ in range(steps):
        gram = X @ X.T
        polynomial = lampas.addmm(gram, gram, gram, beta=b, alpha=c)
        X = lampas.addmm(X, polynomial, X, beta=a)
    return X.T if is_tall else X


class Muon(GroupOptimizer):
    """Step along the orthogonal matrix next to the momentum; for weights that are matrices.

    With B the mean of gradients, of which each new one makes up 1 - momentum, and O the orthogonalized B
    (with Nesterov that of g and B mixed alike): p = p - lr * weight_decay * p - lr * ratio * O.

    Args:
        params (iterable): parameters of two dimensions, or groups of them.
        lr (float): the step's length.
        weight_decay (float): how much a parameter shrinks, times lr.
        momentum (float): how much of the mean stays.
        nesterov (bool): mix the gradient into the mean once more.
        ns_coefficients (three floats): of the polynomial that orthogonalizes.
        eps (float): a smaller norm counts as this one.
        ns_steps (int): how often the polynomial is applied.
        adjust_lr_fn (str): the ratio for a matrix of m rows and n columns: sqrt(max(1, m / n)) for
            "original", the default, or 0.2 * sqrt(max(m, n)) for "match_rms_adamw".

    Raises:
        ValueError: for parameters that are no matrices and for options out of range.

    Sources: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; J. Liu et al.,
    "Muon is scalable for LLM training", 2025.
    """

    _later_options: dict[str, object] = {}

    def __init__(
        self,
        params,
        lr=1e-3,
        weight_decay=0.1,
        momentum=0.95,
        nesterov=True,
        ns_coefficients=(3.4445, -4.7750, 2.0315),
        eps=1e-7,
        ns_steps=5,
        adjust_lr_fn=None,
    ):
        _check_muon_options(lr, momentum, weight_decay, adjust_lr_fn)
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for param in group["params"]:
                if param.dim() != 2:
                    raise ValueError(
                        "Muon only supports 2D parameters whereas we found a parameter with size: "
                        f"{param.size()}"
                    )

    def _new_state(self, param, group):
        if param.is_complex():
            raise RuntimeError("Muon does not support complex parameters")
        return {"momentum_buffer": lampas.zeros_like(param.grad)}

    def _step_group(self, group, params, grads, states):
        lr, momentum = float(group["lr"]), group["momentum"]
        for param, grad, state in zip(params, grads, states, strict=True):
            mean = state["momentum_buffer"].lerp_(grad, 1 - momentum)
            update = grad.lerp(mean, momentum) if group["nesterov"] else mean
            update = _orthogonalized(update, group["ns_coefficients"], group["ns_steps"], group["eps"])
            rows, columns = param.shape
            if group["adjust_lr_fn"] == "match_rms_adamw":
                ratio = 0.2 * math.sqrt(max(rows, columns))
            else:
                ratio = math.sqrt(max(1, rows / columns))
            param.mul_(1 - lr * group["weight_decay"])
            param.add_(update, alpha=-lr * ratio)
