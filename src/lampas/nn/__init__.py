"""Neural networks: parameters, layers, losses and their functions."""

from lampas.nn import functional, init, modules, parameter
from lampas.nn.modules import *  # noqa: F403
from lampas.nn.parameter import Buffer, Parameter

__all__ = ["Buffer", "Parameter", "functional", "init", "modules", "parameter", *modules.__all__]
