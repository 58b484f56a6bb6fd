"""Adadelta."""

import lampas
from lampas import _core
from lampas.optim.group_optimizer import GroupOptimizer, check_options, count_tensor


class Adadelta(GroupOptimizer):
    """Scale the gradient by the root of the ratio of past steps' squares to past gradients' squares.

    With g the gradient (plus weight_decay * p): v = rho * v + (1 - rho) * g²;
    d = sqrt(u + eps) / sqrt(v + eps) * g; u = rho * u + (1 - rho) * d²; p = p - lr * d.

    Args:
        params (iterable): parameters or groups of them.
        lr (float): a factor of the step.
        rho (float): how much of the averages stays, in [0, 1].
        eps (float): keeps the division from zero.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch; here all parameters of a group take one call anyway.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative option or a rho above 1.

    Source: Zeiler, "ADADELTA: An adaptive learning rate method", 2012.
    """

    def __init__(
        self,
        params,
        lr=1.0,
        rho=0.9,
        eps=1e-6,
        weight_decay=0,
        foreach=None,
        *,
        capturable=False,
        maximize=False,
        differentiable=False,
    ):
        check_options(lr=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_options(eps=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        return {
            "step": count_tensor(),
            "square_avg": lampas.zeros_like(param),
            "acc_delta": lampas.zeros_like(param),
        }

    def _step_group(self, group, params, grads, states):
        _core.adadelta_step(
            params,
            grads,
            [state["square_avg"] for state in states],
            [state["acc_delta"] for state in states],
            [state["step"] for state in states],
            float(group["lr"]),
            float(group["rho"]),
            float(group["eps"]),
            float(group["weight_decay"]),
            group["maximize"],
        )
