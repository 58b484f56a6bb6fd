"""Derivatives of functions: grad and vjp backwards, jvp forwards, Jacobians and Hessians by both."""

import functools

from lampas import _core
from lampas._core import Tensor
from lampas.autograd.grad_mode import enable_grad
from lampas.func.batching import vmap
from lampas.func.structure import flatten


def grad(func, argnums=0, has_aux=False):
    """Return a function that computes the gradient of `func`, whose result has one element.

    Args:
        func (callable): returns a tensor of one element; with `has_aux`, that and anything else.
        argnums (int or tuple): with respect to which arguments; each may be a structure of tensors.
        has_aux (bool): hand the second part of func's result through, beside the gradient.

    Raises RuntimeError where the result is no tensor of one element.

    Example:
        >>> lampas.func.grad(lampas.sin)(lampas.tensor(0.0))
        tensor(1.)
    """
    with_value = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def gradient(*args, **kwargs):
        gradients, value = with_value(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return gradient


def grad_and_value(func, argnums=0, has_aux=False):
    """Return a function that computes the gradient of `func` and its value.

    Args:
        func, argnums, has_aux: as for `grad`.

    Example:
        >>> lampas.func.grad_and_value(lampas.square)(lampas.tensor(3.0))
        (tensor(6.), tensor(9.))
    """

    @functools.wraps(func)
    def gradient_and_value(*args, **kwargs):
        tape = _Tape(args, argnums)
        output, aux = _split_aux(tape.run(func, kwargs), has_aux, "grad_and_value(f)(*args)")
        if not isinstance(output, Tensor):
            raise RuntimeError(
                f"Expected f given to grad_and_value(f)(*args) to return a Tensor, got {type(output)}"
            )
        if output.dim() != 0:
            raise RuntimeError(
                "Expected f given to grad_and_value(f)(*args) to return a scalar tensor. Got tensor with "
                f"{output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
            )
        gradients = tape.gradients([output], [None])
        value = tape.released(output)
        return gradients, (value, tape.released(aux)) if has_aux else value

    return gradient_and_value


def vjp(func, *primals, has_aux=False):
    """Return func's result and a function from gradients of the result to gradients of `primals`.

    Args:
        func (callable): returns tensors; with `has_aux`, those and anything else.
        primals: the arguments, each a structure of tensors.

    Example:
        >>> output, backward = lampas.func.vjp(lampas.sin, lampas.tensor(0.0))
        >>> backward(lampas.tensor(2.0))
        (tensor(2.),)
    """
    tape = _Tape(primals, tuple(range(len(primals))))
    output, aux = _split_aux(tape.run(func, {}), has_aux, "vjp(f, *primals)")
    outputs, rebuild = flatten(output)
    _check_tensors(outputs, "vjp(f, *primals): Expected f to return")

    def backward(cotangents, retain_graph=True, create_graph=None):
        gradients, _ = flatten(cotangents)
        if len(gradients) != len(outputs):
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs"
            )
        return tape.gradients(outputs, gradients)

    released = rebuild([tape.released(each) for each in outputs])
    return (released, backward, tape.released(aux)) if has_aux else (released, backward)


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """Return func's result and its derivative in the direction of `tangents`, computed forwards.

    Args:
        func (callable): returns tensors; with `has_aux`, those and anything else.
        primals (tuple): the arguments, each a structure of tensors.
        tangents (tuple): the direction, of the same structure and shapes.
        strict (bool): raise where a result does not depend on the arguments, instead of giving zeros.

    Example:
        >>> lampas.func.jvp(lampas.sin, (lampas.tensor(0.0),), (lampas.tensor(2.0),))
        (tensor(0.), tensor(2.))
    """
    if not isinstance(primals, tuple):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to "
            "call f(*primals)."
        )
    leaves, rebuild = flatten(primals)
    directions, _ = flatten(tangents)
    if len(leaves) != len(directions):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. "
            "For example, if primals is a tuple of 3 tensors, tangents also must be."
        )
    _check_tensors(leaves, "jvp(f, primals, tangents): Expected primals to be")
    with _core._ForwardLevel() as level:
        duals = [level.make_dual(leaf, direction) for leaf, direction in zip(leaves, directions, strict=True)]
        output, aux = _split_aux(func(*rebuild(duals)), has_aux, "jvp(f, primals, tangents)")
        outputs, rebuild_outputs = flatten(output)
        _check_tensors(outputs, "jvp(f, primals, tangents): Expected f to return")
        unpacked = [level.unpack(each) for each in outputs]
        released_aux = _without_tangents(level, aux)
    for _, tangent in unpacked:
        if tangent is None and strict:
            raise RuntimeError(
                "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs."
            )
    values = rebuild_outputs([value for value, _ in unpacked])
    derivatives = rebuild_outputs(
        [_core.zeros_like(value) if tangent is None else tangent for value, tangent in unpacked]
    )
    return (values, derivatives, released_aux) if has_aux else (values, derivatives)


