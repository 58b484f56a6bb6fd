"""Ops that read or write the elements that indices or masks name."""

import numpy as np

from ops.case import OpCase
from ops.sample import ALL_DTYPES, Sample


def gather_samples(values):
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 2, 4))
    yield Sample(values.tensor(3, 4), 1, values.indices(4, 3, 6))
    yield Sample(values.tensor(3, 4), -1, values.indices(4, 2, 2))
    yield Sample(values.tensor(5), 0, values.indices(5, 7))
    yield Sample(values.tensor(), 0, values.indices(1))
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 0, 4))


def gather(input, dim, index):
    if input.ndim == 0:
        return input
    area = tuple(
        slice(None) if each == dim % input.ndim else slice(length) for each, length in enumerate(index.shape)
    )
    return np.take_along_axis(input[area], index, dim)


def wrong_gathers(values):
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 2))
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 2, 5))
    yield Sample(values.tensor(3, 4), 2, values.indices(3, 2, 4))
    yield Sample(values.tensor(3, 4), 0, values.tensor(2, 4))
    yield Sample(values.tensor(3), 0, values.at(5))
    yield Sample(values.tensor(3), 0, values.at(-4))


def scatter_add_samples(values):
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 2, 4), values.tensor(2, 4))
    yield Sample(values.tensor(3, 4), 1, values.indices(4, 3, 6), values.tensor(3, 6))
    yield Sample(values.tensor(3, 4), -1, values.indices(4, 2, 3), values.tensor(2, 3))
    yield Sample(values.tensor(5), 0, values.indices(5, 7), values.tensor(7))
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 0, 4), values.tensor(0, 4))


def scatter_add(input, dim, index, src):
    output = input.copy()
    for place in np.ndindex(index.shape):
        target = list(place)
        target[dim] = index[place]
        output[tuple(target)] += src[place]
    return output


def wrong_scatters(values):
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 2), values.tensor(2, 4))
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 2, 4), values.tensor(1, 4))
    yield Sample(values.tensor(3), 0, values.at(5), values.tensor(1))
    yield Sample(values.tensor(3, 4), 2, values.indices(3, 2, 4), values.tensor(2, 4))


def scatter_samples(values):
    """Indices that name no element twice: which of several values wins is not defined."""
    yield Sample(
        values.tensor(3, 4), 0, values.at(2, 0, 1, 2).with_values([[2, 0, 1, 2]]), values.tensor(1, 4)
    )
    yield Sample(
        values.tensor(3, 4), 1, values.at(0).with_values([[3, 0], [1, 2], [0, 1]]), values.tensor(3, 2)
    )
    yield Sample(values.tensor(5), 0, values.at(4, 0, 2), values.tensor(3))
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 0, 4), values.tensor(0, 4))


def scatter_number_samples(values):
    yield Sample(values.tensor(3, 4), 1, values.indices(4, 3, 2), 1)
    yield Sample(values.tensor(5), -1, values.indices(5, 2), 0)


def scatter(input, dim, index, src):
    output = input.copy()
    for place in np.ndindex(index.shape):
        target = list(place)
        target[dim] = index[place]
        output[tuple(target)] = src if np.ndim(src) == 0 else src[place]
    return output


def index_select_samples(values):
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 5))
    yield Sample(values.tensor(3, 4), 1, values.indices(4, 2))
    yield Sample(values.tensor(2, 3, 4), -2, values.indices(3, 1))
    yield Sample(values.tensor(5), 0, values.indices(5))
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 0))


def index_select(input, dim, index):
    return np.take(input, np.atleast_1d(index), axis=dim)


def wrong_selects(values):
    yield Sample(values.tensor(3, 4), 0, values.at(3))
    yield Sample(values.tensor(3, 4), 0, values.at(-1))
    yield Sample(values.tensor(3, 4), 2, values.at(0))
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 2, 2))
    yield Sample(values.tensor(3, 4), 0, values.tensor(2))


def masked_select_samples(values):
    yield Sample(values.tensor(3, 4), values.mask(3, 4))
    yield Sample(values.tensor(3, 4), values.mask(4))
    yield Sample(values.tensor(4), values.mask(3, 1))
    yield Sample(values.tensor(), values.mask())
    yield Sample(values.tensor(0, 3), values.mask(0, 3))


