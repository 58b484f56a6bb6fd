"""AdaptiveLogSoftmaxWithLoss."""

from collections import namedtuple
from itertools import pairwise

import lampas
from lampas.nn.functional import log_softmax
from lampas.nn.modules.container import ModuleList, Sequential
from lampas.nn.modules.linear import Linear
from lampas.nn.modules.module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]

_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-probabilities of very many classes: the frequent ones at once, the rare ones in clusters.

    Args:
        in_features (int): size of the input.
        n_classes (int): number of classes, sorted from frequent to rare.
        cutoffs (list of int): where the clusters begin, increasing, each from 1 to n_classes - 1.
        div_value (float): by how much smaller each cluster's projection is than the last one's.
        head_bias (bool): whether the first layer has a bias.

    `forward(input, target)` takes (N, in_features) and (N), or (in_features) and (), and returns the
    log-probability of each target and the mean of their negatives.

    Raises:
        ValueError: for wrong cutoffs; RuntimeError: for inputs and targets that do not fit.

    Source: Grave et al., "Efficient softmax approximation for GPUs", 2017.
    """

    def __init__(
        self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None, dtype=None
    ):
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if (
            cutoffs != sorted(set(cutoffs))
            or cutoffs[0] <= 0
            or cutoffs[-1] > n_classes - 1
            or any(int(cutoff) != cutoff for cutoff in cutoffs)
        ):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, "
                "where each value is between 1 and n_classes-1"
            )
        factory = {"device": device, "dtype": dtype}
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, **factory)
        self.tail = ModuleList()
        for i, (begin, end) in enumerate(pairwise(self.cutoffs)):
            hidden = int(in_features // div_value ** (i + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, hidden, bias=False, **factory),
                    Linear(hidden, end - begin, bias=False, **factory),
                )
            )

    def reset_parameters(self):
        """Draw all parameters anew."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster:
                layer.reset_parameters()

    def forward(self, input_, target_):
        if target_.dim() > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if target_.dim() == 1 and input_.shape[0] != target_.shape[0]:
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if input_.dim() != target_.dim() + 1:
            raise RuntimeError(
                f"{target_.dim()}D target tensor expects {target_.dim() + 1}D input tensors, but found "
                f"inputs with size {input_.size()}"
            )
        target = target_.reshape(-1)
        if ((target < 0) | (target >= self.n_classes)).any():
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                f"[{target.min().item()}, {target.max().item()}] were found. "
            )
        log_prob = self.log_prob(input_.reshape(-1, self.in_features))
        output = log_prob.gather(1, target.unsqueeze(1)).squeeze(1)
        return _ASMoutput(output.reshape(target_.shape), (-output).mean())

    def log_prob(self, input):
        """Return the log-probabilities (N, n_classes) of all classes."""
        head = log_softmax(self.head(input), dim=1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            of_cluster = head[:, self.shortlist_size + i].unsqueeze(1)
            parts.append(log_softmax(cluster(input), dim=1) + of_cluster)
        return lampas.cat(parts, 1)

    def predict(self, input):
        """Return the class of each row: of the shortlist, or if a cluster is likelier than these, of all."""
        best = self.head(input).argmax(1)
        return lampas.where(best < self.shortlist_size, best, self.log_prob(input).argmax(1))
