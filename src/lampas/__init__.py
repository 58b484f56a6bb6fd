"""Lampas: tensors, automatic differentiation and neural networks with PyTorch's Python API."""

from lampas import _core
from lampas._core import Tensor
