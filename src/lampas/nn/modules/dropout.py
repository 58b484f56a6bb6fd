"""Dropout layers."""

from lampas.nn import functional
from lampas.nn.modules.module import Module

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _DropoutNd(Module):
    """What all dropout layers share: the probability, and whether they overwrite their input."""

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Zero each element with probability `p` while training, and scale the others by 1 / (1 - p).

    Example:
        >>> nn.Dropout(0.5).eval()(lampas.ones(3))
        tensor([1., 1., 1.])
    """

    def forward(self, input):
        return functional.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_DropoutNd):
    """Zero whole channels of lines while training; see `functional.dropout1d`."""

    def forward(self, input):
        return functional.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutNd):
    """Zero whole channels of pictures while training; see `functional.dropout2d`."""

    def forward(self, input):
        return functional.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_DropoutNd):
    """Zero whole channels of volumes while training; see `functional.dropout3d`."""

    def forward(self, input):
        return functional.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_DropoutNd):
    """Drop elements while training, as SELU needs it; see `functional.alpha_dropout`."""

    def forward(self, input):
        return functional.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_DropoutNd):
    """Drop whole channels while training, as SELU needs it; see `functional.feature_alpha_dropout`."""

    def forward(self, input):
        return functional.feature_alpha_dropout(input, self.p, self.training)
