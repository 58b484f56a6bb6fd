"""Functions of neural networks; the layers in `lampas.nn` call these."""

from lampas.nn.functional.activation import log_softmax, relu, relu_, sigmoid, softmax, tanh
from lampas.nn.functional.connection import conv2d, linear
from lampas.nn.functional.dropout import dropout
from lampas.nn.functional.loss import cross_entropy, mse_loss, nll_loss

__all__ = [
    "conv2d",
    "cross_entropy",
    "dropout",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "relu",
    "relu_",
    "sigmoid",
    "softmax",
    "tanh",
]
