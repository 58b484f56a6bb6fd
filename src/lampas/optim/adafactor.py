"""Adafactor."""

import math

import lampas
from lampas import Tensor
from lampas.optim.group_optimizer import GroupOptimizer, count_tensor, with_weight_decay


class Adafactor(GroupOptimizer):
    """Divide the gradient by the root of an average of its squares, kept for matrices by rows and columns.

    Args:
        params (iterable): real parameters or groups of them.
        lr (float): the largest step relative to the parameter.
        beta2_decay (float): at step t, a share of t**beta2_decay of the averages is new; at most 0.
        eps (pair): the least divisor (that of the dtype when None), and the least scale of a parameter.
        d (float): updates whose root mean square is larger are scaled down to it; at least 1.
        weight_decay (float): parameters shrink by lr * weight_decay.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch, without effect.

    Raises:
        ValueError: for options outside these bounds.

    Source: Shazeer, Stern, "Adafactor: Adaptive learning rates with sublinear memory cost", 2018, in
    PyTorch's form.
    """

    _later_options = {"foreach": None}

    def __init__(
        self,
        params,
        lr=1e-2,
        beta2_decay=-0.8,
        eps=(None, 1e-3),
        d=1.0,
        weight_decay=0.0,
        *,
        foreach=None,
        maximize=False,
    ):
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not 0.0 <= lr:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not 0.0 >= beta2_decay:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        for i, least in enumerate(eps, 1):
            if least is not None and not 0.0 <= least:
                raise ValueError(f"epsilon{i} should be >= 0 but is: {least}")
        if not 1.0 <= d:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        state = {"step": count_tensor()}
        if param.dim() > 1:
            *lead, rows, columns = param.shape
            state["row_var"] = param.detach().new_zeros((*lead, rows, 1))
            state["col_var"] = param.detach().new_zeros((*lead, 1, columns))
        else:
            state["variance"] = lampas.zeros_like(param)
        return state

    def _step_param(self, group, param, grad, state):
        if param.is_complex():
            raise RuntimeError("Adafactor does not support complex parameters")
        lr, step = float(group["lr"]), state["step"].item()
        least_divisor, least_scale = group["eps"]
        if least_divisor is None:
            least_divisor = lampas.finfo(param.dtype).eps
        new_share = step ** group["beta2_decay"]
        root_of_count = math.sqrt(param.numel())
        relative_step = min(lr, 1 / math.sqrt(step))
        step_size = max(least_scale, param.norm(2).item() / root_of_count) * relative_step
        with_weight_decay({**group, "decoupled_weight_decay": True}, param, grad)
        squares = grad.square()
        if grad.dim() > 1:
            rows, columns = state["row_var"], state["col_var"]
            rows.lerp_(squares.mean(-1, keepdim=True), new_share)
            columns.lerp_(squares.mean(-2, keepdim=True), new_share)
            variance = (rows @ columns) / rows.mean(-2, keepdim=True).clamp(min=least_divisor)
        else:
            variance = state["variance"].lerp_(squares, new_share)
        update = variance.clamp(min=least_divisor * least_divisor).rsqrt() * grad
        too_large = max(1.0, update.norm(2).item() / (root_of_count * group["d"]))
        param.add_(update, alpha=-step_size / too_large)
