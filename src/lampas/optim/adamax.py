"""Adamax."""

import lampas
from lampas.optim.group_optimizer import (
    GroupOptimizer,
    check_options,
    count_tensor,
    with_weight_decay,
)


class Adamax(GroupOptimizer):
    """Adam with a decaying maximum of the gradient's magnitude instead of the average of its square.

    With g the gradient (plus weight_decay * p) and t the number of the step:
    m = beta1 * m + (1 - beta1) * g; u = max(beta2 * u, |g| + eps); p = p - lr / (1 - beta1**t) * m / u.

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        betas (pair of float): how much of average and maximum stays, in [0, 1).
        eps (float): keeps the division from zero.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch, without effect.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative option or a beta outside [0, 1).

    Source: Kingma, Ba, "Adam: A method for stochastic optimization", section 7.1, 2014.
    """

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        foreach=None,
        *,
        maximize=False,
        differentiable=False,
        capturable=False,
    ):
        check_options(lr=lr, eps=eps, betas=betas, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        return {
            "step": count_tensor(),
            "exp_avg": lampas.zeros_like(param),
            "exp_inf": lampas.zeros_like(param),
        }

    def _step_param(self, group, param, grad, state):
        beta1, beta2 = group["betas"]
        average, largest = state["exp_avg"], state["exp_inf"]
        grad = with_weight_decay(group, param, grad)
        average.lerp_(grad, 1 - beta1)
        largest.copy_(lampas.maximum(largest.mul_(beta2), grad.abs().add_(group["eps"])))
        step_size = float(group["lr"]) / (1 - beta1 ** state["step"].item())
        param.addcdiv_(average, largest, value=-step_size)
