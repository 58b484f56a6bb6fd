"""Attention, as scenarios to play with lampas and with PyTorch."""

import itertools
import math

from scenarios.playing import attempt_all, quiet

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> plain values to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def waves(framework, *shape, phase=0.0):
    """Return numbers between -1 and 1 that both frameworks are given alike."""
    numbers = [math.sin(1.3 * i + phase) for i in range(math.prod(shape))]
    return framework.tensor(numbers, dtype=framework.float64).reshape(shape)


@scenario
def scaled_dot_products(framework, nn):
    attention = nn.functional.scaled_dot_product_attention
    query, key, value = (
        waves(framework, 2, 4, 3, 5),
        waves(framework, 2, 4, 6, 5),
        waves(framework, 2, 4, 6, 2),
    )
    for tensor in (query, key, value):
        tensor.requires_grad_()
    seen = waves(framework, 3, 6) > -0.5
    seen[1] = False  # a query that sees nothing
    results = [
        attention(query, key, value),
        attention(query, key, value, is_causal=True),
        attention(query, key, value, attn_mask=waves(framework, 2, 1, 3, 6)),
        attention(query, key, value, scale=0.1),
        attention(query, key[:, :2], value[:, :2], enable_gqa=True),
        attention(query[0, 0], key[0, 0], value[0, 0]),
        attention(query, key, value, attn_mask=seen),
    ]
    results[-1].sum().backward()
    results += [tensor.grad for tensor in (query, key, value)]
    return results + attempt_all(
        lambda: attention(query, key, value, attn_mask=seen, is_causal=True),
        lambda: attention(query[0, 0, 0], key, value),
        lambda: attention(query, key.float(), value),
    )


@scenario
def dropout_in_training(framework, nn):
    framework.manual_seed(3)
    tokens = waves(framework, 4, 2, 6)
    layer = nn.MultiheadAttention(6, 2, dropout=0.5).double()
    return [layer(tokens, tokens, tokens), layer(tokens, tokens, tokens, need_weights=False)[0]]


@scenario
def many_heads(framework, nn):
    results = []
    tokens, memory = waves(framework, 4, 2, 6), waves(framework, 5, 2, 6, phase=1.0)
    hidden = waves(framework, 2, 5) > 0.5
    causal = framework.full((4, 4), -math.inf, dtype=framework.float64).triu(1)
    for options in ({}, {"bias": False, "add_zero_attn": True}, {"add_bias_kv": True}):
        layer = nn.MultiheadAttention(6, 3, **options).double()
        output, weights = layer(tokens, memory, memory, key_padding_mask=hidden)
        output.sum().backward()
        results += [repr(layer), sorted(layer.state_dict()), output, weights]
        results.append([parameter.grad.sum() for parameter in layer.parameters()])
        results.append(layer(tokens, tokens, tokens, attn_mask=causal, average_attn_weights=False))
        results.append(layer(tokens, tokens, tokens, attn_mask=causal, is_causal=True, need_weights=False)[0])
        results.append(layer(tokens[:, 0], memory[:, 0], memory[:, 0], key_padding_mask=hidden[0])[0])
    first = nn.MultiheadAttention(6, 2, batch_first=True).double()
    results.append(first(tokens, tokens, tokens, attn_mask=waves(framework, 8, 2, 2)))
    other_sizes = nn.MultiheadAttention(6, 2, kdim=3, vdim=2).double()
    results.append(other_sizes(tokens, waves(framework, 5, 2, 3), waves(framework, 5, 2, 2)))
    results.append(sorted(other_sizes.state_dict()))
    # Masks of two dtypes: warns.
    return [*results, layer(tokens, tokens, tokens, key_padding_mask=hidden[:, :4], attn_mask=causal)[0]]


@scenario
def wrong_attention(framework, nn):
    layer = nn.MultiheadAttention(6, 2)
    tokens = framework.zeros(4, 3, 6)
    zeros = framework.zeros
    return attempt_all(
        lambda: nn.MultiheadAttention(6, 4),
        lambda: nn.MultiheadAttention(0, 2),
        lambda: layer(zeros(6), zeros(6), zeros(6)),
        lambda: layer(tokens, tokens, tokens[0]),
        lambda: layer(tokens, tokens, zeros(5, 3, 6)),
        lambda: layer(zeros(4, 3, 5), zeros(4, 3, 5), zeros(4, 3, 5)),
        lambda: layer(tokens, tokens, tokens, attn_mask=zeros(3, 4)),
        lambda: layer(tokens, tokens, tokens, attn_mask=zeros(5, 4, 4)),
        lambda: layer(tokens, tokens, tokens, attn_mask=zeros(4)),
        lambda: layer(tokens, tokens, tokens, key_padding_mask=zeros(4)),
        lambda: layer(tokens, tokens, tokens, key_padding_mask=zeros(2, 4)),
        lambda: layer(tokens, tokens, tokens, key_padding_mask=zeros(3, 5)),
        lambda: layer(tokens, tokens, tokens, attn_mask=zeros(4, 4, dtype=framework.int64)),
        lambda: layer(tokens, tokens, tokens, is_causal=True),
        lambda: layer(tokens[0], tokens[0], tokens[0], attn_mask=zeros(1, 3, 3)),
    )


