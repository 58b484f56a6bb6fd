"""Pooling: the largest element of every window."""

import itertools

import numpy as np

from ops.case import OpCase
from ops.sample import FLOATS, INTEGERS, REAL_FLOATS, Input, Sample, Values


def per_dim(value, dims):
    return (value,) * dims if isinstance(value, int) else tuple(value)


def fixed_windows(sizes, kernel_size, stride, padding, dilation, ceil_mode):
    """For each dim, the places every window looks at."""
    dims = len(sizes)
    kernel, padding = per_dim(kernel_size, dims), per_dim(padding, dims)
    stride, dilation = per_dim(kernel if stride is None else stride, dims), per_dim(dilation, dims)
    for size, length, step, border, apart in zip(sizes, kernel, stride, padding, dilation, strict=True):
        room = size + 2 * border - apart * (length - 1) - 1
        count = (room + (step - 1 if ceil_mode else 0)) // step + 1
        if ceil_mode and (count - 1) * step >= size + border:
            count -= 1
        starts = [window * step - border for window in range(count)]
        yield [
            [place for place in range(start, start + apart * length, apart) if 0 <= place < size]
            for start in starts
        ]


def adaptive_windows(sizes, output_size):
    """For each dim, `output_size` windows that cover it."""
    for size, count in zip(sizes, per_dim(output_size, len(sizes)), strict=True):
        yield [
            list(range(window * size // count, -(-(window + 1) * size // count))) for window in range(count)
        ]


def largest(input, windows):
    """Return the largest element of every window, and its place in the plane."""
    windows = list(windows)
    dims = len(windows)
    lead, sizes = input.shape[: input.ndim - dims], input.shape[input.ndim - dims :]
    planes = input.reshape(-1, *sizes)
    counts = [len(along) for along in windows]
    values = np.zeros((len(planes), *counts), dtype=input.dtype)
    places = np.zeros(values.shape, dtype=np.int64)
    numbers = np.arange(int(np.prod(sizes))).reshape(sizes)
    for output in itertools.product(*map(range, counts)):
        area = np.ix_(*(along[place] for along, place in zip(windows, output, strict=True)))
        candidates, indices = planes[(slice(None), *area)], numbers[area].ravel()
        flat = candidates.reshape(len(planes), indices.size)
        best = flat.argmax(axis=1)
        values[(slice(None), *output)] = flat[np.arange(len(planes)), best]
        places[(slice(None), *output)] = indices[best]
    return values.reshape(*lead, *counts), places.reshape(*lead, *counts)


def max_pool(dims):
    def reference(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
        sizes = input.shape[input.ndim - dims :]
        return largest(input, fixed_windows(sizes, kernel_size, stride, padding, dilation, ceil_mode))

    return reference


def max_pool_values(dims):
    return lambda *arguments, **keywords: max_pool(dims)(*arguments, **keywords)[0]


def adaptive_max_pool(dims):
    return lambda input, output_size: largest(
        input, adaptive_windows(input.shape[input.ndim - dims :], output_size)
    )


def mean(input, windows, divisors=None):
    """Average along one dim after the other, or divide the sums by `divisors`, one a window."""
    first = input.ndim - len(windows)
    for dim, along in enumerate(windows, first):
        sums = [np.take(input, places, axis=dim).sum(axis=dim) for places in along]
        counts = [len(places) for places in along] if divisors is None else divisors[dim - first]
        input = np.stack([total / count for total, count in zip(sums, counts, strict=True)], axis=dim)
    return input


def avg_pool(dims):
    def reference(
        input,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        sizes = input.shape[input.ndim - dims :]
        kernel, borders = per_dim(kernel_size, dims), per_dim(padding, dims)
        steps = per_dim(kernel if stride is None else stride, dims)
        windows = list(fixed_windows(sizes, kernel, steps, padding, 1, ceil_mode))
        if divisor_override:
            divisors = [[divisor_override if dim == 0 else 1] * len(each) for dim, each in enumerate(windows)]
        elif count_include_pad:
            divisors = [
                [
                    min(window * step - border + length, size + border) - (window * step - border)
                    for window in range(len(each))
                ]
                for each, size, length, step, border in zip(
                    windows, sizes, kernel, steps, borders, strict=True
                )
            ]
        else:
            divisors = None
        result = mean(input, windows, divisors)
        return np.trunc(result.round(9)).astype(input.dtype) if input.dtype.kind == "i" else result

    return reference


def adaptive_avg_pool(dims):
    return lambda input, output_size: mean(
        input, list(adaptive_windows(input.shape[input.ndim - dims :], output_size))
    )


def avg_pool_samples(dims):
    shape = [2, 3, 5, 7, 6][: dims + 2]

    def samples(values):
        yield Sample(values.tensor(*shape), 2)
        yield Sample(values.tensor(*shape[1:]), 3, 2, 1)
        yield Sample(values.tensor(*shape), 3, 2, 1, True)
        yield Sample(values.tensor(*shape), 3, 2, 1, True, False)
        if dims > 1:
            yield Sample(values.tensor(*shape), 2, 1, divisor_override=3)
            yield Sample(values.tensor(*shape), [3, 2, 2][:dims], [1, 2, 1][:dims], [1, 0, 1][:dims])

    return samples


def wrong_avg_pool(dims):
    shape = [2, 3, 5, 7, 6][: dims + 2]

    def errors(values):
        yield Sample(values.tensor(*shape), [2] * (dims + 1))
        yield Sample(values.tensor(4), 2)
        if dims > 1:
            yield Sample(values.tensor(*shape), 2, 0)
            yield Sample(values.tensor(*shape), 2, 1, -1)
            yield Sample(values.tensor(*shape), 2, divisor_override=0)
        yield Sample(values.tensor(*shape), 2, 1, 2)
        yield Sample(values.tensor(*shape), 99)
        yield Sample(values.tensor(*shape))

    return errors


def max_pool1d_samples(values):
    yield Sample(values.distinct(2, 3, 8), 2)
    yield Sample(values.distinct(3, 9), 3, 2, 1)
    yield Sample(values.distinct(2, 3, 9), 2, stride=3, dilation=2)
    yield Sample(values.distinct(2, 3, 8), 3, 2, ceil_mode=True)


def max_pool2d_samples(values):
    yield Sample(values.distinct(2, 3, 6, 8), 2)
    yield Sample(values.distinct(3, 6, 7), (2, 2))
    yield Sample(values.distinct(2, 2, 7, 9), 3, 2, 1)
    yield Sample(values.distinct(1, 2, 8, 9), (3, 2), (2, 1), (1, 0), (2, 1))
    yield Sample(values.distinct(2, 2, 5, 7), 2, 2, ceil_mode=True)
    yield Sample(values.distinct(2, 2, 6, 6), 3, 1, 1, 1, True)
    yield Sample(values.distinct(0, 2, 6, 6), 2)
    if values.dtype in FLOATS:
        yield Sample(values.distinct(16, 6, 28, 28), 2).large()
        yield Sample(values.distinct(3, 5, 40, 66), 2, 2).large()
        yield Sample(
            values.numbers([[[np.nan, 1.0, -np.inf, -np.inf], [2.0, 3.0, -np.inf, -np.inf]]]), 2
        ).special()
        yield Sample(values.numbers([[[1.0, 1.0, 2.0, np.inf], [1.0, 1.0, np.nan, np.inf]]]), 2).special()


def max_pool3d_samples(values):
    yield Sample(values.distinct(1, 2, 4, 4, 6), 2)
    yield Sample(values.distinct(2, 5, 4, 6), (3, 2, 2), 2, (1, 0, 1))
    yield Sample(values.distinct(1, 1, 5, 5, 5), 2, 2, ceil_mode=True)


def wrong_max_pool(shape, dims):
    def errors(values):
        yield Sample(values.tensor(*shape), [2] * (dims + 1))
        yield Sample(values.tensor(*shape), 2, 0)
        yield Sample(values.tensor(*shape), 2, 1, 2)
        yield Sample(values.tensor(*shape), 2, 1, -1)
        yield Sample(values.tensor(*shape), 99)
        yield Sample(values.tensor(4), 2)
        yield Sample(values.tensor(*shape))

    return errors


def adaptive_samples(shape, sizes):
    def samples(values):
        for size in sizes:
            yield Sample(values.distinct(*shape), size)
            yield Sample(values.distinct(*shape[1:]), size)

    return samples


def wrong_adaptive(dims):
    def errors(values):
        yield Sample(values.tensor(2, 3, *[6] * dims), [2] * (dims + 1))
        yield Sample(values.tensor(4), 2)
        yield Sample(values.indices(5, 2, 3, *[6] * dims), [2] * dims)

    return errors


def unpool_samples(dims):
    """The largest of windows of 2, put back: no two values meet at one place."""

    def samples(values):
        for lead in [(2, 3), (3,)]:
            pictures = Values("float64", seed=3).distinct(*lead, *[4, 6, 4][:dims]).values
            places = max_pool(dims)(pictures, 2)[1]
            yield Sample(values.tensor(*places.shape), Input(places, "int64"), 2)
            yield Sample(
                values.tensor(*places.shape), Input(places, "int64"), 2, output_size=[5, 7, 5][:dims]
            )

    return samples


def unpool(dims):
    def reference(input, indices, kernel_size, output_size=None):
        lead, sizes = input.shape[: input.ndim - dims], input.shape[input.ndim - dims :]
        sizes = output_size or [size * kernel_size for size in sizes]
        planes = np.zeros((int(np.prod(lead)), int(np.prod(sizes))), dtype=input.dtype)
        rows = np.arange(len(planes))[:, None]
        planes[rows, indices.reshape(len(planes), -1)] = input.reshape(len(planes), -1)
        return planes.reshape(*lead, *sizes)

    return reference


def wrong_unpool(dims):
    def errors(values):
        one = [1] * dims
        yield Sample(values.tensor(1, 2, *one), values.tensor(1, 2, *one), 2)
        yield Sample(values.tensor(1, 2, *one), values.indices(3, 1, 3, *one), 2)
        yield Sample(values.tensor(1, 2, *one), values.indices(3, 1, 2, *one), 2, output_size=[9] * dims)

    return errors


def fractional_begins(sample, size, count, length):
    alpha = (size - length) / (count - 1) if count > 1 else 0.0
    return [int((o + sample) * alpha) - int(sample * alpha) for o in range(count - 1)] + [size - length]


def fractional_max_pool(dims):
    def reference(input, kernel_size, output_size, random_samples):
        lead, sizes = input.shape[: input.ndim - dims], input.shape[input.ndim - dims :]
        samples = random_samples.reshape(-1, dims)
        samples = samples[:, ::-1] if dims == 2 else samples
        results = []
        for plane, chosen in zip(input.reshape(-1, *sizes), samples, strict=True):
            windows = [
                [
                    list(range(begin, begin + kernel_size))
                    for begin in fractional_begins(each, size, count, kernel_size)
                ]
                for each, size, count in zip(chosen, sizes, output_size, strict=True)
            ]
            results.append(largest(plane[None], windows))
        return tuple(np.stack(each).reshape(*lead, *output_size) for each in zip(*results, strict=True))

    return reference


def fractional_samples(dims):
    def samples(values):
        sizes = [6, 7, 5][:dims]
        chosen = Input(np.random.default_rng(2).integers(0, 8, (2, 3, dims)) / 8, values.dtype, constant=True)
        yield Sample(values.distinct(2, 3, *sizes), 2, [3, 4, 2][:dims], chosen)
        yield Sample(
            values.distinct(3, *sizes),
            3,
            [2, 3, 2][:dims],
            Input(chosen.values[:1], values.dtype, constant=True),
        )

    return samples


INNER = (
    "_max_pool2d",
    "_max_pool2d_with_indices",
    "_max_pool_backward",
    "_max_unpool",
    "_max_pool3d",
    "_max_pool3d_with_indices",
    "_adaptive_max_pool3d",
)
COMPARED = (*REAL_FLOATS, *INTEGERS)


def row(name, samples, reference, errors, dtypes=REAL_FLOATS, **options):
    return OpCase(name, samples, reference, "function", dtypes=dtypes, errors=errors, **options)


CASES = [
    row("max_pool1d", max_pool1d_samples, max_pool_values(1), wrong_max_pool((2, 3, 8), 1)),
    row(
        "max_pool2d",
        max_pool2d_samples,
        max_pool_values(2),
        wrong_max_pool((2, 3, 8, 8), 2),
        COMPARED,
        covers=INNER,
    ),
    row("max_pool3d", max_pool3d_samples, max_pool_values(3), wrong_max_pool((2, 3, 8, 8, 8), 3), COMPARED),
    row("max_pool1d_with_indices", max_pool1d_samples, max_pool(1), wrong_max_pool((2, 3, 8), 1)),
    row(
        "max_pool2d_with_indices",
        max_pool2d_samples,
        max_pool(2),
        wrong_max_pool((2, 3, 8, 8), 2),
        COMPARED,
        function="nn.functional.max_pool2d_with_indices",
    ),
    row(
        "max_pool3d_with_indices",
        max_pool3d_samples,
        max_pool(3),
        wrong_max_pool((2, 3, 8, 8, 8), 3),
        COMPARED,
        function="nn.functional.max_pool3d_with_indices",
    ),
    row(
        "adaptive_max_pool1d", adaptive_samples((2, 3, 7), (3, 1, 7)), adaptive_max_pool(1), wrong_adaptive(1)
    ),
    row(
        "adaptive_max_pool2d",
        adaptive_samples((2, 3, 5, 7), ((3, 2), (1, 1), (5, 7), (6, 3))),
        adaptive_max_pool(2),
        wrong_adaptive(2),
        function="nn.functional.adaptive_max_pool2d_with_indices",
    ),
    row(
        "adaptive_max_pool3d",
        adaptive_samples((2, 3, 4, 5, 3), ((3, 2, 2), (1, 1, 1))),
        adaptive_max_pool(3),
        wrong_adaptive(3),
        function="nn.functional.adaptive_max_pool3d_with_indices",
    ),
    row(
        "max_unpool2d",
        unpool_samples(2),
        unpool(2),
        wrong_unpool(2),
        function="nn.functional.max_unpool2d",
    ),
    row(
        "max_unpool3d",
        unpool_samples(3),
        unpool(3),
        wrong_unpool(3),
        function="nn.functional.max_unpool3d",
    ),
    *(
        row(
            f"avg_pool{dims}d",
            avg_pool_samples(dims),
            avg_pool(dims),
            wrong_avg_pool(dims),
            (*(FLOATS if dims == 3 else REAL_FLOATS), "int64"),
            function=f"nn.functional.avg_pool{dims}d",
            covers=("_map_lines", "_map_lines_in_float32") if dims == 1 else (),
            tolerance=3,
        )
        for dims in (1, 2, 3)
    ),
    row(
        "adaptive_avg_pool1d",
        adaptive_samples((2, 3, 7), (3, 1, 7)),
        adaptive_avg_pool(1),
        wrong_adaptive(1),
        tolerance=3,
    ),
    row(
        "adaptive_avg_pool2d",
        adaptive_samples((2, 3, 5, 7), ((3, 2), (1, 1), (5, 7), (6, 3))),
        adaptive_avg_pool(2),
        wrong_adaptive(2),
        function="nn.functional.adaptive_avg_pool2d",
        tolerance=3,
    ),
    row(
        "adaptive_avg_pool3d",
        adaptive_samples((2, 3, 4, 5, 3), ((3, 2, 2), (1, 1, 1))),
        adaptive_avg_pool(3),
        wrong_adaptive(3),
        function="nn.functional.adaptive_avg_pool3d",
        tolerance=3,
    ),
    *(
        row(
            f"fractional_max_pool{dims}d",
            fractional_samples(dims),
            fractional_max_pool(dims),
            None,
            function=f"fractional_max_pool{dims}d",
        )
        for dims in (2, 3)
    ),
]