def linearize(func, *primals):
    """Return func's result and a function of directions that gives its derivative in them.

    `func` runs again, forwards, for each direction: where the directions are known, vmap over `jvp` takes
    them all at once.

    Args:
        func (callable): returns tensors.
        primals: the arguments, each a structure of tensors.

    The function that is returned raises RuntimeError for directions of another structure, shape, device or
    dtype.

    Example:
        >>> output, derivative = lampas.func.linearize(lampas.sin, lampas.zeros(2))
        >>> derivative(lampas.ones(2))
        tensor([1., 1.])
    """
    leaves, _ = flatten(primals)

    def derivative(*tangents):
        directions, _ = flatten(tangents)
        if len(directions) != len(leaves):
            raise RuntimeError(
                f"Expected the tangents {tangents} to have the same argspec as the primals {primals}"
            )
        for index, (leaf, direction) in enumerate(zip(leaves, directions, strict=True)):
            for quality in ("shape", "device", "dtype"):
                wanted, given = getattr(leaf, quality), getattr(direction, quality)
                if given != wanted:
                    raise RuntimeError(
                        f"tangent:{index} with {quality} {given} in flattened pytree doesn't match the "
                        f"{quality} {wanted} of the corresponding primal."
                    )
        return jvp(func, primals, tangents)[1]

    return func(*primals), derivative


def _of_chosen(func, args, kwargs, argnums):
    """Return `func` as a function of the arguments at `argnums` alone, and these arguments."""
    positions = argnums if isinstance(argnums, tuple) else (argnums,)

    def of_chosen(*values):
        full = list(args)
        for position, value in zip(positions, values, strict=True):
            full[position] = value
        return func(*full, **kwargs)

    return of_chosen, tuple(args[position] for position in positions)


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None):
    """Return a function that computes the Jacobian of `func` backwards: one vjp for each result element.

    Args:
        func, argnums, has_aux: as for `grad`, with results of any shape.
        chunk_size (int): so many rows at a time; all of them when None.

    Returns Jacobians of shape (*output.shape, *argument.shape).

    Example:
        >>> lampas.func.jacrev(lampas.sin)(lampas.zeros(2))
        tensor([[1., 0.],
                [0., 1.]])
    """

    @functools.wraps(func)
    def jacobian(*args, **kwargs):
        of_chosen, chosen = _of_chosen(func, args, kwargs, argnums)
        output, backward, *aux = vjp(of_chosen, *chosen, has_aux=has_aux)
        outputs, rebuild_outputs = flatten(output)
        arguments, rebuild_arguments = flatten(chosen)
        rows = vmap(lambda cotangents: backward(rebuild_outputs(list(cotangents))), chunk_size=chunk_size)(
            tuple(_standard_basis(outputs))
        )
        by_argument = [
            list(_split_rows(row, outputs, argument, rows_first=True))
            for row, argument in zip(flatten(rows)[0], arguments, strict=True)
        ]
        result = rebuild_outputs(
            [
                _chosen(argnums, rebuild_arguments([pieces[i] for pieces in by_argument]))
                for i in range(len(outputs))
            ]
        )
        return (result, aux[0]) if has_aux else result

    return jacobian


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """Return a function that computes the Jacobian of `func` forwards: one jvp for each argument element.

    Args:
        func, argnums, has_aux: as for `jacrev`.
        randomness: as for `vmap`.

    Example:
        >>> lampas.func.jacfwd(lampas.sin)(lampas.zeros(2))
        tensor([[1., 0.],
                [0., 1.]])
    """

    @functools.wraps(func)
    def jacobian(*args, **kwargs):
        of_chosen, chosen = _of_chosen(func, args, kwargs, argnums)
        arguments, rebuild_arguments = flatten(chosen)

        def directional(*tangents):
            _, derivative, *aux = jvp(of_chosen, chosen, rebuild_arguments(list(tangents)), has_aux=has_aux)
            return (derivative, aux[0]) if has_aux else derivative

        out_dims = (0, None) if has_aux else 0
        columns = vmap(directional, out_dims=out_dims, randomness=randomness)(*_standard_basis(arguments))
        columns, aux = columns if has_aux else (columns, None)
        outputs, rebuild_outputs = flatten(columns)
        result = rebuild_outputs(
            [
                _chosen(
                    argnums,
                    rebuild_arguments(list(_split_rows(column, arguments, column[0], rows_first=False))),
                )
                for column in outputs
            ]
        )
        return (result, aux) if has_aux else result

    return jacobian


