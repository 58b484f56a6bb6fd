"""Normalisation by mean and deviation: batch, group, instance, layer and root mean square norm."""

import numpy as np

from ops.case import OpCase
from ops.sample import COMPLEX, REAL_FLOATS, Input, Sample


def normal(input, axes, eps):
    mean = input.mean(axis=axes, keepdims=True)
    return mean, 1 / np.sqrt(((input - mean) ** 2).mean(axis=axes, keepdims=True) + eps)


def scaled(values, weight, bias, shape):
    if weight is not None:
        values = values * weight.reshape(shape)
    return values if bias is None else values + bias.reshape(shape)


def native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps):
    shape = (1, -1, *[1] * (input.ndim - 2))
    if training:
        mean, inverse = normal(input, (0, *range(2, input.ndim)), eps)
    else:
        mean, inverse = running_mean.reshape(shape), 1 / np.sqrt(running_var.reshape(shape) + eps)
    output = scaled((input - mean) * inverse, weight, bias, shape)
    shown = (mean.ravel(), inverse.ravel()) if training else (np.zeros(0), np.zeros(0))
    return output, *shown


def batch_norm(*arguments):
    return native_batch_norm(*arguments[:-1])[0]


def instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, _):
    shape = (1, -1, *[1] * (input.ndim - 2))
    if use_input_stats:
        mean, inverse = normal(input, tuple(range(2, input.ndim)), eps)
    else:
        mean, inverse = running_mean.reshape(shape), 1 / np.sqrt(running_var.reshape(shape) + eps)
    return scaled((input - mean) * inverse, weight, bias, shape)


def native_group_norm(input, weight, bias, batch, channels, length, groups, eps):
    grouped = input.reshape(batch, groups, -1)
    mean, inverse = normal(grouped, (2,), eps)
    values = ((grouped - mean) * inverse).reshape(batch, channels, -1)
    output = scaled(values, weight, bias, (1, -1, 1)).reshape(input.shape)
    return output, mean[:, :, 0], inverse[:, :, 0]


def group_norm(input, groups, weight=None, bias=None, eps=1e-5):
    batch, channels = input.shape[:2]
    return native_group_norm(input, weight, bias, batch, channels, 0, groups, eps)[0]


def native_layer_norm(input, normalized_shape, weight, bias, eps):
    axes = tuple(range(input.ndim - len(normalized_shape), input.ndim))
    mean, inverse = normal(input, axes, eps)
    return scaled((input - mean) * inverse, weight, bias, normalized_shape), mean, inverse


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    return native_layer_norm(input, normalized_shape, weight, bias, eps)[0]


def rms_norm(input, normalized_shape, weight=None, eps=None):
    axes = tuple(range(input.ndim - len(normalized_shape), input.ndim))
    values = input / np.sqrt((input**2).mean(axis=axes, keepdims=True) + eps)
    return values if weight is None else values * weight


def parameters(values, shape):
    return values.tensor(*shape), values.tensor(*shape)


def running(values, channels):
    """Running statistics; no gradient reaches them."""
    return (
        Input(values.tensor(channels).values, values.dtype, constant=True),
        Input(values.positive(channels).values, values.dtype, constant=True),
    )


def native_batch_norm_samples(values):
    for shape in [(4, 3), (3, 2, 5), (2, 3, 3, 2)]:
        channels = shape[1]
        yield Sample(values.tensor(*shape), *parameters(values, (channels,)), None, None, True, 0.1, 1e-2)
        yield Sample(values.tensor(*shape), None, None, None, None, True, 0.1, 1e-2)
        statistics = running(values, channels)
        yield Sample(values.tensor(*shape), *parameters(values, (channels,)), *statistics, False, 0.1, 1e-2)
    yield Sample(values.tensor(2, 3, 4), None, values.tensor(3), *running(values, 3), False, 0.1, 1e-2)
    if values.dtype == "float32":
        yield Sample(
            values.tensor(8, 16, 30, 31), *parameters(values, (16,)), None, None, True, 0.1, 1e-2
        ).large()
        yield Sample(values.tensor(700, 33), *parameters(values, (33,)), None, None, True, 0.1, 1e-2).large()


def with_one_more(samples):
    def flagged(values):
        for sample in samples(values):
            longer = Sample(*sample.arguments, False)
            longer.kind = sample.kind
            yield longer

    return flagged


def wrong_batch_norm(values):
    three, five = values.tensor(3), values.tensor(5)
    yield Sample(values.tensor(2, 3, 4), five, None, None, None, True, 0.1, 1e-5)
    yield Sample(values.tensor(2, 3, 4), three, five, None, None, True, 0.1, 1e-5)
    yield Sample(values.tensor(2, 3, 4), None, None, five, three, True, 0.1, 1e-5)
    yield Sample(values.tensor(2, 3, 4), None, None, three, five, True, 0.1, 1e-5)
    yield Sample(values.tensor(2, 3, 4), None, None, None, None, False, 0.1, 1e-5)
    yield Sample(values.indices(5, 2, 3, 4), None, None, None, None, True, 0.1, 1e-5)


