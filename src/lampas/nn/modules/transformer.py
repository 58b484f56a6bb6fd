"""Transformer, its encoder and decoder, and their layers."""

import copy
import math
import warnings

import lampas
from lampas.backends import mha
from lampas.nn import functional, init
from lampas.nn.functional.attention import additive_mask
from lampas.nn.modules.activation import GELU, ReLU
from lampas.nn.modules.attention import MultiheadAttention
from lampas.nn.modules.container import ModuleList
from lampas.nn.modules.dropout import Dropout
from lampas.nn.modules.linear import Linear
from lampas.nn.modules.module import Module
from lampas.nn.modules.normalization import LayerNorm

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]


def _causal_mask(size, device=None, dtype=None):
    """Return (size, size): minus infinity above the diagonal, 0 elsewhere."""
    return lampas.full((size, size), -math.inf, device=device, dtype=dtype).triu(1)


def _is_causal(mask, is_causal, steps):
    """Return whether a mask hides exactly what comes later; `is_causal` decides where it is given."""
    if is_causal is not None or mask is None:
        return is_causal is True
    causal = _causal_mask(steps, mask.device, mask.dtype)
    return mask.shape == causal.shape and bool((mask == causal).all())


def _steps(input, batch_first):
    return input.shape[1 if batch_first and input.dim() == 3 else 0]


def _activation_function(activation):
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return getattr(functional, activation)


