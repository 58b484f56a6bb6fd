"""Jacobians, Hessians and their products with vectors; `lampas.func` has them as transforms."""

from lampas import _core
from lampas._core import Tensor
from lampas.autograd import grad
from lampas.autograd.grad_mode import enable_grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

# Of a result that is named; the input's number is put in later.
_INDEPENDENT = (
    "The {} of the user-provided function is independent of input {{}}. This is not allowed in strict mode."
)
_LINEAR = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to "
    "input {} is independent of the input. This is not allowed in strict mode. You should ensure that your "
    "function is twice differentiable and that the jacobian depends on the inputs (this would be violated by "
    "a linear function for example)."
)


def _as_tuple(values, what, function):
    """Return (whether it was a tuple, the tensors as a tuple)."""
    many = isinstance(values, (tuple, list))
    tensors = tuple(values) if many else (values,)
    for place, each in enumerate(tensors):
        if isinstance(each, Tensor):
            continue
        which = f"value at index {place}" if many else f"given {what}"
        raise TypeError(
            f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but the {which} "
            f"has type {type(each)}."
        )
    return many, tensors


def _prepared(inputs, create_graph):
    """Inputs to differentiate by; with a graph to create, they stay connected with what they came from."""
    return tuple(
        each.view_as(each) if create_graph and each.requires_grad else each.detach().requires_grad_()
        for each in inputs
    )


def _called(func, inputs, function, strict):
    many, outputs = _as_tuple(func(*inputs), "outputs of the user-provided function", function)
    if strict:
        for place, each in enumerate(outputs):
            if not each.requires_grad:
                raise RuntimeError(
                    f"Output {place} of the user-provided function does not require gradients. The outputs "
                    "must be computed in a differentiable manner from the input when running in strict mode."
                )
    return many, outputs


def _checked_vectors(v, many, like, needed):
    """The vectors to multiply by, of the sizes of `like`; ones where there is a single element."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"The vector v can only be None if {needed}.")
        return (_core.ones_like(like[0]),)
    vectors = _as_tuple(v, "v", "this function")[1]
    if len(vectors) != len(like):
        if many:
            raise RuntimeError(
                f"v is a tuple of invalid length: should be {len(like)} but got {len(vectors)}."
            )
        raise RuntimeError("The given v should contain a single Tensor.")
    for place, (vector, tensor) in enumerate(zip(vectors, like, strict=True)):
        if vector.shape != tensor.shape:
            entry = f"Entry {place} in v" if many else "v"
            raise RuntimeError(f"{entry} has invalid size: should be {tensor.shape} but got {vector.shape}.")
    return vectors


def _gradients(outputs, inputs, vectors, create_graph):
    """Gradients of the inputs, None for those on which nothing depends."""
    pairs = [(each, vector) for each, vector in zip(outputs, vectors, strict=True) if each.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    outputs, vectors = zip(*pairs, strict=True)
    return grad(outputs, inputs, vectors, retain_graph=True, create_graph=create_graph, allow_unused=True)


def _filled(gradients, inputs, message):
    """Put zeros for None; in strict mode there is a message for it, with a place for the input's number."""
    for place, each in enumerate(gradients):
        if each is None and message:
            raise RuntimeError(message.format(place))
    return tuple(
        _core.zeros_like(tensor) if each is None else each
        for each, tensor in zip(gradients, inputs, strict=True)
    )


def _finished(tensors, many, create_graph):
    tensors = tuple(each if create_graph else each.detach() for each in tensors)
    return tensors if many else tensors[0]


