"""NAdam."""

import lampas
from lampas.optim.group_optimizer import (
    GroupOptimizer,
    check_options,
    count_tensor,
    with_weight_decay,
)


class NAdam(GroupOptimizer):
    """Adam with Nesterov momentum, on a schedule that raises the momentum.

    With g the gradient (plus weight_decay * p), m and v the averages of Adam, t the number of the step,
    mu(t) = beta1 * (1 - 0.96**(t * momentum_decay) / 2) and M(t) the product of all mu up to t:
    p = p - lr * (mu(t+1) * m / (1 - M(t+1)) + (1 - mu(t)) * g / (1 - M(t))) / d, where
    d = sqrt(v / (1 - beta2**t)) + eps.

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        betas (pair of float): how much of the averages stays, in [0, 1).
        eps (float): keeps the division from zero.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        momentum_decay (float): how fast the momentum nears beta1.
        decoupled_weight_decay (bool): shrink the parameter by lr * weight_decay instead.
        maximize (bool): step along the gradient.
        foreach (bool): accepted as in PyTorch, without effect.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative option or a beta outside [0, 1).

    Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016.
    """

    _later_options = {**GroupOptimizer._later_options, "decoupled_weight_decay": False}
    _counts = ("step", "mu_product")

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        momentum_decay=4e-3,
        decoupled_weight_decay=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
    ):
        check_options(lr=lr, eps=eps, betas=betas, weight_decay=weight_decay, momentum_decay=momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        return {
            "step": count_tensor(),
            "mu_product": count_tensor(1.0),
            "exp_avg": lampas.zeros_like(param),
            "exp_avg_sq": lampas.zeros_like(param),
        }

    def _step_param(self, group, param, grad, state):
        beta1, beta2 = group["betas"]
        lr, decay, step = float(group["lr"]), group["momentum_decay"], state["step"].item()
        average, square = state["exp_avg"], state["exp_avg_sq"]
        grad = with_weight_decay(group, param, grad)
        momentum, next_momentum = (beta1 * (1.0 - 0.5 * 0.96 ** (t * decay)) for t in (step, step + 1))
        state["mu_product"] *= momentum
        product = state["mu_product"].item()
        average.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        divisor = square.div(1 - beta2**step).sqrt().add_(group["eps"])
        param.addcdiv_(grad, divisor, value=-lr * (1.0 - momentum) / (1.0 - product))
        param.addcdiv_(average, divisor, value=-lr * next_momentum / (1.0 - product * next_momentum))
