"""Averages of a model's weights over training, and the learning rates that go with them."""

import math
from copy import deepcopy
from itertools import chain

import lampas
from lampas import nn
from lampas.optim.lr_scheduler.scheduler import LRScheduler

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]


def _check_decay(decay):
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def get_ema_avg_fn(decay=0.999):
    """Return a function for `AveragedModel` that forgets: decay * average + (1 - decay) * weight."""
    _check_decay(decay)

    @lampas.no_grad()
    def average(averaged, current, count):
        return decay * averaged + (1 - decay) * current

    return average


def get_swa_avg_fn():
    """Return a function for `AveragedModel` that weighs every step alike."""

    @lampas.no_grad()
    def average(averaged, current, count):
        return averaged + (current - averaged) / (count + 1)

    return average


def _of_lists(share_of, average):
    """Make a function of lists from the share of a new weight; integers, which lerp refuses, go alone."""

    @lampas.no_grad()
    def average_all(averaged_list, current_list, count):
        for averaged, current in zip(averaged_list, current_list, strict=True):
            if averaged.is_floating_point() or averaged.is_complex():
                averaged.lerp_(current, share_of(count))
            else:
                averaged.copy_(average(averaged, current, count))

    return average_all


def get_ema_multi_avg_fn(decay=0.999):
    """Return what `get_ema_avg_fn` does, for lists of weights that are overwritten."""
    return _of_lists(lambda count: 1 - decay, get_ema_avg_fn(decay))


def get_swa_multi_avg_fn():
    """Return what `get_swa_avg_fn` does, for lists of weights that are overwritten."""
    return _of_lists(lambda count: 1 / (int(count) + 1), get_swa_avg_fn())


class AveragedModel(nn.Module):
    """A copy of a model, whose weights are averages of the model's over the calls of `update_parameters`.

    Args:
        model (Module): what is copied, as `module`.
        device (device): where the copy lives; by default where the model does.
        avg_fn (callable): (average, weight, count) -> the new average; by default all count alike.
        multi_avg_fn (callable): instead, (averages, weights, count), which overwrites the averages.
        use_buffers (bool): whether buffers are averaged too; else they are copied.

    Raises:
        AssertionError: where both functions are given.

    Example:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> averaged = optim.swa_utils.AveragedModel(model)
        >>> for value in (1.0, 2.0):
        ...     _ = nn.init.constant_(model.weight, value)
        ...     averaged.update_parameters(model)
        >>> averaged.module.weight.item()
        1.5

    Source: Izmailov et al., "Averaging weights leads to wider optima and better generalization", 2018.
    """

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", lampas.tensor(0, dtype=lampas.long, device=device))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def _values_of(self, model):
        buffers = model.buffers() if self.use_buffers else ()
        return [value.detach() for value in chain(model.parameters(), buffers)]

    def update_parameters(self, model):
        """Take a model's weights into the averages; the first ones are copied."""
        averages = self._values_of(self.module)
        currents = [
            current.to(average.device)
            for average, current in zip(averages, self._values_of(model), strict=True)
        ]
        if self.n_averaged == 0:
            for average, current in zip(averages, currents, strict=True):
                average.copy_(current)
        elif self.avg_fn is not None:
            for average, current in zip(averages, currents, strict=True):
                average.copy_(self.avg_fn(average, current, self.n_averaged))
        else:
            (self.multi_avg_fn or get_swa_multi_avg_fn())(averages, currents, self.n_averaged)
        if not self.use_buffers:
            for own, other in zip(self.module.buffers(), model.buffers(), strict=True):
                own.detach().copy_(other.detach())
        self.n_averaged += 1


@lampas.no_grad()
def update_bn(loader, model, device=None):
    """Compute the running statistics of a model's batch normalisations anew, over all of a loader's batches.

    Args:
        loader (iterable): gives batches; of a list or tuple, the first item is the model's input.
        model (Module): whose statistics are needed after its weights were averaged.
        device (device): where to bring the batches.
    """
    layers = [each for each in model.modules() if isinstance(each, nn.modules.batchnorm._BatchNorm)]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    was_training = model.training
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # every batch counts alike
    model.train()
    for batch in loader:
        input = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(input if device is None else input.to(device))
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.train(was_training)


def _cosine(share):
    return (1 - math.cos(math.pi * share)) / 2


def _straight(share):
    return share


_STRATEGIES = {"cos": _cosine, "linear": _straight}


class SWALR(LRScheduler):
    """Bring the learning rate to a fixed one over some epochs, and leave it there.

    Args:
        optimizer (Optimizer): whose learning rates change.
        swa_lr (float or list): the rate to reach, for all groups or one for each.
        anneal_epochs (int): in how many epochs.
        anneal_strategy (str): along a "cos" or "linear".
        last_epoch (int): the number of the last epoch when resuming.

    Raises:
        ValueError: for another strategy, negative epochs, a list of another length.

    Example:
        >>> optimizer = optim.SGD([nn.Parameter(lampas.ones(1))], lr=1.0)
        >>> scheduler = optim.swa_utils.SWALR(optimizer, 0.5, anneal_epochs=2, anneal_strategy="linear")
        >>> optimizer.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.75]
    """

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        groups = optimizer.param_groups
        rates = list(swa_lr) if isinstance(swa_lr, (list, tuple)) else [swa_lr] * len(groups)
        if len(rates) != len(groups):
            raise ValueError(
                "swa_lr must have the same length as optimizer.param_groups. swa_lr has "
                f"{len(rates)} values, param_groups has {len(groups)}."
            )
        for rate, group in zip(rates, groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in _STRATEGIES:
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._anneal_strategy = anneal_strategy
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _progress(self, step):
        share = max(0.0, min(1.0, step / max(1, self.anneal_epochs)))
        return _STRATEGIES[self._anneal_strategy](share)

    def get_lr(self):
        """Return the mixture of the rate before and the rate to reach, so that other schedulers may go on."""
        self._warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._progress(step - 1), self._progress(step)
        rates = []
        for group in self.optimizer.param_groups:
            lr, target = group["lr"], group["swa_lr"]
            unmixed = lr if before == 1 else (lr - before * target) / (1 - before)
            rates.append(target * now + unmixed * (1 - now))
        return rates
