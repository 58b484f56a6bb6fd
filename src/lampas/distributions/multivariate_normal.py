"""The normal distribution of vectors."""

import math

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.distribution import Distribution
from lampas.distributions.utils import lazy_property, standard_normal
from lampas.functional import broadcast_shapes
from lampas.linalg import cholesky, solve_triangular
from lampas.linalg.former_names import cholesky_inverse

__all__ = ["MultivariateNormal"]


def scale_tril_of_precision(precision):
    """Return the lower triangular L for which L L^T is the inverse of a matrix, without inverting that.

    With all rows and columns in reverse order, the Cholesky factor F of `precision` is an upper triangular
    U = flip(F), U U^T = precision; L is U^-T.
    """
    upper = cholesky(precision.flip((-2, -1))).flip((-2, -1))
    identity = _core.eye(precision.shape[-1], dtype=precision.dtype, device=precision.device)
    return solve_triangular(upper.mT, identity, upper=False)


def squared_mahalanobis(scale_tril, difference):
    """Return |scale_tril^-1 difference|^2 over the last dimension; both broadcast in the others."""
    batch_shape = broadcast_shapes(scale_tril.shape[:-2], difference.shape[:-1])
    scale_tril = scale_tril.expand(batch_shape + scale_tril.shape[-2:])
    difference = difference.expand(batch_shape + difference.shape[-1:])
    return (solve_triangular(scale_tril, difference.unsqueeze(-1), upper=False) ** 2).sum((-2, -1))


def half_log_determinant(scale_tril):
    """Return log det(scale_tril), which is half of the covariance's."""
    return scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)


class MultivariateNormal(Distribution):
    """The normal distribution of vectors of length K, given by one of three matrices.

    Args:
        loc (Tensor): the mean, shape (..., K).
        covariance_matrix (Tensor, optional): positive definite, shape (..., K, K).
        precision_matrix (Tensor, optional): the covariance's inverse.
        scale_tril (Tensor, optional): the covariance's Cholesky factor; the one that is used to compute.

    Example:
        >>> MultivariateNormal(lampas.zeros(2), lampas.eye(2)).log_prob(lampas.zeros(2))
        tensor(-1.8379)
    """

    arg_constraints = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None
    ):
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        matrices = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        given = [(name, matrix) for name, matrix in matrices.items() if matrix is not None]
        if len(given) != 1:
            raise ValueError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."
            )
        ((name, matrix),) = given
        if matrix.dim() < 2:
            shown = "scale_tril matrix" if name == "scale_tril" else name
            raise ValueError(
                f"{shown} must be at least two-dimensional, with optional leading batch dimensions"
            )
        batch_shape = broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        setattr(self, name, matrix.expand((*batch_shape, *matrix.shape[-2:])))
        self.loc = loc.expand((*batch_shape, *loc.shape[-1:]))
        super().__init__(batch_shape, loc.shape[-1:], validate_args=validate_args)
        # Without the batch dimensions that only `loc` has, to compute less.
        if name == "scale_tril":
            self._unbroadcasted_scale_tril = matrix
        elif name == "covariance_matrix":
            self._unbroadcasted_scale_tril = cholesky(matrix)
        else:
            self._unbroadcasted_scale_tril = scale_tril_of_precision(matrix)

    def _expanded(self, matrix):
        return matrix.expand(self._batch_shape + self._event_shape + self._event_shape)

    @lazy_property
    def scale_tril(self):
        return self._expanded(self._unbroadcasted_scale_tril)

    @lazy_property
    def covariance_matrix(self):
        return self._expanded(self._unbroadcasted_scale_tril @ self._unbroadcasted_scale_tril.mT)

    @lazy_property
    def precision_matrix(self):
        return self._expanded(cholesky_inverse(self._unbroadcasted_scale_tril))

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @property
    def variance(self):
        variance = (self._unbroadcasted_scale_tril**2).sum(-1)
        return variance.expand(self._batch_shape + self._event_shape)

    def _rsample(self, sample_shape):
        drawn = standard_normal(self._extended_shape(sample_shape), self.loc)
        return self.loc + (self._unbroadcasted_scale_tril @ drawn.unsqueeze(-1)).squeeze(-1)

    def _log_prob(self, value):
        factor = self._unbroadcasted_scale_tril
        constant = self._event_shape[0] * math.log(2 * math.pi)
        return -0.5 * (constant + squared_mahalanobis(factor, value - self.loc)) - half_log_determinant(
            factor
        )

    def _entropy(self):
        entropy = 0.5 * self._event_shape[0] * (1 + math.log(2 * math.pi)) + half_log_determinant(
            self._unbroadcasted_scale_tril
        )
        return entropy.expand(self._batch_shape)
