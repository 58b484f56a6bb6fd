"""Powers and products of matrices, their norms, and what is made of those."""

import math

from lampas import _core
from lampas.arrays import array_of, tensor_of
from lampas.linalg.matrices import check_dtype, check_matrix, check_square, define, written
from lampas.linalg.spectra import svdvals
from lampas.linalg.systems import inv

vector_norm = _core.linalg_vector_norm
cross = _core.linalg_cross
matmul = _core.matmul


def matrix_power(A, n, *, out=None):
    """Multiply square matrices with themselves n times; negative n takes the inverse first.

    Example:
        >>> lampas.linalg.matrix_power(lampas.tensor([[1.0, 1.0], [0.0, 1.0]]), 3)
        tensor([[1., 3.],
                [0., 1.]])
    """
    if A.dim() < 2:
        raise RuntimeError("linalg.matrix_power: The input tensor A must have at least 2 dimensions.")
    if A.shape[-1] != A.shape[-2]:
        rows, columns = A.shape[-2:]
        raise RuntimeError(
            "linalg.matrix_power: A must be batches of square matrices, but they are "
            f"{rows} by {columns} matrices"
        )
    if n == 0:
        return written(_identity_beside(A), out)
    base, left, result = inv(A) if n < 0 else A, abs(n), None
    while left:  # the binary digits of n
        if left & 1:
            result = base if result is None else result @ base
        left >>= 1
        base = base @ base if left else base
    assert result is not None  # n has a digit that is not 0
    return written(result.clone() if n == 1 else result, out)


def _identity_beside(A):
    """Give identity matrices that are tracked where A is, with a gradient of zero."""
    unit = _core.eye(*A.shape[-2:], dtype=A.dtype, device=A.device)
    return _core.where(_core.zeros((), dtype=_core.bool, device=A.device), A, unit)


def multi_dot(tensors, *, out=None):
    """Multiply matrices in the order that takes the fewest multiplications; the ends may be vectors.

    Example:
        >>> lampas.linalg.multi_dot([lampas.ones(2, 3), lampas.ones(3, 4), lampas.ones(4)])
        tensor([12., 12.])
    """
    tensors = list(tensors)
    if len(tensors) < 2:
        raise RuntimeError("multi_dot(): expected at least 2 tensors but got " + str(len(tensors)))
    for place, tensor in enumerate(tensors):
        if place in (0, len(tensors) - 1):
            if tensor.dim() not in (1, 2):
                raise RuntimeError(
                    f"multi_dot(): the {'first' if place == 0 else 'last'} tensor must be 1D or 2D but got "
                    f"{tensor.dim()}D"
                )
        elif tensor.dim() != 2:
            raise RuntimeError(f"multi_dot(): tensor {place} must be 2D but got {tensor.dim()}D")
        if tensor.dtype != tensors[0].dtype:
            raise RuntimeError(
                "multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{tensors[0].dtype} and tensor {place} {tensor.dtype}"
            )
    shape = [*(tensors[0].shape[:1] if tensors[0].dim() == 2 else ()), *tensors[-1].shape[1:]]
    factors = [tensors[0].unsqueeze(0) if tensors[0].dim() == 1 else tensors[0], *tensors[1:-1]]
    factors.append(tensors[-1].unsqueeze(-1) if tensors[-1].dim() == 1 else tensors[-1])
    for left, right, place in zip(factors, factors[1:], range(len(factors)), strict=False):
        if left.shape[1] != right.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {place} and {place + 1} with shapes {list(left.shape)} and "
                f"{list(right.shape)} cannot be multiplied"
            )
    sizes = [factors[0].shape[0], *(factor.shape[1] for factor in factors)]
    return written(_product(factors, _best_splits(sizes), 0, len(factors) - 1).reshape(shape), out)


def _best_splits(sizes):
    """Where to split the product of factors i to j: dynamic programming over the chain's length."""
    count = len(sizes) - 1
    cost = [[0] * count for _ in range(count)]
    split = [[0] * count for _ in range(count)]
    for length in range(1, count):
        for first in range(count - length):
            last = first + length
            cost[first][last], split[first][last] = min(
                (cost[first][k] + cost[k + 1][last] + sizes[first] * sizes[k + 1] * sizes[last + 1], k)
                for k in range(first, last)
            )
    return split


def _product(factors, split, first, last):
    if first == last:
        return factors[first]
    middle = split[first][last]
    return _product(factors, split, first, middle) @ _product(factors, split, middle + 1, last)


def _matrix_exp(input):
    """Take exponentials of square matrices by scaling, a Taylor polynomial, and squaring."""
    import numpy as np

    array = array_of(input)
    wide = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
    size = wide.shape[-1]
    largest = np.abs(wide).sum(-2).max(-1, initial=0.0) if wide.size else np.zeros(wide.shape[:-2])
    halvings = np.maximum(0, np.ceil(np.log2(np.maximum(largest, 1e-300) / 0.5))).astype(int)
    scaled = wide / (2.0**halvings)[..., None, None]
    term = result = np.broadcast_to(np.eye(size, dtype=wide.dtype), wide.shape)
    for order in range(1, 19):  # 0.5^18 / 18! is below double precision
        term = term @ scaled / order
        result = result + term
    for step in range(int(halvings.max(initial=0))):
        result = np.where((step < halvings)[..., None, None], result @ result, result)
    return tensor_of(result, input.dtype, input.device)


