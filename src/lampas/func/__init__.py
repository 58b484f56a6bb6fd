"""Transforms of functions: vmap, gradients, Jacobians, and the recorder. They nest in any order."""

from lampas.func.batching import vmap
from lampas.func.derivatives import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, linearize, vjp
from lampas.func.functional_call import functional_call
from lampas.func.recording import record
from lampas.func.stacking import stack_module_state

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "record",
    "stack_module_state",
    "vjp",
    "vmap",
]
