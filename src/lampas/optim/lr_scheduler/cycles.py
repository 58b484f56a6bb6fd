"""Schedulers that raise and lower the learning rate, and the momentum against it, batch by batch."""

import math
import types

from lampas.optim.lr_scheduler.scheduler import (
    LRScheduler,
    check_optimizer,
    one_for_each_group,
    set_group_value,
)


class _MomentumCycle(LRScheduler):
    """A scheduler that moves the momentum, or the first beta, between two bounds too."""

    def _start_momentum(self, optimizer, base_momentum, max_momentum, last_epoch):
        """Check that the optimizer has a momentum; return its bounds in each group."""
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        self.use_beta1 = "betas" in optimizer.defaults
        lowest = one_for_each_group("base_momentum", optimizer, base_momentum)
        highest = one_for_each_group("max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            for group, low, high in zip(optimizer.param_groups, lowest, highest, strict=True):
                self._set_momentum(group, high)
                group["max_momentum"] = high
                group["base_momentum"] = low
        return lowest, highest

    def _set_momentum(self, group, momentum):
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_MomentumCycle):
    """Move the learning rate up and down between two bounds.

    Args:
        optimizer (Optimizer): whose learning rates change.
        base_lr, max_lr (float or list): the bounds, for all groups or one for each.
        step_size_up, step_size_down (int): batches of the way up and of the way down (as many when None).
        mode (str): "triangular"; "triangular2" halves the height with every cycle; "exp_range" scales it by
            gamma ** batch.
        gamma (float): for "exp_range".
        scale_fn (callable): scales the height instead of `mode`.
        scale_mode (str): whether scale_fn is given the "cycle" or the "iterations".
        cycle_momentum (bool): move the momentum the other way.
        base_momentum, max_momentum (float or list): the momentum's bounds.
        last_epoch (int): the number of the last batch when resuming.

    Raises:
        ValueError: for an unknown mode, lists of the wrong length, or an optimizer without momentum.

    Source: Smith, "Cyclical learning rates for training neural networks", 2015.
    """

    def __init__(
        self,
        optimizer,
        base_lr,
        max_lr,
        step_size_up=2000,
        step_size_down=None,
        mode="triangular",
        gamma=1.0,
        scale_fn=None,
        scale_mode="cycle",
        cycle_momentum=True,
        base_momentum=0.8,
        max_momentum=0.9,
        last_epoch=-1,
    ):
        check_optimizer(optimizer)
        self.optimizer = optimizer
        base_lrs = one_for_each_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                set_group_value(group, "lr", lr)
        self.max_lrs = one_for_each_group("max_lr", optimizer, max_lr)
        up = float(step_size_up)
        down = up if step_size_down is None else float(step_size_down)
        self.total_size = up + down
        self.step_ratio = up / self.total_size
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._start_momentum(
                optimizer, base_momentum, max_momentum, last_epoch
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x):
        """Return the scale of the height in a cycle, or at a batch, counted as `scale_mode` says."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / 2.0 ** (x - 1) if self.mode == "triangular2" else self.gamma**x

    def get_lr(self):
        """Return the learning rates of this batch, and set the momentum."""
        self._warn_outside_step()
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        place = 1.0 + self.last_epoch / self.total_size - cycle
        if place <= self.step_ratio:
            height = place / self.step_ratio
        else:
            height = (place - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, low, high in bounds:
                self._set_momentum(group, high - (high - low) * height * scale)
        return [
            low + (high - low) * height * scale for low, high in zip(self.base_lrs, self.max_lrs, strict=True)
        ]

    def state_dict(self):
        """Return everything but the optimizer; of a callable scale_fn its attributes, of a function None."""
        state = super().state_dict()
        scale_fn = self._scale_fn_custom
        plain = scale_fn is None or isinstance(scale_fn, types.FunctionType)
        state["_scale_fn_custom"] = None if plain else vars(scale_fn).copy()
        return state

    def load_state_dict(self, state_dict):
        """Take over what `state_dict()` returned; the function stays that of this scheduler."""
        attributes = state_dict["_scale_fn_custom"]
        super().load_state_dict(
            {name: value for name, value in state_dict.items() if name != "_scale_fn_custom"}
        )
        if attributes is not None:
            vars(self._scale_fn_custom).update(attributes)


def _anneal_along_cosine(start, end, share):
    return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)


def _anneal_evenly(start, end, share):
    return (end - start) * share + start


class OneCycleLR(_MomentumCycle):
    """Raise the learning rate once to a maximum, then lower it far below where it began.

    Args:
        optimizer (Optimizer): whose learning rates change.
        max_lr (float or list): the maximum, for all groups or one for each.
        total_steps (int): batches of the cycle; or both of the following.
        epochs, steps_per_epoch (int): their product is the number of batches.
        pct_start (float): which share of the cycle goes up.
        anneal_strategy (str): "cos" or "linear".
        cycle_momentum (bool): move the momentum the other way.
        base_momentum, max_momentum (float or list): the momentum's bounds.
        div_factor (float): the first rate is max_lr / div_factor.
        final_div_factor (float): the last rate is the first / final_div_factor.
        three_phase (bool): go down to the first rate as fast as up, and only then on to the last.
        last_epoch (int): the number of the last batch when resuming.

    Raises:
        ValueError: for arguments outside these bounds, or an optimizer without momentum; from `step`, after
            the last batch of the cycle.

    Source: Smith, Topin, "Super-convergence: Very fast training of neural networks using large learning
    rates", 2017.
    """

    def __init__(
        self,
        optimizer,
        max_lr,
        total_steps=None,
        epochs=None,
        steps_per_epoch=None,
        pct_start=0.3,
        anneal_strategy="cos",
        cycle_momentum=True,
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=25.0,
        final_div_factor=1e4,
        three_phase=False,
        last_epoch=-1,
    ):
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.total_steps = self._count_steps(total_steps, epochs, steps_per_epoch)
        if pct_start < 0 or pct_start > 1 or not isinstance(pct_start, float):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        self._schedule_phases = self._phases(pct_start, three_phase)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._anneal_func_type = anneal_strategy
        max_lrs = one_for_each_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, highest in zip(optimizer.param_groups, max_lrs, strict=True):
                group["initial_lr"] = highest / div_factor
                group["max_lr"] = highest
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._start_momentum(optimizer, base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def _count_steps(total_steps, epochs, steps_per_epoch):
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        counts = {"total_steps": total_steps}
        if total_steps is None:
            counts = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
        for name, count in counts.items():
            if count <= 0 or not isinstance(count, int):
                raise ValueError(f"Expected positive integer {name}, but got {count}")
        return math.prod(counts.values())

    def _phases(self, pct_start, three_phase):
        """Return the cycle's pieces: where each ends, and between which options of a group it goes."""

        def phase(end_step, start_lr, end_lr, start_momentum, end_momentum):
            return {
                "end_step": end_step,
                "start_lr": start_lr,
                "end_lr": end_lr,
                "start_momentum": start_momentum,
                "end_momentum": end_momentum,
            }

        top = float(pct_start * self.total_steps) - 1
        end = self.total_steps - 1
        up = phase(top, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if not three_phase:
            return [up, phase(end, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        back = float(2 * pct_start * self.total_steps) - 2
        return [
            up,
            phase(back, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
            phase(end, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
        ]

    def get_lr(self):
        """Return the learning rates of this batch, and set the momentum."""
        self._warn_outside_step()
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"Tried to step {self.last_epoch} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        start = 0.0
        for phase in self._schedule_phases:
            if self.last_epoch <= phase["end_step"]:
                break
            last_start, start = start, phase["end_step"]
        else:  # one step past the end goes on along the last piece
            start = last_start
        share = (self.last_epoch - start) / (phase["end_step"] - start)
        anneal = _anneal_along_cosine if self._anneal_func_type == "cos" else _anneal_evenly
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(anneal(group[phase["start_lr"]], group[phase["end_lr"]], share))
            if self.cycle_momentum:
                momentum = anneal(group[phase["start_momentum"]], group[phase["end_momentum"]], share)
                self._set_momentum(group, momentum)
        return rates
