"""Transforms of whole vectors and matrices: onto simplexes, and onto what makes a covariance."""

from lampas import _core
from lampas.distributions import constraints
from lampas.distributions.composing import OfOneKind
from lampas.distributions.utils import clamp_into_unit_interval
from lampas.numeric_limits import finfo

__all__ = [
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "SoftmaxTransform",
    "StickBreakingTransform",
]


def _checked_shape(shape, least):
    if len(shape) < least:
        raise ValueError("Too few dimensions on input")
    return shape


class SoftmaxTransform(OfOneKind):
    """y = softmax(x) over the last dimension; the inverse is the logarithm, one of many x.

    Example:
        >>> SoftmaxTransform()(lampas.zeros(2))
        tensor([0.5000, 0.5000])
    """

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x):
        return x.softmax(-1)

    def _inverse(self, y):
        return y.log()

    def _forward_shape(self, shape):
        return _checked_shape(shape, 1)

    _inverse_shape = _forward_shape


class StickBreakingTransform(OfOneKind):
    """Maps K reals to K + 1 parts of a stick of length 1: each breaks a share off what is left.

    Example:
        >>> StickBreakingTransform()(lampas.zeros(2))
        tensor([0.3333, 0.3333, 0.3333])

    Source: the Stan reference manual, "Unit simplex"; x = 0 gives parts of one size.
    """

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    @staticmethod
    def _log_odds_of_equal_parts(x):
        """Return log(K), …, log(1): what x is less than the shares' log odds."""
        count = x.shape[-1]
        return _core.arange(count, 0, -1, dtype=x.dtype, device=x.device).log()

    def _call(self, x):
        shares = clamp_into_unit_interval((x - self._log_odds_of_equal_parts(x)).sigmoid())
        one = _core.ones_like(shares[..., :1])
        left = _core.cat([one, (1 - shares).cumprod(-1)], -1)
        return _core.cat([shares, one], -1) * left

    def _inverse(self, y):
        parts = y[..., :-1]
        left = (1 - parts.cumsum(-1)).clamp(min=finfo(y.dtype).tiny)
        return parts.log() - left.log() + self._log_odds_of_equal_parts(parts)

    def _log_abs_det_jacobian(self, x, y):
        # Triangular: the product of share (1 - share) left = (1 - share) part.
        log_odds = x - self._log_odds_of_equal_parts(x)
        return (_core.log_sigmoid(-log_odds) + y[..., :-1].log()).sum(-1)

    def _forward_shape(self, shape):
        return _checked_shape(shape, 1)[:-1] + (shape[-1] + 1,)

    def _inverse_shape(self, shape):
        return _checked_shape(shape, 1)[:-1] + (shape[-1] - 1,)


class LowerCholeskyTransform(OfOneKind):
    """Maps square matrices to Cholesky factors: exp on the diagonal, nothing above it.

    Example:
        >>> LowerCholeskyTransform()(lampas.zeros(2, 2))
        tensor([[1., 0.],
                [0., 1.]])
    """

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def _call(self, x):
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y):
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(OfOneKind):
    """Maps square matrices to positive definite ones, by the Cholesky factors of LowerCholeskyTransform.

    Example:
        >>> PositiveDefiniteTransform()(lampas.zeros(2, 2))
        tensor([[1., 0.],
                [0., 1.]])
    """

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def _call(self, x):
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y):
        from lampas.linalg import cholesky  # only now: few need a matrix

        return LowerCholeskyTransform().inv(cholesky(y))
