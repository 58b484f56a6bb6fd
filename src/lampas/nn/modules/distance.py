"""Layers that compare vectors."""

from lampas.nn import functional
from lampas.nn.modules.module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class PairwiseDistance(Module):
    """The p-norm of the difference of vectors; see `functional.pairwise_distance`.

    Example:
        >>> nn.PairwiseDistance()(lampas.tensor([[3.0, 4.0]]), lampas.zeros(1, 2))
        tensor([5.0000])
    """

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1, x2):
        return functional.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class CosineSimilarity(Module):
    """The cosine of the angle between vectors; see `functional.cosine_similarity`.

    Example:
        >>> nn.CosineSimilarity()(lampas.tensor([[3.0, 4.0]]), lampas.tensor([[3.0, -4.0]]))
        tensor([-0.2800])
    """

    def __init__(self, dim=1, eps=1e-8):
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1, x2):
        return functional.cosine_similarity(x1, x2, self.dim, self.eps)
