"""Names that PyTorch keeps for old programs: some still work, the others say what to call instead."""

from warnings import warn

from lampas import _core

_REMOVED = "This function was deprecated since version 1.9 and is now removed."


def range(start, end, step=1, *, out=None, dtype=None, device=None, requires_grad=False):
    """Count from `start` to `end`, the end included, in the default floating point dtype; see `arange`.

    Deprecated, as in PyTorch: every call warns.
    """
    warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is "
        "inconsistent with Python's range builtin. Instead, use torch.arange, which produces values in "
        "[start, end).",
        stacklevel=2,
    )
    dtype = dtype or (_core.get_default_dtype() if out is None else out.dtype)
    if not (dtype.is_floating_point or dtype.is_complex):
        start, end, step = int(start), int(end), int(step)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not abs(end - start) < float("inf"):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = int((end - start) / step) + 1
    behind = start + count * step
    if isinstance(behind, float):  # rounding must not add an element
        behind -= step / 2
    options = {"device": device, "requires_grad": requires_grad} if out is None else {}
    return _core.arange(start, behind, step, dtype=dtype, out=out, **options)


def eig(input, eigenvectors=False, *, out=None):
    """Raise RuntimeError: `linalg.eig` took its place."""
    raise RuntimeError(
        f"{_REMOVED} `torch.linalg.eig` returns complex tensors of dtype `cfloat` or `cdouble` rather "
        "than real tensors mimicking complex tensors.\n\n"
        "L, _ = torch.eig(A) should be replaced with L_complex = torch.linalg.eigvals(A)."
    )


def solve(input, A, *, out=None):
    """Raise RuntimeError: `linalg.solve` took its place."""
    raise RuntimeError(
        f"{_REMOVED} `torch.solve` is deprecated in favor of `torch.linalg.solve`. `torch.linalg.solve` has "
        "its arguments reversed and does not return the LU factorization.\n\n"
        "X = torch.solve(B, A).solution should be replaced with X = torch.linalg.solve(A, B)."
    )


def lstsq(input, A, *, out=None):
    """Raise RuntimeError: `linalg.lstsq` took its place."""
    raise RuntimeError(
        f"{_REMOVED} `torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`.\n"
        "X, _ = torch.lstsq(B, A).solution[:A.size(1)] should be replaced with "
        "X = torch.linalg.lstsq(A, B).solution."
    )


def symeig(input, eigenvectors=False, upper=True, *, out=None):
    """Raise RuntimeError: `linalg.eigh` took its place."""
    raise RuntimeError(
        f"{_REMOVED} The default behavior has changed from using the upper triangular portion of the matrix "
        "by default to using the lower triangular portion.\n\n"
        "L, V = torch.symeig(A, eigenvectors=True) should be replaced with "
        "L, V = torch.linalg.eigh(A, UPLO='U' if upper else 'L')."
    )


def matrix_rank(input, tol=None, symmetric=False, *, out=None):
    """Raise RuntimeError: `linalg.matrix_rank` took its place."""
    raise RuntimeError(f"{_REMOVED}\nPlease use the `torch.linalg.matrix_rank` function instead.")


def resize(self, *sizes):
    """Return the tensor in other sizes of as many elements, as `reshape` does.

    Deprecated, as in PyTorch: every call warns.
    """
    warn("non-inplace resize is deprecated", stacklevel=2)
    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
    count = 1
    for size in sizes:
        count *= size
    if count != self.numel():
        raise RuntimeError(
            f"requested resize to {'x'.join(map(str, sizes))} ({count} elements in total), but the given "
            f"tensor has a size of {'x'.join(map(str, self.shape))} ({self.numel()} elements). autograd's "
            "resize can only change the shape of a given tensor, while preserving the number of elements. "
        )
    return self.reshape(sizes)


def resize_as(self, tensor):
    """Return the tensor in the sizes of another one of as many elements, as `reshape_as` does."""
    return resize(self, *tensor.shape)


# ---- Questions about sparse tensors, of which there are none


def to_dense(self, dtype=None, *, masked_grad=True):
    """Return the tensor itself, which is dense, or converted to a dtype."""
    return self if dtype is None else self.to(dtype)


def sparse_dim(self):
    """Return how many dims of the tensor are sparse: none."""
    return 0


def dense_dim(self):
    """Return how many dims of the tensor are dense: all."""
    return self.dim()


def _needing(name, layout):
    def method(self):
        raise RuntimeError(f"{name} expected {layout} tensor layout but got Strided")

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"Raise RuntimeError: only a sparse tensor has `{name}`, and there are none."
    return method


coalesce = _needing("coalesce", "sparse coordinate")
is_coalesced = _needing("is_coalesced", "sparse coordinate")
indices = _needing("indices", "sparse coordinate")
values = _needing("values", "sparse")
crow_indices = _needing("crow_indices", "sparse row compressed")
col_indices = _needing("col_indices", "sparse row compressed")
