"""Ready-made parametrizations: weights as direction and length, of spectral norm one, or orthogonal."""

from enum import Enum
from functools import partial

import lampas
from lampas import Tensor
from lampas.nn.functional import normalize
from lampas.nn.modules.module import Module
from lampas.nn.utils.parametrize import register_parametrization
from lampas.nn.utils.spectral_norm_hook import output_dimension
from lampas.nn.utils.weight_norm_hook import length_of_slices, weight_of_length

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


def _tensor_named(module, name):
    tensor = getattr(module, name, None)
    if not isinstance(tensor, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    return tensor


# --- weight normalisation ---


class _WeightNorm(Module):
    """length * direction / |direction|, the norms taken over all dimensions but `dim`; -1 for one norm."""

    def __init__(self, dim=0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, length, direction):
        return weight_of_length(length, direction, self.dim)

    def right_inverse(self, weight):
        return length_of_slices(weight, self.dim), weight


def _rename_older_state(name, state_dict, prefix, *rest):
    """Take weight_g and weight_v, as `nn.utils.weight_norm` saves them, for the two originals."""
    older = [f"{prefix}{name}_g", f"{prefix}{name}_v"]
    if all(key in state_dict for key in older):
        for place, key in enumerate(older):
            state_dict[f"{prefix}parametrizations.{name}.original{place}"] = state_dict.pop(key)


def weight_norm(module, name="weight", dim=0):
    """Learn a weight as original0 * original1 / |original1|; return the module.

    A state dict of the older `nn.utils.weight_norm` can be loaded.

    Args:
        module (Module): whose tensor is parametrized.
        name (str): the tensor.
        dim (int): the dimension along which each slice has a length of its own; None for one length.

    Raises:
        ValueError: where there is no such tensor.

    Source: Salimans, Kingma, "Weight normalization", 2016.

    Example:
        >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(20, 40))
        >>> [original.shape for original in layer.parametrizations.weight.parameters()]
        [torch.Size([40, 1]), torch.Size([40, 20])]
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    module._register_load_state_dict_pre_hook(partial(_rename_older_state, name))
    return module


# --- spectral normalisation ---


class _SpectralNorm(Module):
    """A weight over its largest singular value, which power iteration estimates; a vector over its norm."""

    def __init__(self, weight, n_power_iterations=1, dim=0, eps=1e-12):
        super().__init__()
        dims = weight.dim()
        if not -dims <= dim < dims:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{dims}, {dims - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim = dim % dims
        self.eps = eps
        if dims > 1:
            self.n_power_iterations = n_power_iterations
            matrix = self._as_matrix(weight)
            drawn = [matrix.new_empty(size).normal_(0, 1) for size in matrix.shape]
            for name, vector in zip(("_u", "_v"), drawn, strict=True):
                self.register_buffer(name, normalize(vector, dim=0, eps=eps))
            self._iterate(matrix, 15)

    def _as_matrix(self, weight):
        """Return the weight with `dim` as rows and everything else as columns."""
        return weight.movedim(self.dim, 0).flatten(1)

    @lampas.no_grad()
    def _iterate(self, matrix, times):
        for _ in range(times):
            normalize(matrix.mv(self._v), dim=0, eps=self.eps, out=self._u)
            normalize(matrix.mH.mv(self._u), dim=0, eps=self.eps, out=self._v)

    def forward(self, weight):
        if weight.dim() == 1:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = self._as_matrix(weight)
        if self.training:
            self._iterate(matrix, self.n_power_iterations)
        # Cloned, as the gradient of this call needs them after the next call has overwritten the buffers.
        left, right = self._u.clone(), self._v.clone()
        return weight / left.vdot(matrix.mv(right))

    def right_inverse(self, value):
        return value


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divide a weight by its largest singular value; return the module.

    The singular vectors improve whenever the weight is read while the module trains.

    Args:
        module (Module): whose tensor is parametrized.
        name (str): the tensor; one of one dimension is divided by its norm.
        n_power_iterations (int): iterations in each read, ValueError below 1.
        eps (float): keeps a division from zero.
        dim (int): which dimension gives the outputs; 0, or 1 for transposed convolutions, when None.

    Raises:
        ValueError: where there is no such tensor.

    Source: Miyato et al., "Spectral normalization for generative adversarial networks", 2018.

    Example:
        >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(20, 40), n_power_iterations=20)
        >>> lampas.linalg.matrix_norm(layer.weight, 2) < 1.1
        tensor(True)
    """
    weight = _tensor_named(module, name)
    dim = output_dimension(module) if dim is None else dim
    register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))
    return module


# --- orthogonal matrices ---


class _OrthMaps(Enum):
    """How a matrix without constraints becomes an orthogonal one."""

    matrix_exp = 1
    cayley = 2
    householder = 3


def _is_orthogonal(matrix):
    """Whether the columns of square matrices are orthonormal, to ten roundings per row."""
    identity = lampas.eye(matrix.size(-1), dtype=matrix.dtype, device=matrix.device)
    tolerance = 10.0 * matrix.size(-2) * lampas.finfo(matrix.dtype).eps
    return lampas.allclose(matrix.mH @ matrix, identity, atol=tolerance)


def _orthogonalised(matrix):
    """Return Q of matrix = QR with a diagonal of R that is not negative, for matrices with n >= k."""
    packed, tau = lampas.geqrf(matrix)
    # The diagonal of R lies on that of `packed`.
    return lampas.linalg.householder_product(packed, tau) * _diagonal(packed).sgn().unsqueeze(-2)


def _diagonal(matrix):
    return matrix.diagonal(dim1=-2, dim2=-1)


