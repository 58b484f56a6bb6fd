"""Optimizers: they change parameters by their gradients."""

from lampas.optim import lr_scheduler
from lampas.optim.adadelta import Adadelta
from lampas.optim.adafactor import Adafactor
from lampas.optim.adagrad import Adagrad
from lampas.optim.adam import Adam, AdamW
from lampas.optim.adamax import Adamax
from lampas.optim.asgd import ASGD
from lampas.optim.lbfgs import LBFGS
from lampas.optim.muon import Muon
from lampas.optim.nadam import NAdam
from lampas.optim.optimizer import (
    Optimizer,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)
from lampas.optim.radam import RAdam
from lampas.optim.rmsprop import RMSprop
from lampas.optim.rprop import Rprop
from lampas.optim.sgd import SGD

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
    "register_optimizer_step_post_hook",
    "register_optimizer_step_pre_hook",
    "swa_utils",  # loaded when used: it needs nn
]


def __getattr__(name):
    if name == "swa_utils":
        from importlib import import_module

        return import_module("lampas.optim.swa_utils")
    raise AttributeError(f"module 'lampas.optim' has no attribute {name!r}")