def masked_select(input, mask):
    input, mask = np.broadcast_arrays(input, mask)
    return input[mask]


def wrong_masks(values):
    yield Sample(values.tensor(3), values.mask(4))
    yield Sample(values.tensor(3), values.indices(2, 3))


def nonzero_samples(values):
    yield Sample(values.tensor(3, 4))
    yield Sample(values.mask(5))
    yield Sample(values.tensor())
    yield Sample(values.tensor(0, 3))


def nonzero(input):
    if input.ndim == 0:
        return np.zeros((int(input != 0), 0), dtype=np.int64)
    return np.argwhere(input)


def index_samples(values):
    """The advanced forms of x[...]: lists, tensors of integers and of truth, mixed with slices."""
    yield Sample(values.tensor(3, 4), values.indices(3, 5, low=-3))
    yield Sample(values.tensor(3, 4), (slice(None), values.indices(4, 2)))
    yield Sample(values.tensor(3, 4), (values.indices(3, 2, 1), values.indices(4, 5)))
    yield Sample(values.tensor(2, 3, 4), (values.indices(2, 2), slice(1, 3), values.indices(4, 2)))
    yield Sample(values.tensor(2, 3, 4), (Ellipsis, values.indices(4, 2, 2)))
    yield Sample(values.tensor(2, 3, 4), (None, values.indices(2, 2), 1))
    yield Sample(values.tensor(3, 4), [0, 2])
    yield Sample(values.tensor(3, 4), ([0, 2], [1, -1]))
    yield Sample(values.tensor(3, 4), values.indices(3, 0))


def basic_index_samples(values):
    """The forms of x[...] that give views."""
    yield Sample(values.tensor(3, 4), 1)
    yield Sample(values.tensor(3, 4), -1)
    yield Sample(values.tensor(3, 4), (0, 2))
    yield Sample(values.tensor(3, 4), slice(1, None))
    yield Sample(values.tensor(5, 4), (slice(None, None, 2), slice(-3, -1)))
    yield Sample(values.tensor(2, 3, 4), (Ellipsis, 0))
    yield Sample(values.tensor(2, 3, 4), (None, 1, Ellipsis, None))
    yield Sample(values.tensor(2, 3, 4), Ellipsis)
    yield Sample(values.tensor(3), ())
    yield Sample(values.tensor(), None)
    yield Sample(values.tensor(3, 4), slice(3, 1))
    yield Sample(values.tensor(3, 4), slice(-100, 100))
    yield Sample(values.tensor(0, 4), (slice(None), 1))


def wrong_indices(values):
    yield Sample(values.tensor(3, 4), 3)
    yield Sample(values.tensor(3, 4), -4)
    yield Sample(values.tensor(3, 4), (0, 0, 0))
    yield Sample(values.tensor(3, 4), slice(None, None, -1))
    yield Sample(values.tensor(3, 4), slice(None, None, 0))
    yield Sample(values.tensor(), 0)
    yield Sample(values.tensor(3, 4), 0.5)
    yield Sample(values.tensor(3, 4), slice(0.5, None))


def wrong_index_tensors(values):
    yield Sample(values.tensor(3, 4), values.at(3))
    yield Sample(values.tensor(3, 4), values.at(-4))
    yield Sample(values.tensor(3, 4), values.tensor(2))
    yield Sample(values.tensor(3, 4), values.mask(4))
    yield Sample(values.tensor(3, 4), values.mask(3, 3))
    yield Sample(values.tensor(3, 4), (values.at(0, 1), values.at(0, 1, 2)))
    yield Sample(values.tensor(3, 4), (values.at(0), values.at(0), values.at(0)))
    yield Sample(values.tensor(3, 4), [0, 5])


def masked_index_samples(values):
    yield Sample(values.tensor(3, 4), values.mask(3))
    yield Sample(values.tensor(3, 4), values.mask(3, 4))
    yield Sample(values.tensor(3, 4), (slice(None), values.mask(4)))
    yield Sample(values.tensor(3, 4), (values.mask(3), 1))
    yield Sample(values.tensor(3, 4), True)
    yield Sample(values.tensor(3, 4), False)


