"""RMSprop."""

import lampas
from lampas import _core
from lampas.optim.group_optimizer import GroupOptimizer, check_options, count_tensor


class RMSprop(GroupOptimizer):
    """Divide the gradient by the root of a running average of its square.

    With g the gradient (plus weight_decay * p): v = alpha * v + (1 - alpha) * g²;
    p = p - lr * g / (sqrt(v) + eps). Where centered, v is less the square of the gradient's own average.

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        alpha (float): how much of the average of squares stays.
        eps (float): keeps the division from zero.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        momentum (float): how much of the last steps goes on.
        centered (bool): divide by an estimate of the gradient's standard deviation.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch; here all parameters of a group take one call anyway.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative option.

    Source: Tieleman, Hinton, "Lecture 6.5: RMSprop", 2012; centered: Graves, "Generating sequences with
    recurrent neural networks", 2013.
    """

    _later_options = {**GroupOptimizer._later_options, "momentum": 0, "centered": False}

    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
        capturable=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        check_options(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        state = {"step": count_tensor(), "square_avg": lampas.zeros_like(param)}
        if group["momentum"] > 0:
            state["momentum_buffer"] = lampas.zeros_like(param)
        if group["centered"]:
            state["grad_avg"] = lampas.zeros_like(param)
        return state

    def _step_group(self, group, params, grads, states):
        momentum, centered = group["momentum"], group["centered"]
        _core.rmsprop_step(
            params,
            grads,
            [state["square_avg"] for state in states],
            [state["momentum_buffer"] for state in states] if momentum > 0 else [],
            [state["grad_avg"] for state in states] if centered else [],
            [state["step"] for state in states],
            float(group["lr"]),
            float(group["alpha"]),
            float(group["eps"]),
            float(group["weight_decay"]),
            float(momentum),
            centered,
            group["maximize"],
        )
