"""Schedulers: they change an optimizer's learning rates from epoch to epoch."""

from lampas.optim.lr_scheduler.combined import ChainedScheduler, SequentialLR
from lampas.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from lampas.optim.lr_scheduler.cycles import CyclicLR, OneCycleLR
from lampas.optim.lr_scheduler.factors import (
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from lampas.optim.lr_scheduler.plateau import ReduceLROnPlateau
from lampas.optim.lr_scheduler.scheduler import LRScheduler, _LRScheduler

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
