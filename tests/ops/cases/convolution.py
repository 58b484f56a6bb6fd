"""Convolutions over one, two and three dims."""

import itertools

import numpy as np

from ops.case import OpCase
from ops.sample import FLOATS, REAL_FLOATS, Sample


def per_dim(value, dims):
    return (value,) * dims if isinstance(value, int) else tuple(value)


def padding_of(padding, kernel, dilation):
    """(before, after) for each dim; "same" puts the odd element behind."""
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    if padding == "same":
        totals = [step * (length - 1) for length, step in zip(kernel, dilation, strict=True)]
        return [(total // 2, total - total // 2) for total in totals]
    return [(each, each) for each in per_dim(padding, len(kernel))]


def convolution(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Add up, for every place of the kernel, a product of channels with the input shifted by it."""
    kernel = weight.shape[2:]
    dims = len(kernel)
    if input.ndim == dims + 1:
        return convolution(input[None], weight, bias, stride, padding, dilation, groups)[0]
    stride, dilation = per_dim(stride, dims), per_dim(dilation, dims)
    padded = np.pad(input, [(0, 0), (0, 0), *padding_of(padding, kernel, dilation)])
    sizes = [
        (padded.shape[2 + dim] - dilation[dim] * (kernel[dim] - 1) - 1) // stride[dim] + 1
        for dim in range(dims)
    ]
    output = np.zeros((input.shape[0], weight.shape[0], *sizes), dtype=np.result_type(input, weight))
    in_each, out_each = weight.shape[1], weight.shape[0] // groups
    for place in itertools.product(*map(range, kernel)):
        starts = [index * step for index, step in zip(place, dilation, strict=True)]
        area = tuple(
            slice(start, start + step * (size - 1) + 1, step)
            for start, step, size in zip(starts, stride, sizes, strict=True)
        )
        shifted = padded[(slice(None), slice(None), *area)]
        for group in range(groups):
            ins = slice(group * in_each, (group + 1) * in_each)
            outs = slice(group * out_each, (group + 1) * out_each)
            factors = weight[(outs, slice(None), *place)]
            output[:, outs] += np.einsum("nc...,oc->no...", shifted[:, ins], factors)
    return output if bias is None else output + bias.reshape(-1, *[1] * dims)


def transposed(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Put the kernel, times each element of the input, at its place and add up."""
    kernel = weight.shape[2:]
    dims = len(kernel)
    if input.ndim == dims + 1:
        return transposed(input[None], weight, bias, stride, padding, output_padding, groups, dilation)[0]
    stride, dilation = per_dim(stride, dims), per_dim(dilation, dims)
    borders, behind = per_dim(padding, dims), per_dim(output_padding, dims)
    sizes = [
        (input.shape[2 + dim] - 1) * stride[dim] + dilation[dim] * (kernel[dim] - 1) + 1 + behind[dim]
        for dim in range(dims)
    ]
    in_each, out_each = weight.shape[0] // groups, weight.shape[1]
    output = np.zeros((input.shape[0], out_each * groups, *sizes), dtype=np.result_type(input, weight))
    for place in itertools.product(*map(range, kernel)):
        area = tuple(
            slice(index * apart, index * apart + step * (size - 1) + 1, step)
            for index, apart, step, size in zip(place, dilation, stride, input.shape[2:], strict=True)
        )
        for group in range(groups):
            ins = slice(group * in_each, (group + 1) * in_each)
            outs = slice(group * out_each, (group + 1) * out_each)
            factors = weight[(ins, slice(None), *place)]
            output[(slice(None), outs, *area)] += np.einsum("nc...,co->no...", input[:, ins], factors)
    kept = tuple(slice(border, size - border) for border, size in zip(borders, sizes, strict=True))
    output = output[(slice(None), slice(None), *kept)]
    return output if bias is None else output + bias.reshape(-1, *[1] * dims)


def transposed_samples(dims):
    size, kernel = [4, 5, 3][:dims], [3, 2, 2][:dims]

    def samples(values):
        def sample_of(input, weight, channels=None, **keywords):
            bias = values.tensor(channels) if channels else None
            return Sample(values.tensor(*input), values.tensor(*weight), bias, **keywords)

        yield sample_of((2, 3, *size), (3, 4, *kernel), 4)
        yield sample_of((3, *size), (3, 4, *kernel))
        yield sample_of((2, 3, *size), (3, 4, *kernel), 4, stride=2, padding=1, output_padding=1)
        yield sample_of((1, 4, *size), (4, 2, *kernel), 4, groups=2, dilation=2, padding=1)

    return samples


def wrong_transposed(dims):
    def errors(values):
        input, weight = values.tensor(2, 3, *[4] * dims), values.tensor(3, 4, *[2] * dims)
        yield Sample(values.tensor(2, 5, *[4] * dims), weight)
        yield Sample(values.tensor(4), weight)
        yield Sample(input, weight, values.tensor(3))
        yield Sample(input, weight, None, 0)
        yield Sample(input, weight, None, 1, -1)
        yield Sample(input, weight, None, 1, 0, 2)

    return errors


def sample(values, input, weight, biased=True, **keywords):
    bias = values.tensor(weight[0]) if biased else None
    return Sample(values.tensor(*input), values.tensor(*weight), bias, **keywords)


def conv2d_samples(values):
    yield sample(values, (2, 3, 7, 6), (4, 3, 3, 2))
    yield sample(values, (3, 7, 6), (4, 3, 3, 2))
    yield sample(values, (2, 3, 7, 6), (4, 3, 3, 3), biased=False, stride=2, padding=1)
    yield sample(values, (1, 2, 9, 8), (3, 2, 3, 2), stride=(2, 1), padding=(0, 2), dilation=(2, 3))
    yield sample(values, (2, 4, 5, 5), (6, 2, 3, 3), groups=2)
    yield sample(values, (2, 4, 5, 5), (8, 1, 3, 3), groups=4, padding=1)
    yield sample(values, (2, 3, 6, 5), (4, 3, 4, 3), padding="same")
    yield sample(values, (2, 3, 6, 5), (4, 3, 3, 3), padding="valid")
    yield sample(values, (2, 3, 4, 5), (5, 3, 1, 1))
    yield sample(values, (0, 3, 6, 6), (4, 3, 3, 3))
    yield sample(values, (2, 3, 3, 3), (4, 3, 3, 3), padding="same", dilation=2)
    if values.dtype in FLOATS:
        yield sample(values, (4, 3, 32, 32), (6, 3, 5, 5)).large()
        yield sample(values, (7, 19, 15, 17), (21, 19, 3, 4)).large()
        yield sample(values, (5, 40, 9, 9), (33, 40, 3, 3), padding=1).large()


def wrong_conv2d(values):
    def wrong(input, weight, *bias, **keywords):
        return Sample(values.tensor(*input), values.tensor(*weight), *bias, **keywords)

    yield wrong((2, 3, 7, 6), (4, 2, 3, 3))
    yield wrong((2, 3, 2, 2), (4, 3, 3, 3))
    yield wrong((3, 7), (4, 3, 3, 3))
    yield wrong((2, 3, 7, 6), (4, 3, 3))
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), values.tensor(3))
    yield Sample(values.indices(5, 2, 3, 7, 6), values.tensor(4, 3, 3, 3))
    yield Sample(values.indices(5, 2, 3, 7, 6), values.tensor(4, 3, 3, 3), values.tensor(4))
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), values.indices(5, 4))
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), stride=0)
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), padding=-1)
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), dilation=0)
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), groups=2)
    yield wrong((2, 4, 7, 6), (3, 2, 3, 3), groups=2)
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), padding="same", stride=2)
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), padding="nonsense")
    yield wrong((2, 3, 7, 6), (4, 3, 3, 3), stride=(1, 1, 1))
    yield Sample(values.tensor(2, 3, 7, 6), values.indices(3, 4, 3, 3, 3))


