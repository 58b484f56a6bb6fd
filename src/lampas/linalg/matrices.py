"""What the ops of linalg share: checks of matrices, and how they are registered."""

from lampas import _core
from lampas.argument_checks import check_tensors
from lampas.dtype_names import scalar_type
from lampas.library import register_batching_rule, register_op

SUPPORTED = (_core.float32, _core.float64, _core.complex64, _core.complex128)


class LinAlgError(RuntimeError):
    """Raised where a matrix does not have what was asked for: an inverse, a Cholesky factor, …"""


def check_matrix(tensor, function, name="A"):
    """Raise where a tensor is no batch of matrices of floating point or complex numbers."""
    check_tensors(function.replace(".", "_"), **{name: tensor})
    if tensor.dim() < 2:
        raise RuntimeError(f"{function}: The input tensor {name} must have at least 2 dimensions.")
    check_dtype(tensor, function)


def check_dtype(tensor, function):
    """Raise for integers and for low precision."""
    if not (tensor.is_floating_point() or tensor.is_complex()):
        raise RuntimeError(
            f"{function}: Expected a floating point or complex tensor as input. Got {scalar_type(tensor)}"
        )
    if tensor.dtype not in SUPPORTED:
        raise RuntimeError(f"{function}: Low precision dtypes not supported. Got {scalar_type(tensor)}")


def check_square(tensor, function, name="A"):
    """Raise where a tensor is no batch of square matrices."""
    check_matrix(tensor, function, name)
    rows, columns = tensor.shape[-2:]
    if rows != columns:
        raise RuntimeError(
            f"{function}: {name} must be batches of square matrices, but they are {rows} by {columns} "
            "matrices"
        )


def define(signature, forward, keep=None, backward=None, node_name=None):
    """Register an op of batches of matrices; vmap adds its dim to the batch where there is one tensor."""
    op = register_op(signature, forward, keep, backward, node_name)
    name = signature.split("(")[0]
    if signature.split("->")[0].count("Tensor") == 1:
        outputs = signature.split("->")[1].count("Tensor")

        def on_batch(info, in_dims, input, *rest):
            result = op(input.movedim(in_dims[0], 0), *rest)
            return result, (0,) * outputs if outputs > 1 else 0

        register_batching_rule(name, on_batch)
    return op


def real_like(tensor, dtype):
    """Give the real part where the dtype is real: the gradient of a real tensor is real."""
    return tensor.real if tensor.is_complex() and not dtype.is_complex else tensor


def written(results, out):
    """Write results (a tensor or a tuple) into out=, with the checks of every op."""
    if out is None:
        return results
    if isinstance(results, _core.Tensor):
        return _core._into(results, out=out)
    return type(results)(_core._into(result, out=target) for result, target in zip(results, out, strict=True))


def raise_first(function, infos, message):
    """Raise `message(k)` for the first k of an array that is not zero, where `function` is no empty name."""
    if not function or not infos.any():
        return
    flat = infos.reshape(-1).tolist()
    position = next(i for i, each in enumerate(flat) if each)
    element = f"(Batch element {position}): " if infos.ndim else ""
    raise LinAlgError(f"{function}: {element}{message(flat[position])}")
