"""Layers that look up rows of a table."""

import lampas
from lampas.nn import functional as F
from lampas.nn import init
from lampas.nn.functional.sparse import padding_row
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """The table of an embedding: drawn from a normal distribution, the padding row zero."""

    def __init__(self, num_embeddings, embedding_dim, padding_idx, weight, device, dtype, frozen=False):
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_row(padding_idx, num_embeddings)
        if weight is None:
            self.weight = Parameter(
                lampas.empty((num_embeddings, embedding_dim), device=device, dtype=dtype),
                requires_grad=not frozen,
            )
            self.reset_parameters()
        else:
            assert list(weight.shape) == [num_embeddings, embedding_dim], (
                "Shape of weight does not match num_embeddings and embedding_dim"
            )
            self.weight = Parameter(weight, requires_grad=not frozen)

    def _advice(self, input, *args, **kwargs):
        last = self.num_embeddings - 1
        lines = [f"fits: indices from 0 to {last}, dtype torch.int64 or torch.int32"]
        if input.is_floating_point():
            return [*lines, "try: input.long()"]
        low, high = int(input.min()), int(input.max())
        if high > last:
            lines.append(f"given are {low} to {high}; try: num_embeddings={high + 1}")
        return lines

    def reset_parameters(self):
        """Draw the table anew; the padding row becomes zero."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with lampas.no_grad():
                self.weight[self.padding_idx].fill_(0)


class Embedding(_Table):
    """Look up rows of a table of parameters; see `functional.embedding`.

    Args:
        num_embeddings (int): rows of the table.
        embedding_dim (int): its width.
        padding_idx (int): a row of zeros that gets no gradient.
        max_norm, norm_type, scale_grad_by_freq, sparse: as of `functional.embedding`.

    Shapes: input: integers of any shape (*); output (*, embedding_dim).

    Example:
        >>> nn.Embedding(10, 3)(lampas.tensor([[1, 2], [4, 3]])).shape
        torch.Size([2, 2, 3])
    """

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
        _weight=None,
        _freeze=False,
        device=None,
        dtype=None,
    ):
        super().__init__(num_embeddings, embedding_dim, padding_idx, _weight, device, dtype, _freeze)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse

    @classmethod
    def from_pretrained(
        cls,
        embeddings,
        freeze=True,
        padding_idx=None,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        sparse=False,
    ):
        """Make a layer of a given table of shape (rows, width)."""
        assert embeddings.dim() == 2, "Embeddings parameter is expected to be 2-dimensional"
        rows, width = embeddings.shape
        options = (padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
        return cls(rows, width, *options, _weight=embeddings, _freeze=freeze)

    def forward(self, input):
        return F.embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.sparse,
        )

    def extra_repr(self):
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        if self.padding_idx is not None:
            parts.append(f"padding_idx={self.padding_idx}")
        if self.max_norm is not None:
            parts.append(f"max_norm={self.max_norm}")
        if self.norm_type != 2:
            parts.append(f"norm_type={self.norm_type}")
        if self.scale_grad_by_freq is not False:
            parts.append(f"scale_grad_by_freq={self.scale_grad_by_freq}")
        if self.sparse is not False:
            parts.append("sparse=True")
        return ", ".join(parts)


class EmbeddingBag(_Table):
    """Look up rows of a table and fold those of each bag into one; see `functional.embedding_bag`.

    Args:
        num_embeddings (int): rows of the table.
        embedding_dim (int): its width.
        mode (str): "sum", "mean" or "max".
        padding_idx (int): a row that is left out of its bag.
        max_norm, norm_type, scale_grad_by_freq, sparse, include_last_offset: as of the function.

    Example:
        >>> nn.EmbeddingBag(10, 3)(lampas.tensor([[1, 2], [4, 3]])).shape
        torch.Size([2, 3])
    """

    def __init__(
        self,
        num_embeddings,
        embedding_dim,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        mode="mean",
        sparse=False,
        _weight=None,
        include_last_offset=False,
        padding_idx=None,
        device=None,
        dtype=None,
    ):
        super().__init__(num_embeddings, embedding_dim, padding_idx, _weight, device, dtype)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings,
        freeze=True,
        max_norm=None,
        norm_type=2.0,
        scale_grad_by_freq=False,
        mode="mean",
        sparse=False,
        include_last_offset=False,
        padding_idx=None,
    ):
        """Make a layer of a given table of shape (rows, width)."""
        assert embeddings.dim() == 2, "Embeddings parameter is expected to be 2-dimensional"
        rows, width = embeddings.shape
        options = (max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings)
        layer = cls(rows, width, *options, include_last_offset, padding_idx)
        layer.weight.requires_grad = not freeze
        return layer

    def forward(self, input, offsets=None, per_sample_weights=None):
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self):
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        if self.max_norm is not None:
            parts.append(f"max_norm={self.max_norm}")
        if self.norm_type != 2:
            parts.append(f"norm_type={self.norm_type}")
        if self.scale_grad_by_freq is not False:
            parts.append(f"scale_grad_by_freq={self.scale_grad_by_freq}")
        parts.append(f"mode={self.mode!r}")
        if self.padding_idx is not None:
            parts.append(f"padding_idx={self.padding_idx}")
        return ", ".join(parts)
