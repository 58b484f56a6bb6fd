"""RAdam."""

import math

import lampas
from lampas.optim.group_optimizer import (
    GroupOptimizer,
    check_options,
    count_tensor,
    with_weight_decay,
)


class RAdam(GroupOptimizer):
    """Adam that leaves out the division, or weakens it, while few gradients make its average unsure.

    With m and v the averages of Adam and t the number of the step, rho = 2 / (1 - beta2) - 1 and
    rho(t) = rho - 2 * t * beta2**t / (1 - beta2**t): where rho(t) > 5, the step is Adam's times
    sqrt((rho(t) - 4) * (rho(t) - 2) * rho / ((rho - 4) * (rho - 2) * rho(t))), else lr * m / (1 - beta1**t).

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        betas (pair of float): how much of the averages stays, in [0, 1).
        eps (float): keeps the division from zero.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        decoupled_weight_decay (bool): shrink the parameter by lr * weight_decay instead.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch, without effect.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative option or a beta outside [0, 1).

    Source: Liu et al., "On the variance of the adaptive learning rate and beyond", 2019.
    """

    _later_options = {**GroupOptimizer._later_options, "decoupled_weight_decay": False}

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        decoupled_weight_decay=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
    ):
        check_options(lr=lr, eps=eps, betas=betas, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        return {
            "step": count_tensor(),
            "exp_avg": lampas.zeros_like(param),
            "exp_avg_sq": lampas.zeros_like(param),
        }

    def _step_param(self, group, param, grad, state):
        beta1, beta2 = group["betas"]
        step = state["step"].item()
        average, square = state["exp_avg"], state["exp_avg_sq"]
        grad = with_weight_decay(group, param, grad)
        average.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        correction = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * beta2**step / correction
        update = average / (1 - beta1**step) * float(group["lr"])
        if length > 5.0:
            ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            update = update * (math.sqrt(correction) / square.sqrt().add_(group["eps"])) * math.sqrt(ratio)
        param.add_(update, alpha=-1.0)
