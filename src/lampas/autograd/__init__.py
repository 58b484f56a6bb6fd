"""Automatic differentiation: backward, grad, switches, and ops with derivatives written in Python."""

from lampas import _core
from lampas._core import Tensor
from lampas.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from lampas.autograd.function import Function
from lampas.autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from lampas.autograd.variable import Variable

# A module and a function share the name; imported now, the function keeps it.
from lampas.autograd.gradcheck import gradcheck, gradgradcheck  # isort: skip

__all__ = [
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "forward_ad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]

_SUBMODULES = {"forward_ad", "functional", "graph"}


def __getattr__(name):
    import importlib

    if name in _SUBMODULES:
        return importlib.import_module(f"lampas.autograd.{name}")
    raise AttributeError(f"module 'lampas.autograd' has no attribute '{name}'")


def _as_tuple(tensors):
    return (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)


def _starting_gradients(outputs, grad_outputs):
    if grad_outputs is None:
        return (None,) * len(outputs)
    gradients = _as_tuple(grad_outputs)
    if len(gradients) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(gradients)} gradients")
    return gradients


def _check_shapes(outputs, gradients, is_grads_batched):
    for position, (output, gradient) in enumerate(zip(outputs, gradients, strict=True)):
        if gradient is None:
            continue
        if not isinstance(gradient, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
        shape = gradient.shape[1:] if is_grads_batched else gradient.shape
        if shape == output.shape:
            continue
        if is_grads_batched:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the "
                "batch dimension. The sizes of the remaining dimensions are expected to match the shape of "
                f"corresponding output, but a mismatch was detected: grad_output[{position}] has a shape of "
                f"{gradient.shape} and output[{position}] has a shape of {output.shape}. If you only want "
                "some tensors in `grad_output` to be considered batched, consider using vmap."
            )
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{position}] has a shape of {gradient.shape} and "
            f"output[{position}] has a shape of {output.shape}."
        )


def backward(
    tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None
):
    """Send gradients back from several tensors and add what arrives to the leaves' `.grad`.

    Args:
        tensors: a tensor, or several.
        grad_tensors: for each its gradient; None stands for 1 where it has one element.
        retain_graph: keep what was saved, so that backward can run again; `create_graph` when not given.
        create_graph: record the derivatives too, for higher derivatives.
        inputs: only add to the `.grad` of these.

    Raises RuntimeError where a tensor requires no gradient, or a graph was freed before.

    >>> x = lampas.tensor([1.0, 2.0], requires_grad=True)
    >>> lampas.autograd.backward([(x * x).sum(), x.sum()])
    >>> x.grad
    tensor([3., 5.])
    """
    if _core._any_level_active():
        raise RuntimeError(
            "backward() called inside a functorch transform. This is not supported, please use "
            "functorch.grad or functorch.vjp instead or call backward() outside of functorch transforms."
        )
    if grad_variables is not None:
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. "
                "Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    if inputs is not None and not isinstance(inputs, Tensor) and len(inputs) == 0:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    inputs = () if inputs is None else _as_tuple(inputs)
    outputs = _as_tuple(tensors)
    gradients = _starting_gradients(outputs, grad_tensors)
    _check_shapes(outputs, gradients, is_grads_batched=False)
    retain_graph = create_graph if retain_graph is None else retain_graph
    _core._run_backward(outputs, gradients, inputs, retain_graph, create_graph)


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    only_inputs=True,
    allow_unused=None,
    is_grads_batched=False,
    materialize_grads=False,
):
    """Return the gradients of `outputs` with respect to `inputs`; no `.grad` changes.

    Args:
        outputs: a tensor, or several; the sum of their gradients is returned.
        inputs: the tensors to differentiate with respect to.
        grad_outputs: for each output its gradient; None stands for 1 where it has one element.
        retain_graph: keep what was saved, so that the graph can be used again; `create_graph` when not given.
        create_graph: record the derivatives too, for higher derivatives.
        allow_unused: give None for an input that no output depends on, instead of an error.
        is_grads_batched: `grad_outputs` have a batch dim in front; so will the gradients.
        materialize_grads: give zeros instead of None.

    Returns a tuple of gradients. Raises RuntimeError for an unused input unless that is allowed.

    >>> x = lampas.tensor(3.0, requires_grad=True)
    >>> (first,) = lampas.autograd.grad(x * x * x, x, create_graph=True)
    >>> lampas.autograd.grad(first, x)
    (tensor(18.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, "
            f"but got: allow_unused={allow_unused}."
        )
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    outputs, inputs = _as_tuple(outputs), _as_tuple(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    gradients = _starting_gradients(outputs, grad_outputs)
    _check_shapes(outputs, gradients, is_grads_batched)
    retain_graph = create_graph if retain_graph is None else retain_graph

    def run(*starting):
        return _core._gradients(outputs, inputs, starting, retain_graph, create_graph, allow_unused)

    if is_grads_batched:
        from lampas.func import vmap

        used: list[bool] = []

        def run_used(*starting):
            """Return what arrives; vmap takes no None."""
            found = run(*starting)
            used[:] = [gradient is not None for gradient in found]
            return tuple(gradient for gradient in found if gradient is not None)

        arrived = iter(vmap(run_used, randomness="error")(*gradients))
        results = tuple(next(arrived) if is_used else None for is_used in used)
    else:
        results = run(*gradients)
    if materialize_grads:
        results = tuple(_core.zeros_like(i) if g is None else g for g, i in zip(results, inputs, strict=True))
    return results