def instance_norm_samples(values):
    yield Sample(values.tensor(2, 3, 5), *parameters(values, (3,)), None, None, True, 0.1, 1e-2, False)
    yield Sample(values.tensor(2, 3, 3, 2), None, None, None, None, True, 0.1, 1e-2, False)
    statistics = running(values, 3)
    yield Sample(values.tensor(2, 3, 5), *parameters(values, (3,)), *statistics, False, 0.1, 1e-2, False)


def wrong_instance_norm(values):
    yield Sample(values.tensor(2, 3, 4), None, None, None, None, False, 0.1, 1e-5, False)


GROUPED = [((2, 6, 4), 2), ((3, 4), 2), ((2, 6, 3, 2), 3), ((1, 4, 5), 1), ((2, 4, 3), 4)]


def native_group_norm_samples(values):
    for shape, groups in GROUPED:
        length = int(np.prod(shape[2:], dtype=int))
        yield Sample(values.tensor(*shape), *parameters(values, shape[1:2]), *shape[:2], length, groups, 1e-2)
    yield Sample(values.tensor(2, 6, 4), None, None, 2, 6, 4, 3, 1e-2)


def group_norm_samples(values):
    for shape, groups in GROUPED:
        yield Sample(values.tensor(*shape), groups, *parameters(values, shape[1:2]), eps=1e-2)
    yield Sample(values.tensor(2, 6, 4), 3, eps=1e-2)
    yield Sample(values.tensor(2, 6, 4), 3, values.tensor(6), eps=1e-2)
    if values.dtype == "float32":
        yield Sample(values.tensor(4, 16, 30, 31), 4, *parameters(values, (16,)), eps=1e-2).large()


def wrong_group_norm(values):
    yield Sample(values.tensor(2, 6, 4), 4)
    yield Sample(values.tensor(6), 2)
    yield Sample(values.tensor(2, 6, 4), 2, values.tensor(5))
    yield Sample(values.indices(5, 2, 6, 4), 2)


def native_layer_norm_samples(values):
    for shape, last in [((3, 5), (5,)), ((2, 3, 4), (3, 4)), ((5,), (5,)), ((2, 3, 4), (2, 3, 4))]:
        yield Sample(values.tensor(*shape), last, *parameters(values, last), 1e-2)
    yield Sample(values.tensor(3, 5), (5,), None, None, 1e-2)
    yield Sample(values.tensor(3, 5), (5,), values.tensor(5), None, 1e-2)
    yield Sample(values.tensor(3, 5), (5,), None, values.tensor(5), 1e-2)
    if values.dtype == "float32":
        yield Sample(values.tensor(300, 333), (333,), *parameters(values, (333,)), 1e-2).large()


def wrong_layer_norm(values):
    yield Sample(values.tensor(2, 5), (4,), None, None, 1e-5)
    yield Sample(values.tensor(2, 5), (), None, None, 1e-5)
    yield Sample(values.tensor(2, 5), (5,), values.tensor(4), None, 1e-5)
    yield Sample(values.tensor(2, 5), (5,), None, values.tensor(4), 1e-5)
    yield Sample(values.indices(5, 2, 5), (5,), None, None, 1e-5)


def rms_norm_samples(values):
    yield Sample(values.tensor(3, 5), (5,), values.tensor(5), 1e-2)
    yield Sample(values.tensor(2, 3, 4), (3, 4), None, 1e-2)


def wrong_rms_norm(values):
    yield Sample(values.tensor(2, 5), (4,))
    yield Sample(values.tensor(2, 5), ())
    yield Sample(values.tensor(2, 5), (5,), values.tensor(4))


def row(name, samples, reference, errors, **options):
    options = {"dtypes": REAL_FLOATS, "tolerance": 20, **options}
    return OpCase(name, samples, reference, "function", errors=errors, **options)


CASES = [
    row(
        "batch_norm",
        with_one_more(native_batch_norm_samples),
        batch_norm,
        with_one_more(wrong_batch_norm),
        # Its other results, the statistics, have no derivative of their own.
        covers=("native_batch_norm", "_channel_norm_backward"),
    ),
    row("instance_norm", instance_norm_samples, instance_norm, wrong_instance_norm),
    row("native_group_norm", native_group_norm_samples, native_group_norm, None),
    row("group_norm", group_norm_samples, group_norm, wrong_group_norm),
    row(
        "layer_norm",
        native_layer_norm_samples,
        layer_norm,
        wrong_layer_norm,
        covers=("native_layer_norm", "_layer_norm_backward"),
    ),
    row("rms_norm", rms_norm_samples, rms_norm, wrong_rms_norm, dtypes=(*REAL_FLOATS, *COMPLEX)),
]