def indexed(input, index):
    return input[tuple(index) if isinstance(index, tuple) else index]


def index_put_samples(values):
    yield Sample(values.tensor(3, 4), (values.at(2, 0),), values.tensor(2, 4))
    yield Sample(values.tensor(3, 4), (values.at(2, -3),), values.tensor())
    yield Sample(values.tensor(3, 4), (values.at(2, 0), values.at(1, -1)), values.tensor(2))
    yield Sample(values.tensor(3, 4), (values.at(1, 1, 0),), values.tensor(4), accumulate=True)
    yield Sample(values.tensor(5), (values.indices(5, 20),), values.tensor(20), True)
    yield Sample(values.tensor(3, 4), (values.indices(3, 0),), values.tensor(0, 4))


def mask_put_samples(values):
    yield Sample(values.tensor(3, 4), (values.mask(3, 4),), values.tensor())
    yield Sample(values.tensor(3, 4), (values.mask(3),), values.tensor(4))


def index_put(input, indices, values, accumulate=False):
    output = input.copy()
    if accumulate:
        np.add.at(output, tuple(indices), values)
        return output.astype(input.dtype)
    output[tuple(indices)] = values
    return output


def wrong_puts(values):
    yield Sample(values.tensor(3, 4), (values.at(3),), values.tensor())
    yield Sample(values.tensor(3, 4), (values.at(0, 1),), values.tensor(3, 4))
    yield Sample(values.tensor(3, 4), (values.at(0), values.at(0), values.at(0)), values.tensor())
    yield Sample(values.tensor(3, 4), (values.tensor(2),), values.tensor())


def row(name, samples, reference, errors, forms="function method", **properties):
    return OpCase(name, samples, reference, forms, dtypes=ALL_DTYPES, errors=errors, **properties)


CASES = [
    row("gather", gather_samples, gather, wrong_gathers, "function method out"),
    row("scatter_add", scatter_add_samples, scatter_add, wrong_scatters, "function method in_place out"),
    row("scatter", scatter_samples, scatter, wrong_scatters, "function method in_place out"),
    row("scatter.value", scatter_number_samples, scatter, None, "function method in_place out"),
    row("index_select", index_select_samples, index_select, wrong_selects, "function method out"),
    row(
        "masked_select",
        masked_select_samples,
        masked_select,
        wrong_masks,
        "function method out",
        batches=False,
    ),
    row("nonzero", nonzero_samples, nonzero, None, derivatives=0, batches=False),
    row("index", index_samples, indexed, wrong_index_tensors, "function", function="Tensor.__getitem__"),
    row(
        "index.mask",
        masked_index_samples,
        indexed,
        None,
        "function",
        function="Tensor.__getitem__",
        batches=False,
    ),
    row(
        "slice",
        basic_index_samples,
        indexed,
        wrong_indices,
        "function",
        function="Tensor.__getitem__",
        view=True,
        covers=("alias", "select_backward", "slice_backward"),
    ),
    row("index_put", index_put_samples, index_put, wrong_puts, "function method in_place"),
    row("index_put.mask", mask_put_samples, index_put, None, "function method in_place", batches=False),
    OpCase(
        "is_nonzero",
        lambda values: iter(
            [Sample(values.tensor()), Sample(values.tensor(1, 1)), Sample(values.numbers(0))]
        ),
        lambda input: bool(input),
        dtypes=ALL_DTYPES,
        derivatives=0,
        batches=False,
        errors=lambda values: iter([Sample(values.tensor(2)), Sample(values.tensor(0))]),
    ),
    OpCase(
        "item",
        lambda values: iter([Sample(values.tensor()), Sample(values.tensor(1, 1))]),
        np.ndarray.item,
        "method",
        dtypes=ALL_DTYPES,
        derivatives=0,
        batches=False,
        errors=lambda values: iter([Sample(values.tensor(2)), Sample(values.tensor(0))]),
    ),
]
