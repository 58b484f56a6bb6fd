"""Stochastic gradient descent."""

from lampas import _core
from lampas.optim.group_optimizer import GroupOptimizer, check_options


class SGD(GroupOptimizer):
    """Step against the gradient, with momentum if wanted.

    With g the gradient (plus weight_decay * p) and v the momentum buffer, which starts as the first g:
    v = momentum * v + (1 - dampening) * g; p = p - lr * v, or with Nesterov p = p - lr * (g + momentum * v).

    Args:
        params (iterable): parameters or groups of them.
        lr (float): the step's length.
        momentum (float): how much of the last steps goes on.
        dampening (float): how much less of a new gradient goes into the buffer.
        weight_decay (float): how much of the parameter itself is added to its gradient.
        nesterov (bool): look ahead; needs momentum and no dampening.
        maximize (bool): step along the gradient.
        foreach, fused (bool): accepted as in PyTorch; here all parameters of a group take one call anyway.
        differentiable (bool): not supported, NotImplementedError.

    Raises:
        ValueError: for a negative lr, momentum or weight_decay, or Nesterov without momentum.

    Example:
        >>> weight = nn.Parameter(lampas.ones(1))
        >>> optimizer = optim.SGD([weight], lr=0.1)
        >>> weight.sum().backward()
        >>> optimizer.step()
        >>> weight
        Parameter containing:
        tensor([0.9000], requires_grad=True)

    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
    """

    _later_options = {
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": False,
    }

    def __init__(
        self,
        params,
        lr=1e-3,
        momentum=0,
        dampening=0,
        weight_decay=0,
        nesterov=False,
        *,
        maximize=False,
        foreach=None,
        differentiable=False,
        fused=None,
    ):
        check_options(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _step_group(self, group, params, grads, states):
        momentum = group["momentum"]
        buffers = [state.get("momentum_buffer") for state in states] if momentum != 0 else []
        buffers = _core.sgd_step(
            params,
            grads,
            buffers,
            float(group["lr"]),
            float(momentum),
            float(group["dampening"]),
            float(group["weight_decay"]),
            group["nesterov"],
            group["maximize"],
        )
        if momentum != 0:
            for param, buffer in zip(params, buffers, strict=True):
                self.state[param]["momentum_buffer"] = buffer