class _TransformerLayer(Module):
    """What encoder and decoder layers share: the two linear layers, and where the norms stand."""

    def _make(self, norms, d_model, dim_feedforward, dropout, activation, eps, norm_first, bias, **factory):
        """Make all submodules but the attention, in PyTorch's order: dropout1 and norm1 on."""
        self.linear1 = Linear(d_model, dim_feedforward, bias=bias, **factory)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias=bias, **factory)
        self.norm_first = norm_first
        for number in range(1, norms + 1):
            setattr(self, f"norm{number}", LayerNorm(d_model, eps=eps, bias=bias, **factory))
        for number in range(1, norms + 1):
            setattr(self, f"dropout{number}", Dropout(dropout))
        self.activation = _activation_function(activation)

    def _add(self, x, norm, block):
        """Add what a block makes of x; the norm comes before the block or after the sum."""
        return x + block(norm(x)) if self.norm_first else norm(x + block(x))

    def _attend(self, attention, queries, keys, mask, key_padding_mask, is_causal):
        """Mix what queries find among keys, which are the values too."""
        return attention(
            queries,
            keys,
            keys,
            attn_mask=mask,
            key_padding_mask=key_padding_mask,
            need_weights=False,
            is_causal=is_causal,
        )[0]

    def _feed_forward(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention, then two linear layers; each adds to its input and is normalised.

    Args:
        d_model (int): size of inputs and outputs.
        nhead (int): attention heads.
        dim_feedforward (int): size between the two linear layers.
        dropout (float): probability, at four places.
        activation (str or callable): "relu", "gelu" or a function, between the linear layers.
        layer_norm_eps (float): eps of the norms.
        batch_first (bool): the batch is dimension 0.
        norm_first (bool): normalise before attention and linear layers, not after.
        bias (bool): whether linear layers and norms have biases.

    Example:
        >>> nn.TransformerEncoderLayer(d_model=8, nhead=2)(lampas.rand(10, 3, 8)).shape
        torch.Size([10, 3, 8])

    Source: Vaswani et al., "Attention is all you need", 2017.
    """

    def __init__(
        self,
        d_model,
        nhead,
        dim_feedforward=2048,
        dropout=0.1,
        activation=functional.relu,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
        device=None,
        dtype=None,
    ):
        super().__init__()
        factory = {"device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout=dropout, bias=bias, batch_first=batch_first, **factory
        )
        self._make(
            2, d_model, dim_feedforward, dropout, activation, layer_norm_eps, norm_first, bias, **factory
        )
        is_relu = self.activation is functional.relu or isinstance(self.activation, ReLU)
        is_gelu = self.activation is functional.gelu or isinstance(self.activation, GELU)
        self.activation_relu_or_gelu = 1 if is_relu else 2 if is_gelu else 0

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        src_key_padding_mask = additive_mask(
            src_key_padding_mask, "src_key_padding_mask", src.dtype, src_mask, "src_mask"
        )
        src_mask = additive_mask(src_mask, "src_mask", src.dtype)

        def attend(x):
            mixed = self._attend(self.self_attn, x, x, src_mask, src_key_padding_mask, is_causal)
            return self.dropout1(mixed)

        x = self._add(src, self.norm1, attend)
        return self._add(x, self.norm2, lambda x: self.dropout2(self._feed_forward(x)))


class TransformerDecoderLayer(_TransformerLayer):
    """Self-attention, attention to the encoder's output, then two linear layers.

    The arguments are those of TransformerEncoderLayer.

    Example:
        >>> layer = nn.TransformerDecoderLayer(d_model=8, nhead=2)
        >>> layer(lampas.rand(20, 3, 8), lampas.rand(10, 3, 8)).shape
        torch.Size([20, 3, 8])
    """

    def __init__(
        self,
        d_model,
        nhead,
        dim_feedforward=2048,
        dropout=0.1,
        activation=functional.relu,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
        device=None,
        dtype=None,
    ):
        super().__init__()
        factory = {"device": device, "dtype": dtype}
        for name in ("self_attn", "multihead_attn"):
            attention = MultiheadAttention(
                d_model, nhead, dropout=dropout, bias=bias, batch_first=batch_first, **factory
            )
            setattr(self, name, attention)
        self._make(
            3, d_model, dim_feedforward, dropout, activation, layer_norm_eps, norm_first, bias, **factory
        )

    def forward(
        self,
        tgt,
        memory,
        tgt_mask=None,
        memory_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
        tgt_is_causal=False,
        memory_is_causal=False,
    ):
        def attend(x):
            mixed = self._attend(self.self_attn, x, x, tgt_mask, tgt_key_padding_mask, tgt_is_causal)
            return self.dropout1(mixed)

        def attend_to_memory(x):
            mixed = self._attend(
                self.multihead_attn, x, memory, memory_mask, memory_key_padding_mask, memory_is_causal
            )
            return self.dropout2(mixed)

        x = self._add(tgt, self.norm1, attend)
        x = self._add(x, self.norm2, attend_to_memory)
        return self._add(x, self.norm3, lambda x: self.dropout3(self._feed_forward(x)))


class TransformerEncoder(Module):
    """Several encoder layers.

    Args:
        encoder_layer (Module): copied for each layer.
        num_layers (int): how many.
        norm (Module): applied at the end, or None.
        enable_nested_tensor (bool): when evaluating without gradients, give zeros for padded steps that stand
            at the end, as PyTorch does, which then skips them.
        mask_check (bool): accepted as in PyTorch; where the padding stands is always looked at.
    """

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True):
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check
        obstacle = self._obstacle_to_nested_tensors(encoder_layer)
        self.use_nested_tensor = enable_nested_tensor and not obstacle
        if enable_nested_tensor and obstacle:
            warnings.warn(
                "enable_nested_tensor is True, but self.use_nested_tensor is False because " + obstacle,
                stacklevel=2,
            )

    @staticmethod
    def _obstacle_to_nested_tensors(layer):
        """Say why PyTorch would not skip padding with such layers, or return an empty text."""
        if not isinstance(layer, TransformerEncoderLayer):
            return "encoder_layer was not TransformerEncoderLayer"
        attention = layer.self_attn
        obstacles = {
            "encoder_layer.norm_first was True": layer.norm_first,
            "encoder_layer.self_attn.batch_first was not True"
            "(use batch_first for better inference performance)": not attention.batch_first,
            "encoder_layer.self_attn._qkv_same_embed_dim was not True": not attention._qkv_same_embed_dim,
            "encoder_layer.self_attn was passed bias=False": attention.in_proj_bias is None,
            "encoder_layer.activation_relu_or_gelu was not True": not layer.activation_relu_or_gelu,
            "encoder_layer.norm1.eps was not equal to encoder_layer.norm2.eps": layer.norm1.eps
            != layer.norm2.eps,
            "encoder_layer.self_attn.num_heads is odd": attention.num_heads % 2 == 1,
        }
        return next((text for text, is_there in obstacles.items() if is_there), "")

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        src_key_padding_mask = additive_mask(
            src_key_padding_mask, "src_key_padding_mask", src.dtype, mask, "mask"
        )
        mask = additive_mask(mask, "mask", src.dtype)
        is_causal = _is_causal(mask, is_causal, _steps(src, self.layers[0].self_attn.batch_first))
        output = src
        for layer in self.layers:
            output = layer(
                output, src_mask=mask, is_causal=is_causal, src_key_padding_mask=src_key_padding_mask
            )
        if self._drops_padding(src, mask, src_key_padding_mask):
            output = output.masked_fill(src_key_padding_mask.bool().unsqueeze(-1), 0.0)
        return output if self.norm is None else self.norm(output)

    def _drops_padding(self, src, mask, padding):
        """Say whether PyTorch packs the steps that are no padding, so that its layers see no others.

        What it then gives for a padded step, before the last norm, is zero.
        """
        first = self.layers[0]
        if not self.use_nested_tensor or first.training or not mha.get_fastpath_enabled():
            return False
        if padding is None or mask is not None or src.dim() != 3 or lampas.is_autocast_enabled():
            return False
        if lampas.is_grad_enabled() and any(each.requires_grad for each in (src, *first.parameters())):
            return False
        hidden = padding.bool()  # (batch, steps); of the additive mask, what is not zero
        return bool((hidden[:, 1:] | ~hidden[:, :-1]).all())


class TransformerDecoder(Module):
    """Several decoder layers.

    Args:
        decoder_layer (Module): copied for each layer.
        num_layers (int): how many.
        norm (Module): applied at the end, or None.
    """

    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt,
        memory,
        tgt_mask=None,
        memory_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
        tgt_is_causal=None,
        memory_is_causal=False,
    ):
        steps = _steps(tgt, self.layers[0].self_attn.batch_first)
        tgt_is_causal = _is_causal(tgt_mask, tgt_is_causal, steps)
        output = tgt
        for layer in self.layers:
            output = layer(
                output,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=tgt_is_causal,
                memory_is_causal=memory_is_causal,
            )
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """An encoder and a decoder.

    Args:
        d_model (int): size of inputs and outputs.
        nhead (int): attention heads.
        num_encoder_layers, num_decoder_layers (int): how many layers.
        dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias: those of
            TransformerEncoderLayer.
        custom_encoder, custom_decoder (Module): used instead of new ones.

    Raises:
        RuntimeError: for inputs whose batches differ or whose size is not `d_model`.

    Example:
        >>> model = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
        >>> model(lampas.rand(3, 10, 8), lampas.rand(3, 20, 8)).shape
        torch.Size([3, 20, 8])

    Source: Vaswani et al., "Attention is all you need", 2017.
    """

    def __init__(
        self,
        d_model=512,
        nhead=8,
        num_encoder_layers=6,
        num_decoder_layers=6,
        dim_feedforward=2048,
        dropout=0.1,
        activation=functional.relu,
        custom_encoder=None,
        custom_decoder=None,
        layer_norm_eps=1e-5,
        batch_first=False,
        norm_first=False,
        bias=True,
        device=None,
        dtype=None,
    ):
        super().__init__()
        factory = {"device": device, "dtype": dtype}
        options = (
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
        )

        def norm():
            return LayerNorm(d_model, eps=layer_norm_eps, bias=bias, **factory)

        if custom_encoder is None:
            custom_encoder = TransformerEncoder(
                TransformerEncoderLayer(*options, **factory), num_encoder_layers, norm()
            )
        self.encoder = custom_encoder
        if custom_decoder is None:
            custom_decoder = TransformerDecoder(
                TransformerDecoderLayer(*options, **factory), num_decoder_layers, norm()
            )
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def _reset_parameters(self):
        for parameter in self.parameters():
            if parameter.dim() > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src,
        tgt,
        src_mask=None,
        tgt_mask=None,
        memory_mask=None,
        src_key_padding_mask=None,
        tgt_key_padding_mask=None,
        memory_key_padding_mask=None,
        src_is_causal=None,
        tgt_is_causal=None,
        memory_is_causal=False,
    ):
        batch_dim = 0 if self.batch_first else 1
        if src.dim() == 3 and src.shape[batch_dim] != tgt.shape[batch_dim]:
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz, device=None, dtype=None):
        """Return the causal mask (sz, sz): minus infinity where a place comes later, 0 elsewhere."""
        return _causal_mask(sz, device, dtype)
