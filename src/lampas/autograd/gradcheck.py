"""Derivatives against finite differences: gradcheck and gradgradcheck."""

import itertools

import lampas
from lampas._core import Tensor


class GradcheckError(RuntimeError):
    """A derivative that does not agree with finite differences."""


def _as_tuple(outputs):
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)


def _differentiable_outputs(func, inputs):
    return [each for each in _as_tuple(func(*inputs)) if each.is_floating_point()]


def _numerical_jacobians(func, inputs, place, eps):
    """For each output, rows by element of the input `place`: central differences of the output's elements."""
    values = inputs[place].data  # its versions are its own: what func saved stays valid
    rows = []
    with lampas.no_grad():
        for index in itertools.product(*map(range, values.shape)):
            before = values[index].item()
            results = []
            for step in (eps, -eps):
                values[index] = before + step
                results.append([each.clone() for each in _differentiable_outputs(func, inputs)])
            values[index] = before
            rows.append(
                [((up - down) / (2 * eps)).reshape(-1).tolist() for up, down in zip(*results, strict=True)]
            )
    return [list(of_output) for of_output in zip(*rows, strict=True)]


def _analytical_jacobian(output, input):
    """Rows by element of `input`, from one backward for each element of `output`."""
    columns = []
    for index in itertools.product(*map(range, output.shape)):
        start = lampas.zeros_like(output)
        start[index] = 1
        (gradient,) = lampas.autograd.grad(
            output, input, start, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        columns.append(gradient.reshape(-1).tolist())
    return [list(row) for row in zip(*columns, strict=True)]


def _agree(numerical, analytical, atol, rtol):
    pairs = zip(itertools.chain(*numerical), itertools.chain(*analytical), strict=True)
    return all(abs(number - exact) <= atol + rtol * abs(number) for number, exact in pairs)


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Compare the gradients of `func` with central differences.

    Args:
        func (callable): takes the inputs, returns a tensor or several.
        inputs (tuple): tensors; those that require gradients are perturbed and must be float64 to be exact.
        eps (float): the step of the differences.
        atol, rtol (float): how far the two may differ.
        raise_exception (bool): raise GradcheckError on a mismatch, instead of returning False.

    Returns True where all agree. Raises ValueError where no input requires a gradient.

    >>> x = lampas.tensor([0.5, -1.0], dtype=lampas.float64, requires_grad=True)
    >>> lampas.autograd.gradcheck(lampas.exp, (x,))
    True
    """
    inputs = _as_tuple(inputs)
    places = [place for place, each in enumerate(inputs) if isinstance(each, Tensor) and each.requires_grad]
    if not places:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have "
            "requires_grad=True."
        )
    outputs = _differentiable_outputs(func, inputs)
    for place in places:
        numerical = _numerical_jacobians(func, inputs, place, eps)
        for number, output in enumerate(outputs):
            if not output.requires_grad or inputs[place].numel() == 0:
                continue
            analytical = _analytical_jacobian(output, inputs[place])
            if _agree(numerical[number], analytical, atol, rtol):
                continue
            if not raise_exception:
                return False
            raise GradcheckError(
                f"Jacobian mismatch for output {number} with respect to input {place},\n"
                f"numerical:{lampas.tensor(numerical[number], dtype=lampas.float64)}\n"
                f"analytical:{lampas.tensor(analytical, dtype=lampas.float64)}\n"
            )
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Compare the second derivatives of `func` with central differences of its gradients.

    Args:
        func, inputs, eps, atol, rtol, raise_exception: as for `gradcheck`.
        grad_outputs (tuple): where to differentiate the gradients at; random ones where not given.

    Returns True where all agree.

    >>> x = lampas.tensor([0.5, -1.0], dtype=lampas.float64, requires_grad=True)
    >>> lampas.autograd.gradgradcheck(lampas.exp, (x,))
    True
    """
    inputs = _as_tuple(inputs)
    if grad_outputs is None:
        generator = lampas.Generator().manual_seed(0)
        grad_outputs = tuple(
            lampas.randn(each.shape, dtype=each.dtype, generator=generator).requires_grad_()
            for each in _differentiable_outputs(func, inputs)
        )
    grad_outputs = _as_tuple(grad_outputs)

    def gradients(*both):
        own, starts = both[: len(inputs)], both[len(inputs) :]
        with lampas.enable_grad():
            outputs = _differentiable_outputs(func, own)
            tracked = [each for each in own if isinstance(each, Tensor) and each.requires_grad]
            return lampas.autograd.grad(outputs, tracked, starts, create_graph=True, materialize_grads=True)

    return gradcheck(
        gradients, inputs + grad_outputs, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception
    )