def conv1d_samples(values):
    yield sample(values, (2, 3, 9), (4, 3, 3))
    yield sample(values, (3, 9), (4, 3, 2), biased=False)
    yield sample(values, (2, 4, 9), (6, 2, 3), stride=2, padding=1, dilation=2, groups=2)
    yield sample(values, (2, 3, 8), (4, 3, 3), padding="same")


def conv3d_samples(values):
    yield sample(values, (2, 2, 4, 5, 3), (3, 2, 2, 3, 2))
    yield sample(values, (2, 4, 5, 3), (3, 2, 2, 3, 2), biased=False)
    yield sample(values, (1, 2, 4, 4, 4), (4, 1, 2, 2, 2), stride=(1, 2, 1), padding=(1, 0, 1), groups=2)
    yield sample(values, (1, 2, 4, 4, 4), (2, 2, 3, 3, 3), padding="same")


def wrong_dims(shape, weight, too_few):
    """Wrong channels, a kernel larger than the input, too few dims."""

    def errors(values):
        yield Sample(values.tensor(2, 5, *shape), values.tensor(*weight))
        yield Sample(values.tensor(2, weight[1], *[1] * len(shape)), values.tensor(*weight))
        yield Sample(values.tensor(*too_few), values.tensor(*weight))

    return errors


def row(name, samples, errors, *covers):
    return OpCase(
        name,
        samples,
        convolution,
        "function",
        dtypes=REAL_FLOATS,
        errors=errors,
        tolerance=30,
        covers=("convolution", "_convolution_backward", *covers),
    )


def transposed_row(dims):
    return OpCase(
        f"conv_transpose{dims}d",
        transposed_samples(dims),
        transposed,
        "function",
        dtypes=REAL_FLOATS,
        errors=wrong_transposed(dims),
        tolerance=30,
    )


CASES = [
    row("conv1d", conv1d_samples, wrong_dims((9,), (4, 3, 3), (9,)), "conv1d.padding"),
    row("conv2d", conv2d_samples, wrong_conv2d, "conv2d.padding"),
    row("conv3d", conv3d_samples, wrong_dims((4, 4, 4), (3, 2, 2, 2, 2), (4, 4, 4)), "conv3d.padding"),
    *map(transposed_row, (1, 2, 3)),
]