def _keep_matrix(ctx, inputs, output):
    ctx.save_for_backward(inputs[0])


def _matrix_exp_backward(ctx, grad):
    # exp([[A^H, G], [0, A^H]]) has the gradient in its upper right block.
    (A,) = ctx.saved_tensors
    size = A.shape[-1]
    above = _core.cat([A.mH, grad], -1)
    below = _core.cat([_core.zeros_like(grad), A.mH], -1)
    return _matrix_exp_op(_core.cat([above, below], -2))[..., :size, size:]


_matrix_exp_op = define(
    "_linalg_matrix_exp(Tensor input) -> Tensor",
    _matrix_exp,
    _keep_matrix,
    _matrix_exp_backward,
    "LinalgMatrixExpBackward0",
)


def matrix_exp(A):
    """Take the exponentials of square matrices.

    Example:
        >>> lampas.linalg.matrix_exp(lampas.zeros(2, 2))
        tensor([[1., 0.],
                [0., 1.]])
    """
    check_square(A, "linalg.matrix_exp")
    return _matrix_exp_op(A)


def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None, out=None):
    """Take norms of matrices.

    Args:
        A (Tensor): (…, m, n), or with the matrices along `dim`.
        ord: "fro", "nuc" (the sum of singular values), 2, -2 (the largest, smallest of them), 1, -1 (the
            largest, smallest sum of a column's absolute values), inf, -inf (of a row's).
        dim (tuple of two ints): along which dims the matrices lie.
        keepdim (bool): whether these stay with size 1.
        dtype: the dtype to compute in.

    Example:
        >>> lampas.linalg.matrix_norm(lampas.tensor([[3.0, 4.0]]))
        tensor(5.)
    """
    if ord not in ("fro", "nuc") and (isinstance(ord, str) or abs(ord) not in (1, 2, math.inf)):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    _check_norm_input(A, "linalg.matrix_norm")
    dim = tuple(dim)
    if len(dim) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dim))}")
    rows, columns = (_place(each, A.dim()) for each in dim)
    if rows == columns:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    if dtype is not None:
        A = A.to(dtype)
    if ord == "fro":
        return written(vector_norm(A, 2, (rows, columns), keepdim), out)
    if ord in ("nuc", 2, -2):
        values = svdvals(A.movedim((rows, columns), (-2, -1)))
        result = values.sum(-1) if ord == "nuc" else values.amax(-1) if ord == 2 else values.amin(-1)
        if keepdim:
            result = result.unsqueeze(min(rows, columns)).unsqueeze(max(rows, columns))
        return written(result, out)
    summed, folded = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = vector_norm(A, 1, summed, True)
    result = sums.amax(folded, True) if ord > 0 else sums.amin(folded, True)
    if not keepdim:
        result = result.squeeze((rows, columns))
    return written(result, out)


def _check_norm_input(A, function):
    if A.dim() < 2:
        raise RuntimeError(f"{function}: The input tensor A must have at least 2 dimensions.")
    if not (A.is_floating_point() or A.is_complex()):
        check_dtype(A, function)


def _place(dim, rank):
    if not -rank <= dim < rank:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {dim})"
        )
    return dim % rank


def norm(A, ord=None, dim=None, keepdim=False, *, out=None, dtype=None):
    """Take a vector norm or a matrix norm, as `ord` and `dim` say.

    Args:
        A (Tensor): any shape.
        ord: None for the 2-norm of all elements, or as for `vector_norm` and `matrix_norm`.
        dim: one dim for vectors, two for matrices; by default all of a tensor of one or two dims.
        keepdim (bool): whether these dims stay with size 1.
        dtype: the dtype to compute in.

    Example:
        >>> lampas.linalg.norm(lampas.tensor([3.0, 4.0]))
        tensor(5.)
    """
    if isinstance(dim, int):
        dim = (dim,)
    if dim is not None and len(dim) not in (1, 2) and ord is not None:
        raise RuntimeError(
            "linalg.norm: If dim is specified, it must be of length 1 or 2. Got ["
            + ", ".join(map(str, dim))
            + "]"
        )
    if ord is not None and dim is None and A.dim() not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.dim()}D."
        )
    if ord is not None and (len(dim) == 2 if dim is not None else A.dim() == 2):
        return matrix_norm(A, ord, (0, 1) if dim is None else dim, keepdim, dtype=dtype, out=out)
    if isinstance(ord, str):
        raise RuntimeError(f"linalg.norm: Order {ord} is for matrices")
    result = vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)
    return written(result, out)


