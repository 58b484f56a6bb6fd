"""A scheduler that watches a metric."""

import math
from warnings import warn

from lampas.optim.lr_scheduler.scheduler import (
    EPOCH_WARNING,
    LRScheduler,
    check_optimizer,
    group_values,
    set_group_value,
)


class ReduceLROnPlateau(LRScheduler):
    """Lower the learning rate where a metric has stopped improving.

    Args:
        optimizer (Optimizer): whose learning rates change.
        mode (str): "min" where a lower metric is better, else "max".
        factor (float): by which the rate is multiplied, below 1.
        patience (int): epochs without improvement that are borne.
        threshold (float): what counts as an improvement.
        threshold_mode (str): "rel": a share of the best metric; "abs": a difference from it.
        cooldown (int): epochs after a reduction in which nothing is counted.
        min_lr (float or list): the rate does not go lower, for all groups or one for each.
        eps (float): a smaller change is not made.

    Raises:
        ValueError: for a factor of 1 or more, an unknown mode, or a list of the wrong length.

    Example:
        >>> optimizer = optim.SGD([nn.Parameter(lampas.ones(1))], lr=1.0)
        >>> scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
        >>> for loss in [3.0, 2.0, 2.0, 2.0]:
        ...     scheduler.step(loss)
        >>> scheduler.get_last_lr()
        [0.1]
    """

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0,
        eps=1e-8,
    ):
        if factor >= 1.0:
            raise ValueError("Factor should be < 1.0.")
        self.factor = factor
        check_optimizer(optimizer)
        self.optimizer = optimizer
        groups = len(optimizer.param_groups)
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.min_lrs = list(min_lr) if self.default_min_lr is None else [min_lr] * groups
        if len(self.min_lrs) != groups:
            raise ValueError(f"expected {groups} min_lrs, got {len(min_lr)}")
        self.patience = patience
        self.cooldown = cooldown
        self.eps = eps
        self.last_epoch = 0
        self._last_lr = group_values(optimizer, "lr")
        self._set_mode(mode, threshold, threshold_mode)
        self._reset()

    def _set_mode(self, mode, threshold, threshold_mode):
        if mode not in ("min", "max"):
            raise ValueError(f"mode {mode} is unknown!")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold mode {threshold_mode} is unknown!")
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.mode = mode
        self.threshold = threshold
        self.threshold_mode = threshold_mode

    def _reset(self):
        self.best = self.mode_worse
        self.cooldown_counter = 0
        self.num_bad_epochs = 0

    def step(self, metrics, epoch=None):  # type: ignore[override]
        """Take note of an epoch's metric, and lower the learning rate if it is time.

        Args:
            metrics (float or Tensor): one number.
            epoch (int): deprecated.
        """
        metric = float(metrics)
        if epoch is not None:
            warn(EPOCH_WARNING, UserWarning, stacklevel=2)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(metric, self.best):
            self.best = metric
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce_lr()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = group_values(self.optimizer, "lr")

    def _reduce_lr(self):
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from when "
                    f"`ReduceLROnPlateau` was initialized ({len(self.min_lrs)}), usually due to a new param "
                    "group being added to the optimizer. Please modify the `min_lrs` field to match the "
                    "length of the `optimizer` param groups."
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            old = float(group["lr"])
            new = max(old * self.factor, lowest)
            if old - new > self.eps:
                set_group_value(group, "lr", new)

    @property
    def in_cooldown(self):
        """Whether a reduction was so short ago that nothing is counted."""
        return self.cooldown_counter > 0

    def _is_better(self, metric, best):
        if self.threshold_mode == "abs":
            return metric < best - self.threshold if self.mode == "min" else metric > best + self.threshold
        if self.mode == "min":
            return metric < best * (1.0 - self.threshold)
        return metric > best * (1.0 + self.threshold)

    def load_state_dict(self, state_dict):
        """Take over what `state_dict()` returned."""
        super().load_state_dict(state_dict)
        self._set_mode(self.mode, self.threshold, self.threshold_mode)