@enable_grad()
def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """Return what a function gives, and a vector times its Jacobian.

    Args:
        func: takes tensors and returns a tensor or a tuple of them.
        inputs (Tensor or tuple): what it is given.
        v (Tensor or tuple): the vector, of the sizes of the outputs; may be None for a single number.
        create_graph (bool): whether the results can be differentiated.
        strict (bool): whether to raise RuntimeError where an output does not depend on an input.

    Example:
        >>> vjp = lampas.autograd.functional.vjp
        >>> vjp(lambda x: x**2, lampas.tensor([1.0, 2.0]), lampas.tensor([1.0, 1.0]))
        (tensor([1., 4.]), tensor([2., 4.]))
    """
    many, inputs = _as_tuple(inputs, "inputs", "vjp")
    inputs = _prepared(inputs, create_graph)
    many_outputs, outputs = _called(func, inputs, "vjp", strict)
    needed = "the user-provided function returns a single Tensor with a single element"
    vectors = _checked_vectors(v, many_outputs, outputs, needed)
    gradients = _gradients(outputs, inputs, vectors, create_graph)
    products = _filled(gradients, inputs, _INDEPENDENT.format("output") if strict else "")
    return _finished(outputs, many_outputs, create_graph), _finished(products, many, create_graph)


@enable_grad()
def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """Return what a function gives, and its Jacobian times a vector; the arguments are those of `vjp`.

    The vector has the sizes of the inputs. The product is the gradient, by u, of u times the Jacobian.

    Example:
        >>> jvp = lampas.autograd.functional.jvp
        >>> jvp(lambda x: x.sum() ** 2, lampas.tensor([1.0, 2.0]), lampas.tensor([1.0, 1.0]))
        (tensor(9.), tensor(12.))
    """
    many, inputs = _as_tuple(inputs, "inputs", "jvp")
    needed = "the input to the user-provided function is a single Tensor with a single element"
    vectors = _checked_vectors(v, many, inputs, needed)
    inputs = _prepared(inputs, create_graph)
    many_outputs, outputs = _called(func, inputs, "jvp", strict)
    weights = tuple(_core.zeros_like(each).requires_grad_() for each in outputs)
    gradients = _gradients(outputs, inputs, weights, True)
    weighted = _filled(gradients, inputs, _INDEPENDENT.format("output") if strict else "")
    products = _filled(_gradients(weighted, weights, vectors, create_graph), outputs, "")
    return _finished(outputs, many_outputs, create_graph), _finished(products, many_outputs, create_graph)


def _check_strategy(strategy, strict, vectorize):
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has '
            'more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use '
            '"reverse-mode".'
        )
    if strict and vectorize:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported "
            "together. Please either set `strict=False` or `vectorize=False`."
        )
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
            "`vectorize=True`."
        )


def _jacobian_of(output, inputs, create_graph, message, linear_message):
    """The Jacobian of one output: for each input a tensor of the output's and the input's sizes."""
    rows = []
    for element in output.reshape(-1):
        gradients = _gradients((element,), inputs, (_core.ones_like(element),), create_graph)
        if linear_message:
            for place, each in enumerate(gradients):
                if each is not None and not each.requires_grad:
                    raise RuntimeError(linear_message.format(place))
        rows.append(_filled(gradients, inputs, message))
    if not rows:
        return tuple(each.new_zeros(*output.shape, *each.shape) for each in inputs)
    return tuple(
        _core.stack([row[place] for row in rows]).view(*output.shape, *each.shape)
        for place, each in enumerate(inputs)
    )


@enable_grad()
def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """Return the Jacobian of a function: the derivative of every element of its outputs by every input's.

    Args:
        func, inputs, create_graph, strict: as of `vjp`.
        vectorize (bool), strategy (str): choices of PyTorch's between ways to the same result; here it is
            computed row by row.

    Returns for one output and one input a tensor of the output's sizes with the input's behind; for several
    inputs a tuple of these, for several outputs a tuple of what each has.

    Example:
        >>> lampas.autograd.functional.jacobian(lambda x: x**2, lampas.tensor([1.0, 2.0]))
        tensor([[2., 0.],
                [0., 4.]])
    """
    _check_strategy(strategy, strict, vectorize)
    many, inputs = _as_tuple(inputs, "inputs", "jacobian")
    inputs = _prepared(inputs, create_graph)
    many_outputs, outputs = _called(func, inputs, "jacobian", strict)
    results = []
    for place, output in enumerate(outputs):
        message = linear_message = ""
        if strict:
            message = (
                f"Output {place} of the user-provided function is independent of input {{}}. This is not "
                "allowed in strict mode."
            )
        if strict and create_graph:
            linear_message = (
                "The jacobian of the user-provided function is independent of input {}. This is not allowed "
                "in strict mode when create_graph=True."
            )
        rows = _jacobian_of(output, inputs, create_graph, message, linear_message)
        results.append(_finished(rows, many, create_graph))
    return tuple(results) if many_outputs else results[0]