def cond(A, p=None, *, out=None):
    """Take the condition numbers of matrices: the norm times that of the inverse.

    Args:
        A (Tensor): (…, m, n); square unless `p` is None, 2 or -2.
        p: as `ord` of `matrix_norm`; None for 2.

    Example:
        >>> lampas.linalg.cond(lampas.tensor([[2.0, 0.0], [0.0, 1.0]]))
        tensor(2.)
    """
    check_matrix(A, "linalg.cond")
    if p is None or p in (2, -2):
        values = svdvals(A)
        if values.shape[-1] == 0:
            return written(values.new_zeros(values.shape[:-1]), out)
        largest, smallest = values[..., 0], values[..., -1]
        return written(smallest / largest if p == -2 else largest / smallest, out)
    check_square(A, "linalg.cond")
    if p not in ("fro", "nuc", 1, -1, math.inf, -math.inf):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    from lampas.linalg.systems import inv_ex

    if A.numel() == 0:
        return written((A.real if A.is_complex() else A).new_zeros(A.shape[:-2]), out)
    inverse, info = inv_ex(A)
    result = matrix_norm(A, p) * matrix_norm(inverse, p)
    if not A.is_meta and bool(info.any()):
        result = result.masked_fill(info > 0, math.inf)
    return written(result, out)


def vecdot(x, y, *, dim=-1, out=None):
    """Sum the products of two batches of vectors along a dim, those of the first conjugated.

    Example:
        >>> lampas.linalg.vecdot(lampas.tensor([1.0, 2.0]), lampas.tensor([3.0, 4.0]))
        tensor(11.)
    """
    check_dtype_of_product(x, y)
    if x.dim() == 1 and y.dim() == 1:
        return written(_core.vdot(x, y), out)
    return written((x.conj() * y).sum(dim), out)


def check_dtype_of_product(x, y):
    """Raise where two tensors of different dtypes are multiplied."""
    if x.dtype != y.dtype:
        raise RuntimeError(
            f"linalg.vecdot: Expected x and y to have the same dtype, but found {x.dtype} and {y.dtype}"
        )


def diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """View the diagonals of matrices.

    Example:
        >>> lampas.linalg.diagonal(lampas.tensor([[1, 2], [3, 4]]))
        tensor([1, 4])
    """
    return _core.diagonal(A, offset, dim1, dim2)


def vander(x, *, N=None):
    """Take the powers 0 to N - 1 of every element, along a new last dim.

    Example:
        >>> lampas.linalg.vander(lampas.tensor([1, 2]), N=3)
        tensor([[1, 1, 1],
                [1, 2, 4]])
    """
    x = x.reshape(1) if x.dim() == 0 else x
    count = x.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    if x.dtype == _core.bool:
        x = x.to(_core.int64)
    base = x.unsqueeze(-1).expand(*x.shape, count - 1)
    powers = base.cumprod(-1)
    return _core.cat([_core.ones_like(powers[..., :1]), powers], -1)


def householder_product(A, tau, *, out=None):
    """Multiply the reflections I - tau v v^H that `geqrf` gives.

    Args:
        A (Tensor): (…, m, n): v of each column is 1 on the diagonal and what stands below it.
        tau (Tensor): (…, k), k at most n.

    Returns the first n columns of the product.

    Example:
        >>> lampas.linalg.householder_product(lampas.eye(2), lampas.zeros(2))
        tensor([[1., 0.],
                [0., 1.]])
    """
    _check_reflections(A, tau)
    return written(reflected(A, tau, _identity_beside(A), reversed(range(tau.shape[-1]))), out)


def _check_reflections(A, tau):
    function = "torch.linalg.householder_product"
    if A.dim() < 2:
        raise RuntimeError(f"{function}: input must have at least 2 dimensions.")
    if A.shape[-2] < A.shape[-1]:
        raise RuntimeError(f"{function}: input.shape[-2] must be greater than or equal to input.shape[-1]")
    if A.shape[-1] < tau.shape[-1]:
        raise RuntimeError(f"{function}: input.shape[-1] must be greater than or equal to tau.shape[-1]")
    if A.dim() - tau.dim() != 1:
        raise RuntimeError(
            f"{function}: Expected tau to have one dimension less than input, but got tau.ndim equal to "
            f"{tau.dim()} and input.ndim is equal to {A.dim()}"
        )
    if tau.shape[:-1] != A.shape[:-2]:
        raise RuntimeError(
            f"{function}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got "
            f"{list(tau.shape[:-1])}"
        )
    if A.dtype != tau.dtype:
        raise RuntimeError(f"{function}: tau dtype {tau.dtype} does not match input dtype {A.dtype}")


def reflected(A, tau, target, order):
    """Apply the reflections to the columns of `target`, one after the other."""
    rows = A.shape[-2]
    places = _core.arange(rows, device=A.device)
    for i in order:
        vector = _core.where(places > i, A[..., i], _core.zeros((), dtype=A.dtype, device=A.device))
        vector = (vector + (places == i).to(A.dtype)).unsqueeze(-1)
        target = target - tau[..., i, None, None] * (vector @ (vector.mH @ target))
    return target
