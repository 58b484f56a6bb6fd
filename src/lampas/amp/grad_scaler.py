"""GradScaler: keeps small gradients of float16 from becoming zero, by scaling the loss up meanwhile."""

import enum
import warnings
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import lampas
from lampas import Tensor, _core


class _Stage(enum.Enum):
    """What has been done with an optimizer since the last update."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


class _OptimizerState:
    def __init__(self):
        self.stage = _Stage.READY
        self.found_infinite = []  # for each parameter's gradient


class GradScaler:
    """Scales losses, divides gradients again, and skips steps whose gradients overflowed.

    The scale grows by `growth_factor` after `growth_interval` steps without overflow, and shrinks by
    `backoff_factor` after each with one (Micikevicius et al., Mixed Precision Training, 2018).

    Args:
        device (str): 'cpu' or 'cuda'; for 'cuda' it is disabled, with a warning, where there is none.
        init_scale (float): the first scale.
        growth_factor (float): above 1.
        backoff_factor (float): below 1.
        growth_interval (int): steps between growths.
        enabled (bool): with False, every method passes on what it is given.

    Example:
        >>> model = nn.Linear(2, 1)
        >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
        >>> scaler = lampas.amp.GradScaler("cpu", init_scale=4.0)
        >>> scaler.scale(model(lampas.ones(1, 2)).sum()).backward()
        >>> model.bias.grad
        tensor([4.])
        >>> scaler.step(optimizer)
        >>> model.bias.grad
        tensor([1.])
        >>> scaler.update()
    """

    def __init__(
        self,
        device="cuda",
        init_scale=65536.0,
        growth_factor=2.0,
        backoff_factor=0.5,
        growth_interval=2000,
        enabled=True,
    ):
        self._device = device
        self._enabled = enabled
        if enabled and device == "cuda":
            warnings.warn(
                "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.", stacklevel=2
            )
            self._enabled = False
        if self._enabled and growth_factor <= 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if self._enabled and backoff_factor >= 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._init_scale = init_scale
        self._scale: Any = None  # a tensor of no dimension once something was scaled
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._growth_tracker = 0  # steps without overflow since the scale changed
        self._states = defaultdict(_OptimizerState)  # by the optimizer's id

    def _started(self, action):
        if self._scale is None:
            raise AssertionError(
                f"Attempted {action} but _scale is None.  This may indicate your script did not use "
                "scaler.scale(loss or outputs) earlier in the iteration."
            )
        return self._scale

    def scale(self, outputs):
        """Multiply a tensor, or those in lists and tuples, by the scale.

        Args:
            outputs (Tensor or iterable of Tensors): usually the loss.
        """
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            if self._scale is None:
                self._scale = lampas.full((), self._init_scale, dtype=lampas.float32)
            return outputs * self._scale
        if isinstance(outputs, Iterable):
            scaled = map(self.scale, outputs)
            return type(outputs)(scaled) if isinstance(outputs, (list, tuple)) else scaled
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    def unscale_(self, optimizer):
        """Divide an optimizer's gradients by the scale, to look at them or clip them before the step.

        Args:
            optimizer (Optimizer): whose parameters' gradients.

        Raises RuntimeError when called twice for a step, ValueError for gradients of float16.
        """
        if not self._enabled:
            return
        scale = self._started("unscale_")
        state = self._states[id(optimizer)]
        if state.stage is _Stage.UNSCALED:
            raise RuntimeError(
                "unscale_() has already been called on this optimizer since the last update()."
            )
        if state.stage is _Stage.STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        factor = scale.double().reciprocal().float()
        gradients = [
            parameter.grad
            for group in optimizer.param_groups
            for parameter in group["params"]
            if parameter.grad is not None
        ]
        if any(gradient.dtype is _core.float16 for gradient in gradients):
            raise ValueError("Attempting to unscale FP16 gradients.")
        with lampas.no_grad():
            state.found_infinite = [not gradient.isfinite().all().item() for gradient in gradients]
            for gradient in gradients:
                gradient.mul_(factor)
        state.stage = _Stage.UNSCALED

    def step(self, optimizer, *args, **kwargs):
        """Step an optimizer with unscaled gradients, unless one of them is infinite or NaN.

        Args:
            optimizer (Optimizer): which to step.
            args, kwargs: its step's arguments; no closure.

        Returns what the optimizer's step returns; None where it was skipped.
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        self._started("step")
        state = self._states[id(optimizer)]
        if state.stage is _Stage.STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if state.stage is _Stage.READY:
            self.unscale_(optimizer)
        if not state.found_infinite:
            raise AssertionError("No inf checks were recorded for this optimizer.")
        result = None if any(state.found_infinite) else optimizer.step(*args, **kwargs)
        state.stage = _Stage.STEPPED
        return result

    def update(self, new_scale=None):
        """Let the scale grow or shrink by what the steps since the last update found.

        Args:
            new_scale (float or Tensor): the scale from now on, instead.
        """
        if not self._enabled:
            return
        scale = self._started("update")
        if new_scale is not None:
            scale.fill_(new_scale)
        else:
            found = [each for state in self._states.values() for each in state.found_infinite]
            if not found:
                raise AssertionError("No inf checks were recorded prior to update.")
            self._adapt(any(found))
        self._states.clear()

    def _adapt(self, overflowed):
        if overflowed:
            self._scale.mul_(self._backoff_factor)
            self._growth_tracker = 0
            return
        self._growth_tracker += 1
        if self._growth_tracker == self._growth_interval:
            grown = self._scale * self._growth_factor
            if grown.isfinite().item():
                self._scale.copy_(grown)
            self._growth_tracker = 0

    def get_scale(self):
        """Return the scale as a number; 1.0 where disabled."""
        if not self._enabled:
            return 1.0
        return self._init_scale if self._scale is None else self._scale.item()

    def get_growth_factor(self):
        """Return the factor by which the scale grows."""
        return self._growth_factor

    def set_growth_factor(self, new_factor):
        """Set the factor by which the scale grows."""
        self._growth_factor = new_factor

    def get_backoff_factor(self):
        """Return the factor by which the scale shrinks."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor):
        """Set the factor by which the scale shrinks."""
        self._backoff_factor = new_factor

    def get_growth_interval(self):
        """Return how many steps lie between growths."""
        return self._growth_interval

    def set_growth_interval(self, new_interval):
        """Set how many steps lie between growths."""
        self._growth_interval = new_interval

    def is_enabled(self):
        """Return whether it scales at all."""
        return self._enabled

    def state_dict(self):
        """Return what a checkpoint keeps; empty where disabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict):
        """Go on from what `state_dict` returned.

        Raises RuntimeError for an empty one.
        """
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of "
                "GradScaler."
            )
        self._init_scale = state_dict["scale"]
        if self._scale is not None:
            self._scale.fill_(state_dict["scale"])
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        self._growth_tracker = state_dict["_growth_tracker"]