def small_transformer(nn, **options):
    return nn.Transformer(6, 2, 2, 1, 8, dropout=0.0, **options).double()


@scenario
def transformers(framework, nn):
    results = []
    source, target = waves(framework, 5, 2, 6), waves(framework, 3, 2, 6, phase=1.0)
    padding = waves(framework, 2, 5) > 0.7
    causal = nn.Transformer.generate_square_subsequent_mask(3)
    results.append([causal, str(causal.dtype)])
    for options in ({}, {"norm_first": True, "bias": False}, {"activation": "gelu"}):
        model = small_transformer(nn, **options)
        output = model(
            source,
            target,
            tgt_mask=causal.double(),
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        output.sum().backward()
        results += [repr(model), list(model.state_dict()), output]
        results.append([parameter.grad.sum() for parameter in model.parameters()])
    first = small_transformer(nn, batch_first=True)
    results.append(first(source.transpose(0, 1), target.transpose(0, 1), tgt_mask=causal.double()))
    results.append(first(source[:, 0], target[:, 0]))
    return results


@scenario
def layers_of_transformers(framework, nn):
    results = []
    tokens, memory = waves(framework, 4, 2, 6), waves(framework, 5, 2, 6, phase=1.0)
    layer = nn.TransformerEncoderLayer(6, 3, 8, dropout=0.0, activation=nn.functional.gelu).double()
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(6).double(), enable_nested_tensor=False)
    causal = nn.Transformer.generate_square_subsequent_mask(4, dtype=framework.float64)
    results += [layer(tokens), encoder(tokens), encoder(tokens, mask=causal), encoder(tokens[:, 0])]
    results.append(encoder(tokens, mask=causal, is_causal=True))
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(6, 2, 8, dropout=0.0).double(), 2)
    results += [decoder(tokens, memory), decoder(tokens, memory, tgt_mask=causal, tgt_is_causal=True)]
    results.append(decoder(tokens[:, 0], memory[:, 0]))
    framework.manual_seed(5)
    dropping = nn.TransformerEncoderLayer(6, 2, 8, dropout=0.3).double()
    results.append(dropping(tokens))
    return results


@scenario
@quiet
def padding_of_an_evaluated_encoder(framework, nn):
    """PyTorch skips the padding at the end where no gradient is asked for, and gives zeros for it."""
    switch = framework.backends.mha
    tokens, results = waves(framework, 2, 4, 6), []
    at_the_end = framework.tensor([[False] * 4, [False] * 2 + [True] * 2])
    in_front = framework.tensor([[True] + [False] * 3, [False] * 4])
    added = framework.zeros(2, 4, dtype=framework.float64).masked_fill(at_the_end, -math.inf)
    for nested, norm in itertools.product((True, False), (nn.LayerNorm(6), None)):
        layer = nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True)
        encoder = nn.TransformerEncoder(layer, 2, norm, enable_nested_tensor=nested).double().eval()
        for padding in (at_the_end, in_front, added):
            results.append(encoder(tokens, src_key_padding_mask=padding))
            with framework.no_grad():
                results.append(encoder(tokens, src_key_padding_mask=padding))
                mask = framework.zeros(4, 4, dtype=framework.float64)
                results.append(encoder(tokens, mask, src_key_padding_mask=padding))
                switch.set_fastpath_enabled(False)
                results += [encoder(tokens, src_key_padding_mask=padding), switch.get_fastpath_enabled()]
                switch.set_fastpath_enabled(True)
                results.append(encoder.train()(tokens, src_key_padding_mask=padding))
                encoder.eval()
    return results


@scenario
def wrong_transformers(framework, nn):
    zeros = framework.zeros
    model = nn.Transformer(6, 2, 1, 1, 8)  # warns: the encoder is not batch_first
    return attempt_all(
        lambda: model(zeros(4, 2, 6), zeros(3, 1, 6)),
        lambda: model(zeros(4, 2, 5), zeros(3, 2, 5)),
        lambda: nn.TransformerEncoderLayer(6, 2, activation="sine"),
        lambda: nn.TransformerEncoderLayer(6, 4),
        lambda: repr(nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 3, 8, batch_first=True), 1)),
        lambda: nn.TransformerEncoderLayer(6, 2)(zeros(3, 2, 6), src_mask=zeros(3, 3, dtype=framework.int32)),
    )
