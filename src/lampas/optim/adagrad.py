"""Adagrad."""

import lampas
from lampas import _core
from lampas.optim.group_optimizer import GroupOptimizer, check_options, count_tensor


class Adagrad(GroupOptimizer):
    """Divide the gradient by the root of the sum of all its squares.

    With g the gradient (plus weight_decay * p) and t the number of the step: s = s + g²;
    p = p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps).

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        lr_decay (float): how fast steps grow shorter.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        initial_accumulator_value (float): what the sums of squares start with.
        eps (float): keeps the division from zero.
        maximize (bool): step along the gradient.
        foreach, fused (bool): accepted as in PyTorch; here all parameters of a group take one call anyway.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative option.

    Source: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning", 2011.
    """

    _later_options = {"foreach": None, "maximize": False, "differentiable": False, "fused": None}

    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0,
        weight_decay=0,
        initial_accumulator_value=0,
        eps=1e-10,
        foreach=None,
        *,
        maximize=False,
        differentiable=False,
        fused=None,
    ):
        check_options(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for param in group["params"]:
                self.state[param] = self._new_state(param, group)

    def _new_state(self, param, group):
        return {
            "step": count_tensor(),
            "sum": lampas.full_like(param, self.defaults["initial_accumulator_value"], requires_grad=False),
        }

    def _step_group(self, group, params, grads, states):
        _core.adagrad_step(
            params,
            grads,
            [state["sum"] for state in states],
            [state["step"] for state in states],
            float(group["lr"]),
            float(group["lr_decay"]),
            float(group["weight_decay"]),
            float(group["eps"]),
            group["maximize"],
        )
