"""MultiheadAttention."""

import lampas
from lampas.nn import functional, init
from lampas.nn.modules.linear import Linear
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter

__all__ = ["MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear; PyTorch prints the last projection of attention under this name."""


class MultiheadAttention(Module):
    """Attention in several heads: each mixes values by how well keys fit the queries.

    Args:
        embed_dim (int): size of queries and outputs; must be divisible by `num_heads`.
        num_heads (int): each has embed_dim / num_heads of the elements.
        dropout (float): probability of leaving out a key, in training.
        bias (bool): whether the projections add biases.
        add_bias_kv (bool): add a learned key and value.
        add_zero_attn (bool): add a key and a value of zeros.
        kdim, vdim (int): sizes of keys and values, `embed_dim` when None.
        batch_first (bool): the batch is dimension 0.

    Shapes: query (L, N, embed_dim) or (L, embed_dim), key (S, N, kdim), value (S, N, vdim); key_padding_mask
    (N, S) and attn_mask (L, S) or (N * num_heads, L, S) are True where a key is left out, or numbers to add.
    Returns the output, shaped as the query, and the weights (N, L, S), by heads unless averaged.

    Raises:
        ValueError, AssertionError: for sizes that do not fit.

    Example:
        >>> tokens = lampas.zeros(5, 2, 8)
        >>> output, weights = nn.MultiheadAttention(8, num_heads=4)(tokens, tokens, tokens)
        >>> output.shape, weights.shape
        (torch.Size([5, 2, 8]), torch.Size([2, 5, 5]))

    Source: Vaswani et al., "Attention is all you need", 2017.
    """

    def __init__(
        self,
        embed_dim,
        num_heads,
        dropout=0.0,
        bias=True,
        add_bias_kv=False,
        add_zero_attn=False,
        kdim=None,
        vdim=None,
        batch_first=False,
        device=None,
        dtype=None,
    ):
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")

        def parameter(wanted, *shape):
            return Parameter(lampas.empty(shape, device=device, dtype=dtype)) if wanted else None

        together = self._qkv_same_embed_dim
        for name, size in (("q", embed_dim), ("k", self.kdim), ("v", self.vdim)):
            self.register_parameter(f"{name}_proj_weight", parameter(not together, embed_dim, size))
        self.register_parameter("in_proj_weight", parameter(together, 3 * embed_dim, embed_dim))
        self.register_parameter("in_proj_bias", parameter(bias, 3 * embed_dim))
        self.out_proj = NonDynamicallyQuantizableLinear(
            embed_dim, embed_dim, bias=bias, device=device, dtype=dtype
        )
        if add_bias_kv:
            self.bias_k = parameter(True, 1, 1, embed_dim)
            self.bias_v = parameter(True, 1, 1, embed_dim)
        else:
            self.bias_k = self.bias_v = None
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self):
        if self._qkv_same_embed_dim:
            init.xavier_uniform_(self.in_proj_weight)
        else:
            for weight in (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ):
        turned = self.batch_first and query.dim() == 3
        if turned:  # what is one tensor stays one, so that it is projected once
            tensors = {id(tensor): tensor.transpose(0, 1) for tensor in (query, key, value)}
            query, key, value = (tensors[id(tensor)] for tensor in (query, key, value))
        output, weights = functional.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return output.transpose(0, 1) if turned else output, weights