def hessian(func, argnums=0):
    """Return a function that computes the second derivatives of `func`, forwards over backwards.

    Example:
        >>> lampas.func.hessian(lambda x: (x * x * x).sum())(lampas.tensor([1.0, 2.0]))
        tensor([[ 6.,  0.],
                [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)


class _Tape:
    """The arguments of one call, those to differentiate with respect to made anew on the tape."""

    def __init__(self, args, argnums):
        self.argnums = argnums
        positions = argnums if isinstance(argnums, tuple) else (argnums,)
        for position in positions:
            if not -len(args) <= position < len(args):
                raise RuntimeError(f"Got argnum={position}, but only {len(args)} positional inputs")
        leaves, self.rebuild = flatten(tuple(args[position] for position in positions))
        _check_tensors(leaves, "grad and vjp: Expected the arguments to be")
        with enable_grad():
            self.inputs = [_core._differentiable(leaf) for leaf in leaves]
        self.args = list(args)
        for position, value in zip(positions, self.rebuild(self.inputs), strict=True):
            self.args[position] = value

    def run(self, func, kwargs):
        with enable_grad():
            return func(*self.args, **kwargs)

    def gradients(self, outputs, cotangents):
        """The gradients in the structure that argnums asks for; zeros where nothing depends on an "
        "argument."""
        with enable_grad():
            found = _core._gradients(tuple(outputs), tuple(self.inputs), tuple(cotangents), True, True, True)
        found = [
            _core.zeros_like(each) if gradient is None else gradient
            for gradient, each in zip(found, self.inputs, strict=True)
        ]
        structure = self.rebuild([self.released(gradient) for gradient in found])
        return structure if isinstance(self.argnums, tuple) else structure[0]

    def released(self, tree):
        """The same tensors, cut from the tape where they depend on nothing but this call's arguments."""
        leaves, rebuild = flatten(tree)
        return rebuild([self._release(leaf) if isinstance(leaf, Tensor) else leaf for leaf in leaves])

    def _release(self, tensor):
        if _core._depends_on_others((tensor,), tuple(self.inputs)) and _core.is_grad_enabled():
            return tensor
        return _core._detached(tensor)


def _split_aux(result, has_aux, what):
    if not has_aux:
        return result, None
    if not (isinstance(result, tuple) and len(result) == 2):
        raise RuntimeError(
            f"{what}: output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return result


def _without_tangents(level, aux):
    leaves, rebuild = flatten(aux)
    return rebuild([level.unpack(leaf)[0] for leaf in leaves])


def _check_tensors(leaves, what):
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"{what} only Tensors, got {type(leaf)}")


def _standard_basis(tensors):
    """For each tensor, rows that are 1 in one element of one tensor and 0 elsewhere: (all elements, "
    "*shape)."""
    total = sum(tensor.numel() for tensor in tensors)
    start = 0
    rows = []
    for tensor in tensors:
        row = _core.zeros(total, tensor.numel(), dtype=tensor.dtype, device=tensor.device)
        row.diagonal(-start).fill_(1)
        rows.append(row.view(total, *tensor.shape))
        start += tensor.numel()
    return rows


def _split_rows(matrix, tensors, other, rows_first):
    """Cut dim 0, which counts the elements of all `tensors`, into one Jacobian for each."""
    start = 0
    for tensor in tensors:
        piece = matrix.narrow(0, start, tensor.numel())
        start += tensor.numel()
        if rows_first:
            yield piece.reshape(*tensor.shape, *other.shape)
        else:
            yield piece.movedim(0, -1).reshape(*other.shape, *tensor.shape)


def _chosen(argnums, values):
    return values if isinstance(argnums, tuple) else values[0]
