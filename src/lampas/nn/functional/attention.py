"""Attention."""

import math
import warnings

import lampas
from lampas.argument_checks import check_tensors, check_type, fail_type
from lampas.nn.functional.activation import softmax
from lampas.nn.functional.connection import linear
from lampas.nn.functional.dropout import dropout

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]

# As PyTorch's message spells them.
_ELEMENT_NAMES = {
    lampas.float32: "float",
    lampas.float64: "double",
    lampas.float16: "c10::Half",
    lampas.bfloat16: "c10::BFloat16",
}


def _check_attention_inputs(query, key, value, attn_mask, is_causal):
    if not query.dtype == key.dtype == value.dtype:
        names = [_ELEMENT_NAMES.get(tensor.dtype, str(tensor.dtype)) for tensor in (query, key, value)]
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{names[0]} key.dtype: {names[1]} and value.dtype: {names[2]} instead."
        )
    if min(tensor.dim() for tensor in (query, key, value)) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.dim()} key.dim: {key.dim()} and value.dim: {value.dim()} instead."
        )
    if attn_mask is not None and is_causal:
        raise RuntimeError(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
        )


def scaled_dot_product_attention(
    query,
    key,
    value,
    attn_mask=None,
    dropout_p=0.0,
    is_causal=False,
    scale=None,
    enable_gqa=False,
):
    """Return softmax(query @ key.T * scale + mask) @ value: values mixed by how well keys fit the queries.

    Args:
        query (Tensor): (..., heads, L, E).
        key (Tensor): (..., heads, S, E).
        value (Tensor): (..., heads, S, Ev).
        attn_mask (Tensor): broadcasts to (..., L, S); True where a key takes part, or numbers to add.
        dropout_p (float): probability of leaving a key out; also outside training.
        is_causal (bool): a query sees the keys up to its own place; not together with a mask.
        scale (float): 1 / sqrt(E) when None.
        enable_gqa (bool): there may be fewer heads of keys and values, each used by several of queries.

    Returns (..., heads, L, Ev). A query that sees no key gets zeros.

    Source: Vaswani et al., "Attention is all you need", 2017.

    Example:
        >>> query, key, value = lampas.zeros(1, 2), lampas.ones(3, 2), lampas.arange(6.0).view(3, 2)
        >>> F.scaled_dot_product_attention(query, key, value)
        tensor([[2., 3.]])
    """
    check_tensors("scaled_dot_product_attention", query=query, key=key, value=value)
    if attn_mask is not None and not isinstance(attn_mask, lampas.Tensor):
        fail_type("scaled_dot_product_attention", "attn_mask", "Tensor", attn_mask)
    check_type("scaled_dot_product_attention", "is_causal", is_causal, bool)
    _check_attention_inputs(query, key, value, attn_mask, is_causal)
    if dropout_p > 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {dropout_p}")
    queries, keys = query.shape[-2], key.shape[-2]
    if enable_gqa:
        repeats = query.shape[-3] // key.shape[-3]
        key, value = (tensor.repeat_interleave(repeats, -3) for tensor in (key, value))
    # Half of the factor on either side keeps the products small.
    factor = math.sqrt(scale if scale is not None else 1 / math.sqrt(query.shape[-1]))
    scores = (query * factor) @ (key * factor).transpose(-2, -1)
    if is_causal:
        places = lampas.arange(max(queries, keys), device=query.device)
        attn_mask = places[:queries].unsqueeze(1) >= places[:keys]
    if attn_mask is None:
        weights = softmax(scores, -1)
    else:
        if attn_mask.dtype == lampas.bool:
            scores = scores.masked_fill(~attn_mask, -math.inf)
        else:
            scores = scores + attn_mask
        sees_nothing = (scores == -math.inf).all(-1, keepdim=True)
        weights = softmax(scores.masked_fill(sees_nothing, 0), -1).masked_fill(sees_nothing, 0)
    if dropout_p > 0:
        weights = dropout(weights, dropout_p)
    return weights @ value


def additive_mask(mask, name, dtype, other=None, other_name=""):
    """Return a mask to add to scores: minus infinity where a boolean one is True.

    Args:
        mask (Tensor): boolean or floating, AssertionError otherwise; or None.
        name (str): what messages call it.
        dtype (dtype): that of the result of a boolean mask.
        other (Tensor): another mask that should have the same dtype, with a warning where it has not.
    """
    if mask is None:
        return None
    if mask.dtype != lampas.bool and not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if other is not None and mask.dtype != other.dtype:
        warnings.warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both instead.",
            stacklevel=3,
        )
    if mask.is_floating_point():
        return mask
    return lampas.zeros_like(mask, dtype=dtype).masked_fill_(mask, -math.inf)


