"""Rprop."""

import lampas
from lampas.optim.group_optimizer import GroupOptimizer, check_options, count_tensor


class Rprop(GroupOptimizer):
    """Step by the gradient's sign, with a length of its own for each element.

    The length grows by etas[1] while the sign stays, and shrinks by etas[0] where it turns; there the
    element rests for this step.

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the first length.
        etas (pair of float): the factors of shrinking, below 1, and of growing, above 1.
        step_sizes (pair of float): the smallest and the largest length.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch, without effect.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative lr or etas that do not lie on both sides of 1.

    Source: Riedmiller, Braun, "A direct adaptive method for faster backpropagation learning", 1993.
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        etas=(0.5, 1.2),
        step_sizes=(1e-6, 50),
        *,
        capturable=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        check_options(lr=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        return {
            "step": count_tensor(),
            "prev": lampas.zeros_like(param),
            "step_size": lampas.full_like(param, float(group["lr"]), requires_grad=False),
        }

    def _step_param(self, group, param, grad, state):
        shrink, grow = group["etas"]
        previous, step_size = state["prev"], state["step_size"]
        agreement = grad * previous
        turned = agreement < 0
        step_size.copy_(
            lampas.where(turned, step_size * shrink, lampas.where(agreement > 0, step_size * grow, step_size))
        ).clamp_(*group["step_sizes"])
        grad = grad.masked_fill(turned, 0)
        param.addcmul_(grad.sign(), step_size, value=-1)
        previous.copy_(grad)
