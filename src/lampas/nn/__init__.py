"""Neural networks: parameters, layers, losses and their functions."""

from lampas.nn import functional, init, modules, parallel, parameter, utils
from lampas.nn.modules import *
from lampas.nn.parallel import DataParallel
from lampas.nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter
