"""The layers and containers of `lampas.nn`."""

from lampas.nn.modules.activation import LogSoftmax, ReLU, Softmax
from lampas.nn.modules.container import ModuleDict, ModuleList, Sequential
from lampas.nn.modules.conv import Conv2d
from lampas.nn.modules.dropout import Dropout
from lampas.nn.modules.flatten import Flatten, Unflatten
from lampas.nn.modules.linear import Identity, Linear
from lampas.nn.modules.loss import CrossEntropyLoss, MSELoss, NLLLoss
from lampas.nn.modules.module import Module
from lampas.nn.modules.parameter_containers import ParameterDict, ParameterList

__all__ = [
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Flatten",
    "Identity",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "ParameterDict",
    "ParameterList",
    "ReLU",
    "Sequential",
    "Softmax",
    "Unflatten",
]
