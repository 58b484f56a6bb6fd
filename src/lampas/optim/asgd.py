"""Averaged stochastic gradient descent."""

import lampas
from lampas.optim.group_optimizer import (
    GroupOptimizer,
    check_options,
    count_tensor,
    with_weight_decay,
)


class ASGD(GroupOptimizer):
    """Stochastic gradient descent that also keeps an average of the parameters it passes, as state "ax".

    With g the gradient (plus weight_decay * p) and t the number of the step, eta begins as lr:
    p = (1 - lambd * eta) * p - eta * g; eta = lr / (1 + lambd * lr * t)**alpha.

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        lambd (float): how fast parameters decay and steps grow shorter.
        alpha (float): the power by which steps grow shorter.
        t0 (float): the step at which averaging begins.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch, without effect.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative lr or weight_decay.

    Source: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
    """

    _counts = ("step", "eta", "mu")

    def __init__(
        self,
        params,
        lr=1e-2,
        lambd=1e-4,
        alpha=0.75,
        t0=1e6,
        weight_decay=0,
        foreach=None,
        maximize=False,
        differentiable=False,
        capturable=False,
    ):
        check_options(lr=lr, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
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
            "eta": count_tensor(group["lr"]),
            "mu": count_tensor(1.0),
            "ax": lampas.zeros_like(param),
        }

    def _step_param(self, group, param, grad, state):
        lr, lambd = float(group["lr"]), group["lambd"]
        average, step = state["ax"], state["step"].item()
        grad = with_weight_decay(group, param, grad)
        eta, share = state["eta"].item(), state["mu"].item()
        param.mul_(1 - lambd * eta).add_(grad, alpha=-eta)
        if share == 1:
            average.copy_(param)
        else:
            average.add_(param.sub(average).mul_(share))
        # Both go through the default dtype, as PyTorch's do.
        state["eta"].copy_(lampas.tensor(lr / (1 + lambd * lr * step) ** group["alpha"]))
        state["mu"].copy_(lampas.tensor(1 / max(1, step - group["t0"])))