def _skew_symmetric(matrix):
    """Return L - L^H of the lower triangle L of n x k matrices, with zeros to its right, n x n."""
    rows, columns = matrix.shape[-2:]
    lower = matrix.tril()
    if rows != columns:
        zeros = lower.new_zeros(rows, rows - columns).expand(*lower.shape[:-2], -1, -1)
        lower = lampas.cat([lower, zeros], dim=-1)
    return lower - lower.mH


def _cayley(skew):
    """Return (I - A/2)^-1 (I + A/2), which is orthogonal for a skew-symmetric A."""
    identity = lampas.eye(skew.size(-1), dtype=skew.dtype, device=skew.device)
    return lampas.linalg.solve(lampas.add(identity, skew, alpha=-0.5), lampas.add(identity, skew, alpha=0.5))


def _reflections(matrix):
    """Return the product of the reflections whose vectors lie below the diagonal, which holds signs."""
    vectors = matrix.tril(diagonal=-1)
    tau = 2.0 / (1.0 + (vectors * vectors).sum(dim=-2))
    signs = _diagonal(matrix).int()  # whole numbers, so that no gradient reaches the diagonal
    return lampas.linalg.householder_product(vectors, tau) * signs.unsqueeze(-2)


class _Orthogonal(Module):
    """Orthogonal matrices from any of the same shape; wide ones are handled as tall ones, transposed."""

    base: Tensor

    def __init__(self, weight, orthogonal_map, *, use_trivialization=True):
        super().__init__()
        if weight.is_complex() and orthogonal_map is _OrthMaps.householder:
            # n reflections have too few real parameters for a unitary matrix.
            raise ValueError("The householder parametrization does not support complex tensors.")
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, matrix):
        is_wide = matrix.size(-2) < matrix.size(-1)
        tall = matrix.mT if is_wide else matrix
        if self.orthogonal_map is _OrthMaps.householder:
            result = _reflections(tall)
        else:
            skew = _skew_symmetric(tall)
            is_exponential = self.orthogonal_map is _OrthMaps.matrix_exp
            result = lampas.matrix_exp(skew) if is_exponential else _cayley(skew)
            if result.size(-1) != tall.size(-1):
                result = result[..., : tall.size(-1)]
        if hasattr(self, "base"):
            result = self.base @ result
        return result.mT if is_wide else result

    @lampas.no_grad()
    def right_inverse(self, matrix):
        if matrix.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. "
                f"Got a tensor of shape {matrix.shape}."
            )
        is_wide = matrix.size(-2) < matrix.size(-1)
        tall = matrix.mT if is_wide else matrix
        if hasattr(self, "base"):
            self.base = self._completed(tall)
            # What every map takes to the identity: no skew part, signs as the reflections need them.
            original = lampas.zeros_like(matrix)
            _diagonal(original).fill_(-1.0)
            return original
        if self.orthogonal_map is not _OrthMaps.householder:
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential "
                "or the Cayley parametrizations when use_trivialization=False."
            )
        packed, tau = lampas.geqrf(tall)
        diagonal = _diagonal(packed)
        diagonal.sign_()
        diagonal[tau == 0.0] *= -1  # no reflection was needed there
        return packed.mT if is_wide else packed

    @staticmethod
    def _completed(tall):
        """Return square orthogonal matrices whose first columns span those of the given ones."""
        rows, columns = tall.shape[-2:]
        if rows == columns:
            return tall.clone() if _is_orthogonal(tall) else _orthogonalised(tall)
        others = lampas.randn(*tall.shape[:-2], rows, rows - columns, dtype=tall.dtype, device=tall.device)
        return _orthogonalised(lampas.cat([tall, others], dim=-1))


def orthogonal(module, name="weight", orthogonal_map=None, *, use_trivialization=True):
    """Keep a weight orthogonal (unitary where it is complex); return the module.

    Its columns are orthonormal, or its rows where it has more columns than rows. An optimizer trains a matrix
    without constraints, from which a map makes the orthogonal one. A weight that is not orthogonal yet starts
    as the Q of its QR decomposition.

    Args:
        module (Module): whose tensor is parametrized.
        name (str): the tensor, (..., rows, columns).
        orthogonal_map (str): "matrix_exp", exp(A), or "cayley", (I - A/2)^-1 (I + A/2), of a matrix with
            A^H = -A; or "householder", a product of reflections, for real matrices only. None takes
            "matrix_exp" for square and complex matrices, "householder" for others.
        use_trivialization (bool): train what is left of a fixed orthogonal matrix, the buffer `base`; it is
            the weight's value, and set anew when a value is assigned.

    Raises:
        ValueError: where there is no such tensor or map, and for a tensor of one dimension.
        NotImplementedError: when a value is assigned to "matrix_exp" or "cayley" without trivialization.

    Source: Lezcano-Casado, "Trivializations for gradient-based optimization on manifolds", 2019.

    Example:
        >>> layer = nn.utils.parametrizations.orthogonal(nn.Linear(20, 40))
        >>> lampas.dist(layer.weight.mT @ layer.weight, lampas.eye(20)) < 1e-5
        tensor(True)
    """
    weight = _tensor_named(module, name)
    if weight.dim() < 2:
        raise ValueError(
            f"Expected a matrix or batch of matrices. Got a tensor of {weight.dim()} dimensions."
        )
    if orthogonal_map is None:
        is_square = weight.size(-2) == weight.size(-1)
        orthogonal_map = "matrix_exp" if is_square or weight.is_complex() else "householder"
    if orthogonal_map not in _OrthMaps.__members__:
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    parametrization = _Orthogonal(weight, _OrthMaps[orthogonal_map], use_trivialization=use_trivialization)
    register_parametrization(module, name, parametrization, unsafe=True)
    return module
