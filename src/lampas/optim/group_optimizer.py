"""GroupOptimizer: the step that most optimizers share, and the checks of their options."""

import lampas
from lampas import Tensor
from lampas.optim.optimizer import Optimizer, without_gradients

_CAPTURABLE_DEVICES = ["cuda", "xpu", "hpu", "privateuseone", "xla"]


def check_options(**options):
    """Raise ValueError, in the order given, for a negative option or a beta outside [0, 1)."""
    for name, value in options.items():
        if name == "betas":
            for i, beta in enumerate(value):
                if not 0.0 <= beta < 1.0:
                    raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
            continue
        if name == "lr" and isinstance(value, Tensor) and value.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not 0.0 <= value:
            written = {"lr": "learning rate", "eps": "epsilon value"}.get(name, f"{name} value")
            raise ValueError(f"Invalid {written}: {value}")


def count_tensor(value=0.0):
    """Return the tensor in which an optimizer keeps a number, such as its count of steps."""
    wide = lampas.get_default_dtype() == lampas.float64
    return lampas.tensor(float(value), dtype=lampas.float64 if wide else lampas.float32)


class GroupOptimizer(Optimizer):
    """Base class of optimizers that step each group by itself and keep a dict of state for each parameter.

    A subclass defines `_new_state` and `_step_group`, or instead of the latter `_step_param`.

    Args:
        params (iterable): parameters or groups of them.
        defaults (dict): the options of groups that do not give them.

    Raises:
        RuntimeError: for flags that exclude each other.
        NotImplementedError: for `differentiable`, which Lampas does not have.
    """

    # Options that groups saved by older versions may lack.
    _later_options: dict[str, object] = {
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }
    # State that older versions kept as Python numbers.
    _counts: tuple[str, ...] = ("step",)

    def __init__(self, params, defaults):
        super().__init__(params, defaults)
        fused, differentiable = defaults.get("fused"), defaults.get("differentiable")
        if fused and differentiable:
            raise RuntimeError("`fused` does not support `differentiable`")
        if fused and defaults["foreach"]:
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
        if differentiable:
            raise NotImplementedError("differentiable=True is not implemented in Lampas")

    def __setstate__(self, state):
        super().__setstate__(state)
        for group in self.param_groups:
            for name, default in self._later_options.items():
                group.setdefault(name, default)
            for param in group["params"]:
                param_state = self.state.get(param) or {}
                for name in self._counts:
                    if name in param_state and not isinstance(param_state[name], Tensor):
                        param_state[name] = count_tensor(param_state[name])

    @without_gradients
    def step(self, closure=None):
        """Change all parameters that have a gradient.

        Args:
            closure (callable): computes the loss anew, with gradients, and returns it; `step` returns it too.
        """
        loss = None
        if closure is not None:
            with lampas.enable_grad():
                loss = closure()
        for group in self.param_groups:
            if group.get("capturable"):
                raise AssertionError(
                    "If capturable=True, params and state_steps must be on supported devices: "
                    f"{_CAPTURABLE_DEVICES}."
                )
            params, grads, states = [], [], []
            for param in group["params"]:
                grad = param.grad
                if grad is None:
                    continue
                params.append(param)
                grads.append(grad)
                state = self.state.get(param)
                if not state:
                    state = self._new_state(param, group)
                    if state:
                        self.state[param] = state
                states.append(state)
            if params:
                self._step_group(group, params, grads, states)
        return loss

    def _new_state(self, param, group):
        """Return what to remember of a parameter before its first step."""
        return {}

    def _step_group(self, group, params, grads, states):
        for param, grad, state in zip(params, grads, states, strict=True):
            if "step" in state:
                state["step"] += 1
            self._step_param(group, param, -grad if group["maximize"] else grad, state)

    def _step_param(self, group, param, grad, state):
        raise NotImplementedError


def with_weight_decay(group, param, grad):
    """Return the gradient with the parameter's decay; where that is decoupled, shrink the parameter."""
    weight_decay = group["weight_decay"]
    if weight_decay == 0:
        return grad
    if group.get("decoupled_weight_decay"):
        param.mul_(1 - float(group["lr"]) * weight_decay)
        return grad
    return grad.add(param, alpha=weight_decay)
