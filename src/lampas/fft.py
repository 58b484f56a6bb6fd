"""Discrete Fourier transforms, under the names of torch.fft, computed by numpy.fft."""

from lampas import _core
from lampas.amp import is_autocast_enabled
from lampas.argument_checks import check_tensors
from lampas.arrays import array_of, tensor_of
from lampas.dtype_names import scalar_type
from lampas.library import register_op

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

# How results are scaled, as PyTorch numbers it: not at all, by 1/sqrt(n), by 1/n.
_UNSCALED, _BY_ROOT, _BY_COUNT = 0, 1, 2
_COMPLEX_OF = {_core.float32: _core.complex64, _core.float64: _core.complex128}
_REAL_OF = {complex_dtype: dtype for dtype, complex_dtype in _COMPLEX_OF.items()}


def _scale(count, normalization):
    return {_UNSCALED: 1.0, _BY_ROOT: count**-0.5, _BY_COUNT: 1.0 / count}[normalization]


def _count(tensor, dims):
    count = 1
    for dim in dims:
        count *= tensor.shape[dim]
    return count


# The three transforms that all others are made of. NumPy scales none of them with these norms.


def _complex_to_complex(input, dim, normalization, forward):
    """Transform complex numbers along dims."""
    import numpy as np

    array = array_of(input)
    if forward:
        result = np.fft.fftn(array, axes=dim, norm="backward")
    else:
        result = np.fft.ifftn(array, axes=dim, norm="forward")
    return tensor_of(result * _scale(_count(input, dim), normalization), input.dtype, input.device)


def _real_to_complex(input, dim, normalization, onesided):
    """Transform real numbers along dims; onesided gives the first half of the last dim alone."""
    import numpy as np

    array = array_of(input)
    transform = np.fft.rfftn if onesided else np.fft.fftn
    result = transform(array, axes=dim, norm="backward") * _scale(_count(input, dim), normalization)
    return tensor_of(result, _COMPLEX_OF[input.dtype], input.device)


def _complex_to_real(input, dim, normalization, last_dim_size):
    """Transform the first half of a conjugate symmetric sequence back to real numbers."""
    import numpy as np

    sizes = [input.shape[each] for each in dim[:-1]] + [last_dim_size]
    result = np.fft.irfftn(array_of(input), s=sizes, axes=dim, norm="forward")
    count = _count(input, dim[:-1]) * last_dim_size
    return tensor_of(result * _scale(count, normalization), _REAL_OF[input.dtype], input.device)


def _keep_arguments(ctx, inputs, output):
    input, *ctx.rest = inputs
    ctx.shape = input.shape


def _complex_to_complex_backward(ctx, grad):
    # A transform is a matrix F with F^H the unscaled transform in the other direction.
    dim, normalization, forward = ctx.rest
    return fft_c2c(grad, dim, normalization, not forward), None, None, None


def _real_to_complex_backward(ctx, grad):
    dim, normalization, onesided = ctx.rest
    if onesided:  # the second half got no gradient
        missing = ctx.shape[dim[-1]] - grad.shape[dim[-1]]
        last = dim[-1] % grad.dim()
        grad = _core.constant_pad_nd(grad, (0, 0) * (grad.dim() - 1 - last) + (0, missing))
    return fft_c2c(grad, dim, normalization, False).real, None, None, None


def _complex_to_real_backward(ctx, grad):
    # Elements that stand for their mirror image too count twice.
    dim, normalization, last_dim_size = ctx.rest
    result = fft_r2c(grad, dim, normalization, True)
    length = result.shape[dim[-1]]
    weights = _core.ones(length, dtype=grad.dtype, device=grad.device)
    weights[1 : 1 + last_dim_size - length] = 2
    shape = [1] * result.dim()
    shape[dim[-1]] = length
    return result * weights.view(shape), None, None, None


fft_c2c = register_op(
    "_fft_c2c(Tensor input, int[] dim, int normalization, bool forward) -> Tensor",
    _complex_to_complex,
    _keep_arguments,
    _complex_to_complex_backward,
    "FftC2CBackward0",
)
fft_r2c = register_op(
    "_fft_r2c(Tensor input, int[] dim, int normalization, bool onesided) -> Tensor",
    _real_to_complex,
    _keep_arguments,
    _real_to_complex_backward,
    "FftR2CBackward0",
)
fft_c2r = register_op(
    "_fft_c2r(Tensor input, int[] dim, int normalization, int last_dim_size) -> Tensor",
    _complex_to_real,
    _keep_arguments,
    _complex_to_real_backward,
    "FftC2RBackward0",
)


def _normalization(norm, forward):
    if norm is None or norm == "backward":
        return _UNSCALED if forward else _BY_COUNT
    if norm == "forward":
        return _BY_COUNT if forward else _UNSCALED
    if norm == "ortho":
        return _BY_ROOT
    raise RuntimeError(f'Invalid normalization mode: "{norm}"')


