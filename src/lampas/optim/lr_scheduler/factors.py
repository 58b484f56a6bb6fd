"""Schedulers that multiply the learning rate by a factor."""

import types
from bisect import bisect_right
from collections import Counter

from lampas.optim.lr_scheduler.scheduler import LRScheduler, group_values


class _FunctionLR(LRScheduler):
    """A scheduler made of the user's functions, one for each group."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.optimizer = optimizer
        groups = len(optimizer.param_groups)
        if not isinstance(lr_lambda, (list, tuple)):
            lr_lambda = [lr_lambda] * groups
        elif len(lr_lambda) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, but got {len(lr_lambda)}")
        self.lr_lambdas = list(lr_lambda)
        self._check_functions()
        super().__init__(optimizer, last_epoch)

    def _check_functions(self):
        pass

    def state_dict(self):
        """Return everything but the optimizer; of callable objects their attributes, of functions None."""
        state = super().state_dict()
        del state["lr_lambdas"]  # PyTorch has them behind the others
        state["lr_lambdas"] = [
            None if isinstance(function, types.FunctionType) else vars(function).copy()
            for function in self.lr_lambdas
        ]
        return state

    def load_state_dict(self, state_dict):
        """Take over what `state_dict()` returned; functions stay those of this scheduler."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "lr_lambdas"})
        for function, attributes in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if attributes is not None:
                vars(function).update(attributes)


class LambdaLR(_FunctionLR):
    """Set the learning rate to the initial one times a function of the epoch.

    Args:
        optimizer (Optimizer): whose learning rates change.
        lr_lambda (callable or list): epoch -> factor, for all groups or one for each.
        last_epoch (int): the number of the last epoch when resuming.

    Example:
        >>> optimizer = optim.SGD([nn.Parameter(lampas.ones(1))], lr=8.0)
        >>> scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
        >>> for _ in range(3):
        ...     optimizer.step()
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [1.0]
    """

    def get_lr(self):
        """Return the learning rates of this epoch."""
        self._warn_outside_step()
        return [
            base_lr * function(self.last_epoch)
            for function, base_lr in zip(self.lr_lambdas, self.base_lrs, strict=True)
        ]


class MultiplicativeLR(_FunctionLR):
    """Multiply the learning rate by a function of the epoch, epoch after epoch.

    Args:
        optimizer (Optimizer): whose learning rates change.
        lr_lambda (callable or list): epoch -> factor, for all groups or one for each.
        last_epoch (int): the number of the last epoch when resuming.
    """

    def _check_functions(self):
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"lr_lambda should be a function, but got {type(function).__name__}")

    def get_lr(self):
        """Return the learning rates of this epoch."""
        self._warn_outside_step()
        rates = group_values(self.optimizer, "lr")
        if self._is_initial:
            return rates
        return [
            rate * function(self.last_epoch) for function, rate in zip(self.lr_lambdas, rates, strict=True)
        ]


class _FactorLR(LRScheduler):
    """A scheduler whose rate is the last epoch's times `_factor()`, and the initial one's times another."""

    def _factor(self):
        """Return the factor from the last epoch's rate to this epoch's, or None where it stays."""
        raise NotImplementedError

    def _factor_from_start(self):
        """Return the factor from the initial rate to this epoch's."""
        raise NotImplementedError

    def get_lr(self):
        """Return the learning rates of this epoch."""
        self._warn_outside_step()
        factor = self._factor()
        rates = group_values(self.optimizer, "lr")
        return rates if factor is None else [rate * factor for rate in rates]

    def _get_closed_form_lr(self):
        factor = self._factor_from_start()
        return [base_lr * factor for base_lr in self.base_lrs]


