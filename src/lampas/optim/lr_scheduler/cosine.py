"""Schedulers that lower the learning rate along a cosine."""

import math

from lampas.optim.lr_scheduler.scheduler import LRScheduler, group_values


def _along_cosine(base_lrs, lowest, angle):
    """Return the rates between base_lrs (at angle 0) and the lowest (at angle pi)."""
    return [lowest + (base_lr - lowest) * (1 + math.cos(angle)) / 2 for base_lr in base_lrs]


class CosineAnnealingLR(LRScheduler):
    """Lower the learning rate along half a cosine within T_max epochs, then raise it again.

    Each rate is made from the last one, so that others may change it in between.

    Args:
        optimizer (Optimizer): whose learning rates change.
        T_max (int): epochs from the highest to the lowest rate.
        eta_min (float): the lowest rate.
        last_epoch (int): the number of the last epoch when resuming.

    Source: Loshchilov, Hutter, "SGDR: Stochastic gradient descent with warm restarts", 2016.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        """Return the learning rates of this epoch."""
        self._warn_outside_step()
        rates = group_values(self.optimizer, "lr")
        if self._is_initial:
            return rates
        if self._step_count == 1 and self.last_epoch > 0:
            return self._get_closed_form_lr()
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # The last rate was eta_min, which cannot be scaled: add the first piece of the way up.
            rise = 1 - math.cos(math.pi / self.T_max)
            return [
                rate + (base_lr - self.eta_min) * rise / 2
                for rate, base_lr in zip(rates, self.base_lrs, strict=True)
            ]
        height, last_height = (
            1 + math.cos(math.pi * epoch / self.T_max) for epoch in (self.last_epoch, self.last_epoch - 1)
        )
        return [height / last_height * (rate - self.eta_min) + self.eta_min for rate in rates]

    def _get_closed_form_lr(self):
        return _along_cosine(self.base_lrs, self.eta_min, math.pi * self.last_epoch / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Lower the learning rate along half a cosine, and start again with longer and longer cycles.

    Args:
        optimizer (Optimizer): whose learning rates change.
        T_0 (int): epochs of the first cycle.
        T_mult (int): how many times longer each cycle is than the last.
        eta_min (float): the lowest rate.
        last_epoch (int): the number of the last epoch when resuming.

    Raises:
        ValueError: for a T_0 or T_mult that is no positive whole number.

    Source: Loshchilov, Hutter, "SGDR: Stochastic gradient descent with warm restarts", 2016.
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, (float, int)):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}")
        self.T_0 = T_0
        self.T_i = T_0  # epochs of this cycle
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur = last_epoch  # epochs since the cycle began
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        """Return the learning rates of this place in the cycle."""
        self._warn_outside_step()
        return _along_cosine(self.base_lrs, self.eta_min, math.pi * self.T_cur / self.T_i)

    def step(self, epoch=None):
        """Go to the next epoch, or to any: a fraction gives the place within it.

        Raises:
            ValueError: for a negative epoch.
        """
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            self._go_to(epoch)
        self.last_epoch = math.floor(epoch)
        self._set_rates(self.get_lr)

    def _go_to(self, epoch):
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            # n cycles are over after T_0 * (T_mult**n - 1) / (T_mult - 1) epochs.
            cycles = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**cycles - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**cycles