def _check_dims(query, key, value, key_padding_mask, attn_mask, num_heads):
    """Check the numbers of dimensions; return whether there is a batch."""
    if query.dim() not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.dim()}-D query tensor"
        )
    dims = query.dim()
    kind = "batched (3-D)" if dims == 3 else "unbatched (2-D)"
    if key.dim() != dims or value.dim() != dims:
        raise AssertionError(
            f"For {kind} `query`, expected `key` and `value` to be {dims}-D but found {key.dim()}-D and "
            f"{value.dim()}-D tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.dim() != dims - 1:
        raise AssertionError(
            f"For {kind} `query`, expected `key_padding_mask` to be `None` or {dims - 1}-D but found "
            f"{key_padding_mask.dim()}-D tensor instead"
        )
    if attn_mask is not None:
        if attn_mask.dim() not in (2, 3):
            raise AssertionError(
                f"For {kind} `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found "
                f"{attn_mask.dim()}-D tensor instead"
            )
        expected = (num_heads, query.shape[0], key.shape[0])
        if dims == 2 and attn_mask.dim() == 3 and tuple(attn_mask.shape) != expected:
            raise AssertionError(f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}")
    return dims == 3


def _check_attn_mask(mask, batch, num_heads, queries, keys):
    """Check the mask's shape; return it with three dimensions."""
    if mask.dim() == 2:
        mask_shape, expected = mask.shape, (queries, keys)
        mask = mask.unsqueeze(0)
    else:
        mask_shape, expected = mask.shape, (batch * num_heads, queries, keys)
    if tuple(mask_shape) != expected:
        raise RuntimeError(
            f"The shape of the {len(expected)}D attn_mask is {mask_shape}, but should be {expected}."
        )
    return mask


def _with_one_more_key(mask):
    """Let every query see a key that is added at the end."""
    if mask is None:
        return None
    return lampas.cat([mask, mask.new_zeros((*mask.shape[:-1], 1))], -1)


def _project(query, key, value, weights, biases):
    """Apply to each of the three its projection, as one product where they are one tensor.

    Args:
        weights (Tensor or tuple): (3 * E, E), or three of their own.
        biases (Tensor): (3 * E), or None.
    """
    are_separate = isinstance(weights, tuple)
    if are_separate and key.shape[:2] != value.shape[:2]:
        raise AssertionError(
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
        )
    if not are_separate and key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
    if not are_separate and query is key and key is value:
        return linear(query, weights, biases).chunk(3, -1)
    weights = weights if are_separate else weights.chunk(3)
    biases = (None, None, None) if biases is None else biases.chunk(3)
    return tuple(map(linear, (query, key, value), weights, biases))


def _with_padding(attn_mask, key_padding_mask, batch, num_heads, keys):
    """Return one additive mask, (batch * heads or 1, L or 1, S), of both; None where there is neither."""
    if key_padding_mask is None:
        return attn_mask
    if tuple(key_padding_mask.shape) != (batch, keys):
        place = 0 if key_padding_mask.shape[0] != batch else 1
        raise AssertionError(
            f"Expected key_padded_mask.shape[{place}] to be {(batch, keys)[place]}, "
            f"but got {key_padding_mask.shape[place]}"
        )
    padding = key_padding_mask.view(batch, 1, 1, keys).expand(-1, num_heads, -1, -1)
    padding = padding.reshape(batch * num_heads, 1, keys)
    return padding if attn_mask is None else attn_mask + padding


def _attend_with_weights(query, key, value, attn_mask, dropout_p):
    """Return the mixed values (batch * heads, L, E / heads) and the weights (batch * heads, L, S)."""
    scores = (query * math.sqrt(1.0 / query.shape[-1])) @ key.transpose(-2, -1)
    weights = softmax(scores if attn_mask is None else scores + attn_mask, -1)
    if dropout_p > 0.0:
        weights = dropout(weights, dropout_p)
    return weights @ value, weights


def multi_head_attention_forward(
    query,
    key,
    value,
    embed_dim_to_check,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    bias_k,
    bias_v,
    add_zero_attn,
    dropout_p,
    out_proj_weight,
    out_proj_bias,
    training=True,
    key_padding_mask=None,
    need_weights=True,
    attn_mask=None,
    use_separate_proj_weight=False,
    q_proj_weight=None,
    k_proj_weight=None,
    v_proj_weight=None,
    static_k=None,
    static_v=None,
    average_attn_weights=True,
    is_causal=False,
):
    """Compute attention in several heads, with projections before and after; see `nn.MultiheadAttention`.

    Args:
        query (Tensor): (L, N, E), or (L, E).
        key, value (Tensor): (S, N, E), or (S, E); another E with `use_separate_proj_weight`.
        embed_dim_to_check (int): E, AssertionError where the query's is another.
        in_proj_weight (Tensor): (3 * E, E), for queries, keys and values; or separate `q_proj_weight`, ...
        in_proj_bias (Tensor): (3 * E), or None.
        bias_k, bias_v (Tensor): (1, 1, E), a key and a value added to all; or None.
        add_zero_attn (bool): add a key and a value of zeros.
        dropout_p (float): of attention weights, in training.
        key_padding_mask (Tensor): (N, S); True where a key is left out, or numbers to add.
        need_weights (bool): return the attention weights too.
        attn_mask (Tensor): (L, S) or (N * heads, L, S); True where a key is left out, or numbers to add.
        static_k, static_v (Tensor): (N * heads, S, E / heads), instead of projected ones.
        average_attn_weights (bool): average the returned weights over the heads.
        is_causal (bool): says that `attn_mask` is causal.

    Returns the output, shaped as the query, and the weights (N, L, S) or (N, heads, L, S), or None.
    """
    is_batched = _check_dims(query, key, value, key_padding_mask, attn_mask, num_heads)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if not is_batched:
        tensors = {id(tensor): tensor.unsqueeze(1) for tensor in (query, key, value)}
        query, key, value = (tensors[id(tensor)] for tensor in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    key_padding_mask = additive_mask(
        key_padding_mask, "key_padding_mask", query.dtype, attn_mask, "attn_mask"
    )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None  # scaled_dot_product_attention makes its own
    else:
        is_causal = False
        attn_mask = additive_mask(attn_mask, "attn_mask", query.dtype)
    queries, batch, embed_dim = query.shape
    if embed_dim != embed_dim_to_check:
        raise AssertionError(
            f"was expecting embedding dimension of {embed_dim_to_check}, but got {embed_dim}"
        )
    head_dim = embed_dim // num_heads
    if head_dim * num_heads != embed_dim:
        raise AssertionError(f"embed_dim {embed_dim} not divisible by num_heads {num_heads}")
    weights = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight
    q, k, v = _project(query, key, value, weights, in_proj_bias)
    if attn_mask is not None:
        attn_mask = _check_attn_mask(attn_mask, batch, num_heads, queries, key.shape[0])
    if bias_k is not None and bias_v is not None:
        k, v = (
            lampas.cat([tensor, bias.expand(1, batch, embed_dim)])
            for tensor, bias in ((k, bias_k), (v, bias_v))
        )
        attn_mask, key_padding_mask = map(_with_one_more_key, (attn_mask, key_padding_mask))

    def heads_first(tensor):
        return tensor.reshape(tensor.shape[0], batch * num_heads, head_dim).transpose(0, 1)

    q = heads_first(q)
    k = heads_first(k) if static_k is None else static_k
    v = heads_first(v) if static_v is None else static_v
    if add_zero_attn:
        zeros = q.new_zeros((batch * num_heads, 1, head_dim))
        k, v = lampas.cat([k, zeros], 1), lampas.cat([v, zeros], 1)
        attn_mask, key_padding_mask = map(_with_one_more_key, (attn_mask, key_padding_mask))
    keys = k.shape[1]
    attn_mask = _with_padding(attn_mask, key_padding_mask, batch, num_heads, keys)
    if not training:
        dropout_p = 0.0
    if need_weights:
        mixed, attention = _attend_with_weights(q, k, v, attn_mask, dropout_p)
        attention = attention.view(batch, num_heads, queries, keys)
        if average_attn_weights:
            attention = attention.mean(1)
        if not is_batched:
            attention = attention.squeeze(0)
    else:
        attention = None
        if attn_mask is not None and attn_mask.shape[0] != 1:
            attn_mask = attn_mask.view(batch, num_heads, -1, keys)
        q, k, v = (tensor.reshape(batch, num_heads, -1, head_dim) for tensor in (q, k, v))
        mixed = scaled_dot_product_attention(q, k, v, attn_mask, dropout_p, is_causal)
        mixed = mixed.reshape(batch * num_heads, queries, head_dim)
    mixed = mixed.transpose(0, 1).reshape(queries * batch, embed_dim)
    output = linear(mixed, out_proj_weight, out_proj_bias).view(queries, batch, -1)
    return output if is_batched else output.squeeze(1), attention