class StepLR(_FactorLR):
    """Multiply the learning rate by gamma every `step_size` epochs.

    Args:
        optimizer (Optimizer): whose learning rates change.
        step_size (int): epochs from one decay to the next.
        gamma (float): the factor.
        last_epoch (int): the number of the last epoch when resuming.
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self):
        decays = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        return self.gamma if decays else None

    def _factor_from_start(self):
        return self.gamma ** (self.last_epoch // self.step_size)


class MultiStepLR(_FactorLR):
    """Multiply the learning rate by gamma at each of the milestones.

    Args:
        optimizer (Optimizer): whose learning rates change.
        milestones (list of int): epochs; one that stands twice counts twice.
        gamma (float): the factor.
        last_epoch (int): the number of the last epoch when resuming.
    """

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self):
        count = self.milestones[self.last_epoch]
        return self.gamma**count if count else None

    def _factor_from_start(self):
        return self.gamma ** bisect_right(sorted(self.milestones.elements()), self.last_epoch)


class ConstantLR(_FactorLR):
    """Multiply the learning rate by a factor until `total_iters`.

    Args:
        optimizer (Optimizer): whose learning rates change.
        factor (float): in [0, 1], ValueError otherwise.
        total_iters (int): the epoch at which the full rate comes back.
        last_epoch (int): the number of the last epoch when resuming.
    """

    def __init__(self, optimizer, factor=1.0 / 3, total_iters=5, last_epoch=-1):
        if factor > 1.0 or factor < 0:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self):
        if self.last_epoch == 0:
            return self.factor
        return 1.0 / self.factor if self.last_epoch == self.total_iters else None

    def _factor_from_start(self):
        return self.factor + (self.last_epoch >= self.total_iters) * (1 - self.factor)


class LinearLR(_FactorLR):
    """Multiply the learning rate by a factor that goes evenly from start to end.

    Args:
        optimizer (Optimizer): whose learning rates change.
        start_factor (float): in (0, 1], ValueError otherwise.
        end_factor (float): in [0, 1], ValueError otherwise.
        total_iters (int): the epoch at which the end is reached.
        last_epoch (int): the number of the last epoch when resuming.
    """

    def __init__(self, optimizer, start_factor=1.0 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if start_factor > 1.0 or start_factor <= 0:
            raise ValueError(
                "Starting multiplicative factor expected to be greater than 0 and less or equal to 1."
            )
        if end_factor > 1.0 or end_factor < 0:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self):
        if self.last_epoch == 0:
            return self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return None
        growth = self.end_factor - self.start_factor
        # Both factors times total_iters: f(t) / f(t - 1) = 1 + growth / (total_iters * f(t - 1)).
        return 1.0 + growth / (self.total_iters * self.start_factor + (self.last_epoch - 1) * growth)

    def _factor_from_start(self):
        growth = self.end_factor - self.start_factor
        return self.start_factor + growth * min(self.total_iters, self.last_epoch) / self.total_iters


class ExponentialLR(_FactorLR):
    """Multiply the learning rate by gamma every epoch.

    Args:
        optimizer (Optimizer): whose learning rates change.
        gamma (float): the factor.
        last_epoch (int): the number of the last epoch when resuming.
    """

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _factor(self):
        return None if self._is_initial else self.gamma

    def _factor_from_start(self):
        return self.gamma**self.last_epoch


class PolynomialLR(_FactorLR):
    """Lower the learning rate to zero, as (1 - epoch / total_iters) ** power.

    Args:
        optimizer (Optimizer): whose learning rates change.
        total_iters (int): the epoch at which zero is reached.
        power (float): 1 lowers it evenly.
        last_epoch (int): the number of the last epoch when resuming.
    """

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _factor(self):
        if self._is_initial or self.last_epoch > self.total_iters:
            return None
        left, left_before = (
            1.0 - epoch / self.total_iters for epoch in (self.last_epoch, self.last_epoch - 1)
        )
        return (left / left_before) ** self.power

    def _factor_from_start(self):
        return (1.0 - min(self.total_iters, self.last_epoch) / self.total_iters) ** self.power