def _single_number(func, inputs, function, strict):
    many, outputs = _called(func, inputs, function, strict)
    if many:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {function} should contain a single element"
        )
    return outputs[0].reshape(())


@enable_grad()
def hessian(
    func,
    inputs,
    create_graph=False,
    strict=False,
    vectorize=False,
    outer_jacobian_strategy="reverse-mode",
):
    """Return the Hessian of a function that gives one number: its second derivatives.

    Args:
        func, inputs, create_graph, strict: as of `vjp`.
        vectorize (bool), outer_jacobian_strategy (str): as of `jacobian`.

    Returns a tensor of the input's sizes, twice; for several inputs a tuple of tuples.

    Example:
        >>> lampas.autograd.functional.hessian(lambda x: (x**3).sum(), lampas.tensor([1.0, 2.0]))
        tensor([[ 6.,  0.],
                [ 0., 12.]])
    """
    _check_strategy(outer_jacobian_strategy, strict, vectorize)
    many, inputs = _as_tuple(inputs, "inputs", "hessian")
    inputs = _prepared(inputs, create_graph)
    slopes = _slopes(func, inputs, "hessian", strict)[1]
    message = _INDEPENDENT.format("hessian") if strict else ""
    results = [_jacobian_of(slope, inputs, create_graph, message, "") for slope in slopes]
    results = [_finished(rows, many, create_graph) for rows in results]
    return tuple(results) if many else results[0]


def _slopes(func, inputs, function, strict):
    """Return what the function gives, and its derivative by each input."""
    output = _single_number(func, inputs, function, strict)
    gradients = _gradients((output,), inputs, (_core.ones_like(output),), True)
    slopes = _filled(gradients, inputs, _INDEPENDENT.format("output") if strict else "")
    if strict:
        for place, each in enumerate(slopes):
            if not each.requires_grad:
                raise RuntimeError(_LINEAR.format(place))
    return output, slopes


def _hessian_product(func, inputs, v, create_graph, strict, function):
    many, inputs = _as_tuple(inputs, "inputs", function)
    needed = "the input to the user-provided function is a single Tensor with a single element"
    vectors = _checked_vectors(v, many, inputs, needed)
    inputs = _prepared(inputs, create_graph)
    output, slopes = _slopes(func, inputs, function, strict)
    products = _filled(_gradients(slopes, inputs, vectors, create_graph), inputs, "")
    return _finished((output,), False, create_graph), _finished(products, many, create_graph)


@enable_grad()
def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """Return what a function gives, one number, and a vector times its Hessian; see `vjp`.

    Example:
        >>> vhp = lampas.autograd.functional.vhp
        >>> vhp(lambda x: (x**3).sum(), lampas.tensor([1.0, 2.0]), lampas.tensor([1.0, 1.0]))
        (tensor(9.), tensor([ 6., 12.]))
    """
    return _hessian_product(func, inputs, v, create_graph, strict, "vhp")


@enable_grad()
def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """Return what a function gives, one number, and its Hessian times a vector: what `vhp` does, by symmetry.

    Example:
        >>> hvp = lampas.autograd.functional.hvp
        >>> hvp(lambda x: (x**3).sum(), lampas.tensor([1.0, 2.0]), lampas.tensor([1.0, 1.0]))
        (tensor(9.), tensor([ 6., 12.]))
    """
    return _hessian_product(func, inputs, v, create_graph, strict, "hvp")
