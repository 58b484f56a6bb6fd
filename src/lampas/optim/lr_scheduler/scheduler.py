"""LRScheduler, the base class: the first step, the order of calls, saving and loading."""

import functools
import weakref
from warnings import warn

from lampas import Tensor
from lampas.optim.optimizer import Optimizer

_GUIDE = "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
EPOCH_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where "
    "possible. Please use `scheduler.step()` to step the scheduler. During the deprecation, if epoch "
    "is different from None, the closed form is used instead of the new chainable form, where "
    "available. Please open an issue if you are unable to replicate your use case: "
    "https://github.com/pytorch/pytorch/issues/new/choose."
)


def check_optimizer(optimizer):
    """Raise TypeError where it is none."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def group_values(optimizer, key):
    """Return an option of every group; of a tensor a copy."""
    values = [group[key] for group in optimizer.param_groups]
    return [value.clone() if isinstance(value, Tensor) else value for value in values]


def set_group_value(group, key, value):
    """Set an option of a group; one that is a tensor stays the same tensor."""
    if isinstance(group[key], Tensor):
        group[key].fill_(float(value))
    else:
        group[key] = value


def one_for_each_group(name, optimizer, value):
    """Return a list of values from one value or from a list of the right length; ValueError otherwise."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        value = [value] * count
    elif len(value) != count:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, "
            f"param_groups has {count}."
        )
    return [each.clone() if isinstance(each, Tensor) else each for each in value]


def _note_steps(optimizer):
    """Make the optimizer remember, as `_opt_called`, that it has stepped."""
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    step = optimizer.step.__func__
    weak_optimizer = weakref.ref(optimizer)  # no cycle: optimizer -> step -> optimizer

    @functools.wraps(step)
    def noted_step(*args, **kwargs):
        optimizer = weak_optimizer()
        vars(optimizer)["_opt_called"] = True
        return step(optimizer, *args, **kwargs)

    noted_step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    optimizer.step = noted_step


class LRScheduler:
    """Base class of schedulers; a subclass defines `get_lr`.

    Args:
        optimizer (Optimizer): its groups' "lr" is changed; where it began is kept as their "initial_lr".
        last_epoch (int): the number of the last epoch when resuming, -1 to begin.

    Raises:
        TypeError: where `optimizer` is none.
        KeyError: where a group lacks "initial_lr" when resuming.
    """

    _get_lr_called_within_step = False
    _is_initial = False  # during the step that the constructor takes

    def __init__(self, optimizer, last_epoch=-1):
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                lr = group["lr"]
                group.setdefault("initial_lr", lr.clone() if isinstance(lr, Tensor) else lr)
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with "
                    "last_epoch >= 0.\nLoad the optimizer's state before making the scheduler, or begin with "
                    "last_epoch=-1."
                )
        self.base_lrs = group_values(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        _note_steps(optimizer)
        self._initial_step()

    def _initial_step(self):
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def state_dict(self):
        """Return everything the scheduler keeps but the optimizer."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict):
        """Take over what `state_dict()` returned."""
        vars(self).update(state_dict)

    def get_last_lr(self):
        """Return the learning rates that the last step has set, one for each group."""
        return self._last_lr

    def get_lr(self):
        """Return the learning rates of `self.last_epoch`, one for each group; for subclasses to define."""
        raise NotImplementedError

    def step(self, epoch=None):
        """Set the learning rates of the next epoch; call it after the epoch's `optimizer.step()`.

        Args:
            epoch (int): deprecated; the epoch to go to.
        """
        if self._step_count == 1:
            self._check_order_of_calls()
        self._step_count += 1
        if epoch is not None:
            warn(EPOCH_WARNING, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _check_order_of_calls(self):
        if not hasattr(self.optimizer.step, "_wrapped_by_lr_sched"):
            warn(
                "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
                "initialization. Please, make sure to call `optimizer.step()` before `lr_scheduler.step()`. "
                + _GUIDE,
                UserWarning,
                stacklevel=3,
            )
        elif not getattr(self.optimizer, "_opt_called", False):
            warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and "
                "later, you should call them in the opposite order: `optimizer.step()` before "
                "`lr_scheduler.step()`.  Failure to do this will result in PyTorch skipping the first "
                "value of the learning rate schedule. " + _GUIDE,
                UserWarning,
                stacklevel=3,
            )

    def _update_lr(self, epoch=None):
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed_form = None if epoch is None else getattr(self, "_get_closed_form_lr", None)
        self._set_rates(closed_form or self.get_lr)

    def _set_rates(self, compute):
        """Set the groups' learning rates to what `compute()`, `get_lr` as a rule, returns."""
        self._get_lr_called_within_step = True
        try:
            rates = compute()
        finally:
            self._get_lr_called_within_step = False
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_group_value(group, "lr", rate)
        self._last_lr = group_values(self.optimizer, "lr")

    def _warn_outside_step(self):
        """Warn where the user calls `get_lr`, which may compute what comes next."""
        if not self._get_lr_called_within_step:
            warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=3,
            )


class _LRScheduler(LRScheduler):
    """The base class's name before PyTorch 2.0."""