def _promoted(input, name, wants_complex=False, wants_real=False):
    """Give the input in the dtype that its transform takes."""
    check_tensors(f"fft_{name}", input=input)
    if wants_real and input.is_complex():
        raise RuntimeError(f"{name} expects a real input tensor, but got {scalar_type(input)}")
    dtype = input.dtype
    if not (input.is_floating_point() or input.is_complex()):
        dtype = _core.get_default_dtype()
    if dtype in (_core.float16, _core.bfloat16) and is_autocast_enabled("cpu"):
        dtype = _core.float32
    if dtype not in _COMPLEX_OF and dtype not in _REAL_OF:
        raise RuntimeError(f"Unsupported dtype {scalar_type(input)}")
    if wants_complex:
        dtype = _COMPLEX_OF.get(dtype, dtype)
    return input if input.dtype == dtype else input.to(dtype)


def _wrapped_dim(dim, rank):
    if not -rank <= dim < rank:
        if rank == 0:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {dim})"
        )
    return dim % rank


def _resized(input, dims, sizes):
    """Cut off, or fill with zeros, so that the input has the given sizes (None: as it is) along dims."""
    padding = [0] * (2 * input.dim())
    for dim, size in zip(dims, sizes, strict=True):
        if size is None:
            continue
        if size < input.shape[dim]:
            input = input.narrow(dim, 0, size)
        padding[2 * (input.dim() - 1 - dim) + 1] = size - input.shape[dim]
    return _core.constant_pad_nd(input, padding) if any(padding) else input


def _checked_count(count):
    if count < 1:
        raise RuntimeError(f"Invalid number of data points ({count}) specified")
    return count


def _one_dim(input, n, dim):
    """Return (dim, the input with n elements along it)."""
    dim = _wrapped_dim(dim, input.dim())
    if n is not None:
        _checked_count(n)
        input = _resized(input, [dim], [n])
    else:
        _checked_count(input.shape[dim])
    return dim, input


def _written(name, result, out):
    if out is None:
        return result
    if not isinstance(out, _core.Tensor):
        raise TypeError(f"fft_{name}(): argument 'out' must be Tensor, not {type(out).__name__}")
    if result.is_complex() and not out.is_complex():
        raise RuntimeError(f"{name} expects a complex output tensor, but got {scalar_type(out)}")
    if not result.is_complex() and not out.is_floating_point():
        raise RuntimeError(f"{name} expects a floating point output tensor, but got {scalar_type(out)}")
    return _core._into(result, out=out)


def _transform_1d(name, input, n, dim, norm, forward, out):
    input = _promoted(input, name)
    dim, input = _one_dim(input, n, dim)
    normalization = _normalization(norm, forward)
    if input.is_complex():
        result = fft_c2c(input, [dim], normalization, forward)
    else:
        result = fft_r2c(input, [dim], normalization, False)
        result = result if forward else result.conj()
    return _written(name, result, out)


def fft(input, n=None, dim=-1, norm=None, *, out=None):
    """Transform a sequence along a dim.

    Args:
        input (Tensor): real or complex; integers are taken as the default dtype.
        n (int): how many elements to transform; the input is cut off or filled with zeros.
        dim (int): along which dim.
        norm (str): "backward" (no scaling), "ortho" (by 1/sqrt(n)) or "forward" (by 1/n).

    Raises RuntimeError for an empty sequence, an unknown norm or half precision.

    Example:
        >>> lampas.fft.fft(lampas.tensor([1.0, 0.0, 0.0, 0.0])).real
        tensor([1., 1., 1., 1.])
    """
    return _transform_1d("fft", input, n, dim, norm, True, out)


def ifft(input, n=None, dim=-1, norm=None, *, out=None):
    """Undo `fft`; "backward" scales by 1/n here.

    Example:
        >>> lampas.fft.ifft(lampas.tensor([2.0, 0.0])).real
        tensor([1., 1.])
    """
    return _transform_1d("ifft", input, n, dim, norm, False, out)


def rfft(input, n=None, dim=-1, norm=None, *, out=None):
    """Transform real numbers along a dim; the first n // 2 + 1 results, which tell the rest.

    Example:
        >>> lampas.fft.rfft(lampas.ones(4)).real
        tensor([4., 0., 0.])
    """
    input = _promoted(input, "rfft", wants_real=True)
    dim, input = _one_dim(input, n, dim)
    return _written("rfft", fft_r2c(input, [dim], _normalization(norm, True), True), out)


