"""Optimizers: they change parameters by their gradients."""

from lampas.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)
from lampas.optim.sgd import SGD

__all__ = ["SGD", "Optimizer", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook"]
