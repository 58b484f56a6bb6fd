"""vmap: a function of one example, run on a whole batch."""

import functools

from lampas import _core
from lampas._core import Tensor
from lampas.func.structure import flatten, spread


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """Return a function that runs `func` on every example of a batch at once.

    Args:
        func (callable): takes and returns tensors of one example.
        in_dims: which dim of each positional argument counts the examples; None for one that is the same for
            all. One number, or a structure like the arguments'. Keyword arguments are batched in dim 0.
        out_dims: where the results get that dim; one number, or a structure like the results'.
        randomness: 'error' (no random ops), 'different' or 'same' for each example.
        chunk_size (int): run so many examples at a time; all of them when None.

    Raises ValueError where dims or sizes do not fit.

    Example:
        >>> lampas.func.vmap(lampas.dot)(lampas.ones(2, 3), lampas.ones(2, 3))
        tensor([3., 3.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}"
        )
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("vmap: chunk_size should be None or greater than 0.")

    @functools.wraps(func)
    def batched(*args, **kwargs):
        leaves, rebuild, dims, batch_size = _batched_inputs(func, args, kwargs, in_dims)
        if chunk_size is None or chunk_size >= batch_size:
            return _run(func, leaves, rebuild, dims, batch_size, out_dims, randomness)
        return _run_chunks(func, leaves, rebuild, dims, batch_size, out_dims, randomness, chunk_size)

    return batched


def _name(func):
    return getattr(func, "__name__", repr(func))


def _batched_inputs(func, args, kwargs, in_dims):
    if not isinstance(in_dims, (int, tuple, list)):
        raise ValueError(
            f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): expected `in_dims` to be int or a "
            f"(potentially nested) tuple matching the structure of inputs, got: {type(in_dims)}."
        )
    if not args and not kwargs:
        raise ValueError(
            f"vmap({_name(func)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are "
            "trying to vmap over a function with no inputs. The latter is unsupported."
        )
    leaves, rebuild = flatten((args, kwargs))
    dims = spread(tuple(in_dims) if isinstance(in_dims, list) else in_dims, args, "in_dims")
    dims += [0] * (len(leaves) - len(dims))
    sizes = {}
    for position, (leaf, dim) in enumerate(zip(leaves, dims, strict=True)):
        if dim is None:
            continue
        if not isinstance(leaf, Tensor):
            raise ValueError(
                f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): Got in_dim={dim} for an input "
                f"but the input is of type {type(leaf)}. We cannot vmap over non-Tensor arguments, please "
                "use None as the respective in_dim"
            )
        if not -leaf.dim() <= dim < leaf.dim():
            raise ValueError(
                f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): Got in_dim={dim} for some input, "
                f"but that input is a Tensor of dimensionality {leaf.dim()} so expected in_dim to satisfy "
                f"-{leaf.dim()} <= in_dim < {leaf.dim()}."
            )
        dims[position] = dim % leaf.dim()
        sizes.setdefault(leaf.shape[dim])
    if not sizes:
        raise ValueError(
            f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): at least one input has to be batched: "
            "give it an in_dim that is not None."
        )
    if len(sizes) > 1:
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{list(sizes)} for the mapped dimension"
        )
    return leaves, rebuild, dims, next(iter(sizes))


def _run(func, leaves, rebuild, dims, batch_size, out_dims, randomness):
    with _core._VmapLevel(batch_size, randomness) as level:
        wrapped = [
            leaf if dim is None else level.wrap(leaf, dim) for leaf, dim in zip(leaves, dims, strict=True)
        ]
        args, kwargs = rebuild(wrapped)
        results, rebuild_results = flatten(func(*args, **kwargs))
        result_dims = spread(out_dims, rebuild_results(results), "out_dims")
        return rebuild_results(
            [_unwrapped(func, level, result, dim) for result, dim in zip(results, result_dims, strict=True)]
        )


def _unwrapped(func, level, result, dim):
    if not isinstance(result, Tensor):
        raise ValueError(
            f"vmap({_name(func)}, ...): `{_name(func)}` must only return Tensors, got type {type(result)}. "
            "Did you mean to set out_dims= to None for output?"
        )
    if dim is None:
        value, batch_dim = level.values(result)
        if batch_dim is not None:
            raise ValueError(
                f"vmap({_name(func)}, ...): `{_name(func)}` can not return a BatchedTensor when "
                "out_dim is None"
            )
        return value
    return level.unwrap(result, dim)


def _run_chunks(func, leaves, rebuild, dims, batch_size, out_dims, randomness, chunk_size):
    parts = []
    for start in range(0, batch_size, chunk_size):
        size = min(chunk_size, batch_size - start)
        chunk = [
            leaf if dim is None else leaf.narrow(dim, start, size)
            for leaf, dim in zip(leaves, dims, strict=True)
        ]
        parts.append(_run(func, chunk, rebuild, dims, size, out_dims, randomness))
    flat = [flatten(part) for part in parts]
    result_dims = spread(out_dims, parts[0], "out_dims")
    joined = [
        pieces[0] if dim is None else _core.cat(list(pieces), dim)
        for dim, *pieces in zip(result_dims, *(leaves for leaves, _ in flat), strict=True)
    ]
    return flat[0][1](joined)
