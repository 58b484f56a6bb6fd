"""Adam and AdamW."""

import lampas
from lampas import Tensor, _core
from lampas.optim.group_optimizer import GroupOptimizer, check_options, count_tensor


def _check_tensor(name, value, refused):
    if isinstance(value, Tensor):
        if refused:
            raise ValueError(f"{name} as a Tensor is not supported for capturable=False and foreach=True")
        if value.numel() != 1:
            raise ValueError(f"Tensor {name} must be 1-element")


class Adam(GroupOptimizer):
    """Step by running averages of the gradient and of its square.

    With g the gradient (plus weight_decay * p) and t the number of the step:
    m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g²;
    p = p - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps).

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        betas (pair of float): how much of the averages of gradient and square stays, in [0, 1).
        eps (float): keeps the division from zero.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        amsgrad (bool): divide by the largest v so far.
        maximize (bool): step along the gradient.
        decoupled_weight_decay (bool): shrink the parameter by lr * weight_decay instead, as AdamW does.
        foreach, fused (bool): accepted as in PyTorch; here all parameters of a group take one call anyway.
        capturable (bool): AssertionError at the step, as for parameters on the CPU in PyTorch.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative option or a beta outside [0, 1).

    Example:
        >>> weight = nn.Parameter(lampas.ones(1))
        >>> optimizer = optim.Adam([weight], lr=0.1)
        >>> weight.sum().backward()
        >>> optimizer.step()
        >>> weight
        Parameter containing:
        tensor([0.9000], requires_grad=True)

    Source: Kingma, Ba, "Adam: A method for stochastic optimization", 2014; amsgrad: Reddi et al., "On the
    convergence of Adam and beyond", 2018.
    """

    _later_options = {
        **GroupOptimizer._later_options,
        "amsgrad": False,
        "fused": None,
        "decoupled_weight_decay": False,
    }

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        amsgrad=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
        fused=None,
        decoupled_weight_decay=False,
    ):
        _check_tensor("lr", lr, foreach and not capturable)
        check_options(lr=lr, eps=eps, betas=betas, weight_decay=weight_decay)
        if not (
            all(isinstance(beta, float) for beta in betas) or all(isinstance(beta, Tensor) for beta in betas)
        ):
            raise ValueError("betas must be either both floats or both Tensors")
        for i, beta in enumerate(betas):
            _check_tensor(f"betas[{i}]", beta, foreach and not capturable)
        defaults = {
            "lr": lr,
            "betas": tuple(map(float, betas)),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _new_state(self, param, group):
        state = {
            "step": count_tensor(),
            "exp_avg": lampas.zeros_like(param),
            "exp_avg_sq": lampas.zeros_like(param),
        }
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = lampas.zeros_like(param)
        return state

    def _step_group(self, group, params, grads, states):
        beta1, beta2 = group["betas"]
        _core.adam_step(
            params,
            grads,
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [state["max_exp_avg_sq"] for state in states] if group["amsgrad"] else [],
            [state["step"] for state in states],
            float(group["lr"]),
            float(beta1),
            float(beta2),
            float(group["eps"]),
            float(group["weight_decay"]),
            group["decoupled_weight_decay"],
            group["maximize"],
        )


class AdamW(Adam):
    """Adam that shrinks the parameters by lr * weight_decay, apart from the gradient's averages.

    The arguments are those of `Adam`, but weight_decay is 0.01 and always decoupled.

    Source: Loshchilov, Hutter, "Decoupled weight decay regularization", 2017.
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
        amsgrad=False,
        *,
        maximize=False,
        foreach=None,
        capturable=False,
        differentiable=False,
        fused=None,
    ):
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state):
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