def _half_to_real(name, input, n, dim, norm, forward, out):
    input = _promoted(input, name, wants_complex=True)
    dim = _wrapped_dim(dim, input.dim())
    size = _checked_count(2 * (input.shape[dim] - 1) if n is None else n)
    if n is not None:
        input = _resized(input, [dim], [n // 2 + 1])
    input = input.conj() if forward else input
    return _written(name, fft_c2r(input, [dim], _normalization(norm, forward), size), out)


def irfft(input, n=None, dim=-1, norm=None, *, out=None):
    """Undo `rfft`: real numbers from the first half of their transform; n is 2 * (size - 1) by default.

    Example:
        >>> lampas.fft.irfft(lampas.tensor([4.0, 0.0, 0.0]))
        tensor([1., 1., 1., 1.])
    """
    return _half_to_real("irfft", input, n, dim, norm, False, out)


def hfft(input, n=None, dim=-1, norm=None, *, out=None):
    """Transform a conjugate symmetric sequence, given by its first half, to real numbers.

    Example:
        >>> lampas.fft.hfft(lampas.tensor([1.0, 0.0, 0.0]))
        tensor([1., 1., 1., 1.])
    """
    return _half_to_real("hfft", input, n, dim, norm, True, out)


def ihfft(input, n=None, dim=-1, norm=None, *, out=None):
    """Undo `hfft`.

    Example:
        >>> lampas.fft.ihfft(lampas.ones(4)).real
        tensor([1., 0., 0.])
    """
    input = _promoted(input, "ihfft", wants_real=True)
    dim, input = _one_dim(input, n, dim)
    return _written("ihfft", fft_r2c(input, [dim], _normalization(norm, False), True).conj(), out)


def _listed(value):
    return None if value is None else [value] if isinstance(value, int) else list(value)


def _dims_and_sizes(input, s, dim, least=0):
    """Return (dims, sizes or None) of a transform along several dims, checked."""
    s, dim = _listed(s), _listed(dim)
    rank = input.dim()
    if dim is not None:
        dims = [_wrapped_dim(each, rank) for each in dim]
        if len(set(dims)) != len(dims):
            raise RuntimeError("FFT dims must be unique")
        if s is not None and len(s) != len(dims):
            raise RuntimeError("When given, dim and shape arguments must have the same length")
    elif s is not None:
        if len(s) > rank:
            raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {rank} dimensions.")
        dims = list(range(rank - len(s), rank))
    else:
        dims = list(range(rank))
    sizes = [None] * len(dims) if s is None else [None if each == -1 else each for each in s]
    for each, size in zip(dims, sizes, strict=True):
        _checked_count(input.shape[each] if size is None else size)
    return dims, sizes


def _transform_nd(name, input, s, dim, norm, forward, out):
    input = _promoted(input, name, wants_complex=True)
    dims, sizes = _dims_and_sizes(input, s, dim)
    input = _resized(input, dims, sizes)
    if not dims:
        return _written(name, input.clone(), out)
    return _written(name, fft_c2c(input, dims, _normalization(norm, forward), forward), out)


def fftn(input, s=None, dim=None, norm=None, *, out=None):
    """Transform along several dims: `dim`, the last len(s), or all of them.

    Args:
        input (Tensor): real or complex.
        s (tuple of int): how many elements to transform along each; -1 for as many as there are.
        dim (tuple of int): along which dims.
        norm (str): as for `fft`.

    Example:
        >>> lampas.fft.fftn(lampas.ones(2, 2)).real
        tensor([[4., 0.],
                [0., 0.]])
    """
    return _transform_nd("fftn", input, s, dim, norm, True, out)


def ifftn(input, s=None, dim=None, norm=None, *, out=None):
    """Undo `fftn`.

    Example:
        >>> lampas.fft.ifftn(lampas.tensor([[4.0, 0.0], [0.0, 0.0]])).real
        tensor([[1., 1.],
                [1., 1.]])
    """
    return _transform_nd("ifftn", input, s, dim, norm, False, out)


def rfftn(input, s=None, dim=None, norm=None, *, out=None):
    """Transform real numbers along several dims; of the last of them, the first half.

    Example:
        >>> lampas.fft.rfftn(lampas.ones(2, 2)).real
        tensor([[4., 0.],
                [0., 0.]])
    """
    input = _promoted(input, "rfftn", wants_real=True)
    dims, sizes = _dims_and_sizes(input, s, dim)
    if not dims:
        raise RuntimeError("rfftn must transform at least one axis")
    return _written(
        "rfftn", fft_r2c(_resized(input, dims, sizes), dims, _normalization(norm, True), True), out
    )


def _half_dims(name, input, s, dim):
    """Return (input, dims, the size of the last dim in the result)."""
    input = _promoted(input, name, wants_complex=True)
    last_given = None if s is None else _listed(s)[-1]
    dims, sizes = _dims_and_sizes(input, s, dim)
    if not dims:
        raise RuntimeError(f"{name} must transform at least one axis")
    last = 2 * (input.shape[dims[-1]] - 1) if last_given in (None, -1) else last_given
    _checked_count(last)
    if sizes[-1] is not None:
        sizes[-1] = last // 2 + 1
    return _resized(input, dims, sizes), dims, last


def irfftn(input, s=None, dim=None, norm=None, *, out=None):
    """Undo `rfftn`.

    Example:
        >>> lampas.fft.irfftn(lampas.tensor([[4.0, 0.0], [0.0, 0.0]]))
        tensor([[1., 1.],
                [1., 1.]])
    """
    input, dims, last = _half_dims("irfftn", input, s, dim)
    return _written("irfftn", fft_c2r(input, dims, _normalization(norm, False), last), out)


def hfftn(input, s=None, dim=None, norm=None, *, out=None):
    """Transform a sequence along several dims that is conjugate symmetric along the last, to real numbers.

    Example:
        >>> lampas.fft.hfftn(lampas.ones(2, 2))
        tensor([[4., 0.],
                [0., 0.]])
    """
    input, dims, last = _half_dims("hfftn", input, s, dim)
    normalization = _normalization(norm, True)
    if len(dims) > 1:
        input = fft_c2c(input, dims[:-1], normalization, True)
    return _written("hfftn", fft_c2r(input.conj(), dims[-1:], normalization, last), out)


def ihfftn(input, s=None, dim=None, norm=None, *, out=None):
    """Undo `hfftn`.

    Example:
        >>> lampas.fft.ihfftn(lampas.ones(2, 2)).real
        tensor([[1., 0.],
                [0., 0.]])
    """
    input = _promoted(input, "ihfftn", wants_real=True)
    dims, sizes = _dims_and_sizes(input, s, dim)
    if not dims:
        raise RuntimeError("ihfftn must transform at least one axis")
    normalization = _normalization(norm, False)
    result = fft_r2c(_resized(input, dims, sizes), dims[-1:], normalization, True).conj()
    if len(dims) > 1:
        result = fft_c2c(result, dims[:-1], normalization, False)
    return _written("ihfftn", result, out)


def fft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """Transform along two dims, as `fftn` does.

    Example:
        >>> lampas.fft.fft2(lampas.ones(2, 2)).real
        tensor([[4., 0.],
                [0., 0.]])
    """
    return fftn(input, s, dim, norm, out=out)


def ifft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """Undo `fft2`."""
    return ifftn(input, s, dim, norm, out=out)


def rfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """Transform real numbers along two dims, as `rfftn` does."""
    return rfftn(input, s, dim, norm, out=out)


def irfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """Undo `rfft2`."""
    return irfftn(input, s, dim, norm, out=out)


def hfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """Transform along two dims, as `hfftn` does."""
    return hfftn(input, s, dim, norm, out=out)


def ihfft2(input, s=None, dim=(-2, -1), norm=None, *, out=None):
    """Undo `hfft2`."""
    return ihfftn(input, s, dim, norm, out=out)


def _shifted(input, dim, amount):
    dims = list(range(input.dim())) if dim is None else _listed(dim)
    if not dims:
        return input.clone()
    return input.roll([amount(input.shape[each]) for each in dims], dims)


def fftshift(input, dim=None):
    """Move the zero frequency to the middle of `dim`, or of all dims.

    Example:
        >>> lampas.fft.fftshift(lampas.tensor([0, 1, 2, -2, -1]))
        tensor([-2, -1,  0,  1,  2])
    """
    return _shifted(input, dim, lambda size: size // 2)


def ifftshift(input, dim=None):
    """Undo `fftshift`.

    Example:
        >>> lampas.fft.ifftshift(lampas.tensor([-2, -1, 0, 1, 2]))
        tensor([ 0,  1,  2, -2, -1])
    """
    return _shifted(input, dim, lambda size: (size + 1) // 2)


def _frequencies(n, d, half, out, options):
    positions = _core.arange(n, **options)
    if half:
        positions = _core.arange(n // 2 + 1, **options)
    else:
        positions = _core.where(positions >= (n + 1) // 2, positions - n, positions)
    requires_grad = options.pop("requires_grad", False)
    dtype = options.get("dtype") or _core.get_default_dtype()
    result = positions.detach().to(dtype) * (1.0 / (n * d))
    return _written("fftfreq", result.requires_grad_(requires_grad), out)


def fftfreq(n, d=1.0, *, out=None, **options):
    """Give the frequency that belongs to each result of `fft` of n samples, d apart.

    Example:
        >>> lampas.fft.fftfreq(4)
        tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return _frequencies(n, d, False, out, options)


def rfftfreq(n, d=1.0, *, out=None, **options):
    """Give the frequency that belongs to each result of `rfft` of n samples, d apart.

    Example:
        >>> lampas.fft.rfftfreq(4)
        tensor([0.0000, 0.2500, 0.5000])
    """
    return _frequencies(n, d, True, out, options)
