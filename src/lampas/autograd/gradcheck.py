"""Derivatives against finite differences: gradcheck and gradgradcheck."""

import itertools

import lampas
from lampas._core import Tensor


class GradcheckError(RuntimeError):
    """A derivative that does not agree with finite differences."""


def _as_tuple(outputs):
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)


def _places_of_leaves(inputs):
    return [place for place, each in enumerate(inputs) if isinstance(each, Tensor) and each.requires_grad]


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


def _forward_jacobians(func, inputs, place):
    """For each output, rows by element of the input `place`: the derivatives in that element's direction."""

    def of_one(value):
        return tuple(_differentiable_outputs(func, (*inputs[:place], value, *inputs[place + 1 :])))

    value = inputs[place]  # it still requires a gradient: gradgradcheck's function asks for one
    rows = []
    for index in itertools.product(*map(range, value.shape)):
        direction = lampas.zeros_like(value, requires_grad=False)
        direction[index] = 1
        _, derivatives = lampas.func.jvp(of_one, (value,), (direction,))
        rows.append([each.reshape(-1).tolist() for each in derivatives])
    return [list(of_output) for of_output in zip(*rows, strict=True)]


def _agree(numerical, analytical, atol, rtol):
    pairs = zip(itertools.chain(*numerical), itertools.chain(*analytical), strict=True)
    return all(abs(number - exact) <= atol + rtol * abs(number) for number, exact in pairs)


def _check_batch_of_gradients(output, inputs):
    """Differentiate `output` from two random starts, at once and one after the other."""
    starts = [lampas.randn_like(output) for _ in range(2)]

    def gradients(start):
        options = {"retain_graph": True, "allow_unused": True, "materialize_grads": True}
        return lampas.autograd.grad(output, inputs, start, **options)

    try:
        together = lampas.vmap(gradients)(lampas.stack(starts))
    except RuntimeError as error:
        raise GradcheckError(f"While computing batched gradients, got: {error}") from error
    alone = zip(*map(gradients, starts), strict=True)
    for batch, examples in zip(together, alone, strict=True):
        if not lampas.allclose(batch, lampas.stack(examples)):
            raise GradcheckError("Batched gradients differ from those computed one after the other")


def gradcheck(
    func,
    inputs,
    *,
    eps=1e-6,
    atol=1e-5,
    rtol=1e-3,
    raise_exception=True,
    nondet_tol=0.0,
    check_undefined_grad=True,
    check_batched_grad=False,
    check_forward_ad=False,
    check_backward_ad=True,
    fast_mode=False,
):
    """Compare the gradients of `func` with central differences.

    Args:
        func (callable): takes the inputs, returns a tensor or several.
        inputs (tuple): tensors; those that require gradients are perturbed and must be float64 to be exact.
        eps (float): the step of the differences.
        atol, rtol (float): how far the two may differ.
        raise_exception (bool): raise GradcheckError on a mismatch, instead of returning False.
        nondet_tol (float): how far the gradients of two backward passes may differ.
        check_undefined_grad (bool): accepted; gradients that are missing are not tried.
        check_batched_grad (bool): compare gradients under vmap with those computed one after the other.
        check_forward_ad (bool): compare the derivatives that forward mode gives too.
        check_backward_ad (bool): compare those of backward passes.
        fast_mode (bool): accepted; every element is perturbed in any case.

    Returns True where all agree. Raises ValueError where no input requires a gradient.

    >>> x = lampas.tensor([0.5, -1.0], dtype=lampas.float64, requires_grad=True)
    >>> lampas.autograd.gradcheck(lampas.exp, (x,))
    True
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    inputs = _as_tuple(inputs)
    places = _places_of_leaves(inputs)
    if not places:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have "
            "requires_grad=True."
        )
    outputs = _differentiable_outputs(func, inputs)

    def compare(numerical, found, mode, number, place):
        if not _agree(numerical, found, atol, rtol):
            raise GradcheckError(
                f"Jacobian {mode}mismatch for output {number} with respect to input {place},\n"
                f"numerical:{lampas.tensor(numerical, dtype=lampas.float64)}\n"
                f"analytical:{lampas.tensor(found, dtype=lampas.float64)}\n"
            )

    def check(place):
        if inputs[place].numel() == 0:
            return
        numerical = _numerical_jacobians(func, inputs, place, eps)
        if check_forward_ad:
            forward = _forward_jacobians(func, inputs, place)
            for number in range(len(outputs)):
                compare(numerical[number], forward[number], "computed with forward mode ", number, place)
        for number, output in enumerate(outputs):
            if not (check_backward_ad and output.requires_grad):
                continue
            analytical = _analytical_jacobian(output, inputs[place])
            compare(numerical[number], analytical, "", number, place)
            if not _agree(analytical, _analytical_jacobian(output, inputs[place]), nondet_tol, 0.0):
                raise GradcheckError(
                    "Backward is not reentrant, i.e., running backward with same input and grad_output "
                    "multiple times gives different values, although analytical gradient matches numerical "
                    f"gradient.The tolerance for nondeterminism was {nondet_tol}."
                )

    try:
        for place in places:
            check(place)
        for output in outputs:
            if check_batched_grad and output.requires_grad:
                _check_batch_of_gradients(output, [inputs[place] for place in places])
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(func, inputs, grad_outputs=None, **options):
    """Compare the second derivatives of `func` with central differences of its gradients.

    Args:
        func, inputs: as for `gradcheck`.
        grad_outputs (tuple): where to differentiate the gradients at; random ones where not given.
        options: those of `gradcheck`; forward mode is called `check_fwd_over_rev` here, backward mode
            `check_rev_over_rev`.

    Returns True where all agree.

    >>> x = lampas.tensor([0.5, -1.0], dtype=lampas.float64, requires_grad=True)
    >>> lampas.autograd.gradgradcheck(lampas.exp, (x,))
    True
    """
    inputs = _as_tuple(inputs)
    if grad_outputs is None:
        grad_outputs = tuple(
            lampas.empty(each.shape, dtype=each.dtype).uniform_(-1, 1).requires_grad_()
            for each in _differentiable_outputs(func, inputs)
        )
    grad_outputs = _as_tuple(grad_outputs)
    for ours, name in (
        ("check_fwd_over_rev", "check_forward_ad"),
        ("check_rev_over_rev", "check_backward_ad"),
    ):
        if ours in options:
            options[name] = options.pop(ours)

    def gradients(*both):
        own, starts = both[: len(inputs)], both[len(inputs) :]
        with lampas.enable_grad():
            outputs = _differentiable_outputs(func, own)
            tracked = [own[place] for place in _places_of_leaves(inputs)]
            return lampas.autograd.grad(outputs, tracked, starts, create_graph=True, materialize_grads=True)

    return gradcheck(gradients, inputs + grad_outputs, **options)
