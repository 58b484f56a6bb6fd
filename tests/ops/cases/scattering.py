"""Ops that write to, or fold into, slices and elements that indices or masks name."""

import numpy as np

from ops.case import OpCase
from ops.sample import ALL_DTYPES, NUMBERS, REAL_NUMBERS, Input, Sample

FORMS = "function method in_place out"


def slice_samples(values):
    yield Sample(values.tensor(5, 3), 0, values.at(4, 0, 2), values.tensor(3, 3))
    yield Sample(values.tensor(2, 5, 3), -2, values.at(1, 3), values.tensor(2, 2, 3))
    yield Sample(values.tensor(5), 0, values.at(3), values.tensor(1))
    yield Sample(values.tensor(), 0, values.at(0), values.tensor())
    yield Sample(values.tensor(5, 3), 1, values.indices(3, 0), values.tensor(5, 0))


def add_samples(values):
    yield from slice_samples(values)
    yield Sample(values.tensor(3, 4), 0, values.at(1, 1, 0, 1), values.tensor(4, 4))
    if not values.is_bool:
        yield Sample(values.tensor(3, 4), 1, values.at(3, 0), values.tensor(3, 2), alpha=2)


def each_slice(write):
    """Call write(output, place, slice) for each index in turn."""

    def reference(input, dim, index, source, *reduce, **keywords):
        output = np.array(np.moveaxis(np.atleast_1d(input), dim, 0))
        slices = np.moveaxis(np.atleast_1d(source), dim, 0)
        for place, part in zip(index, slices, strict=True):
            write(output, place, part, **keywords)
        return np.moveaxis(output, 0, dim).reshape(input.shape).astype(input.dtype)

    return reference


def add_slice(output, place, part, alpha=1):
    output[place] = output[place] | part if output.dtype == bool else output[place] + alpha * part


def copy_slice(output, place, part):
    output[place] = part


def wrong_slices(values):
    yield Sample(values.tensor(3, 4), 0, values.at(3), values.tensor(1, 4))
    yield Sample(values.tensor(3, 4), 0, values.at(-1), values.tensor(1, 4))
    yield Sample(values.tensor(3, 4), 0, values.at(0, 1), values.tensor(1, 4))
    yield Sample(values.tensor(3, 4), 0, values.at(0), values.tensor(1, 3))
    yield Sample(values.tensor(3, 4), 0, values.indices(2, 1, 1), values.tensor(1, 4))
    yield Sample(values.tensor(3, 4), 0, values.tensor(1), values.tensor(1, 4))
    yield Sample(values.tensor(3, 4), 2, values.at(0), values.tensor(1, 4))
    yield Sample(values.tensor(3, 4), 0, values.at(0), Input(np.ones((1, 4)), "int16"))


def fill_samples(values):
    number = True if values.is_bool else 3
    yield Sample(values.tensor(5, 3), 0, values.at(4, 0), number)
    yield Sample(values.tensor(2, 5, 3), 1, values.at(-1, 2), number)
    yield Sample(values.tensor(), 0, values.at(0), number)
    yield Sample(values.tensor(5, 3), 1, values.indices(3, 0), number)


def fill_tensor_samples(values):
    yield Sample(values.tensor(5, 3), 0, values.at(4, 0), values.tensor())
    yield Sample(values.tensor(2, 3), 1, values.at(1, 1), values.tensor())


def index_fill(input, dim, index, value):
    output = np.array(np.moveaxis(np.atleast_1d(input), dim, 0))
    output[index] = value
    return np.moveaxis(output, 0, dim).reshape(input.shape)


def wrong_fills(values):
    yield Sample(values.tensor(3, 4), 0, values.at(3), 1)
    yield Sample(values.tensor(3, 4), 0, values.at(-4), 1)
    yield Sample(values.tensor(3, 4), 0, values.indices(2, 1, 1), 1)
    yield Sample(values.tensor(3, 4), 0, values.tensor(1), 1)
    yield Sample(values.tensor(3, 4), 0, values.at(0), values.tensor(2))


def masked_scatter_samples(values):
    yield Sample(values.tensor(3, 4), values.mask(3, 4), values.tensor(12))
    yield Sample(values.tensor(3, 4), values.mask(4), values.tensor(4, 4))
    yield Sample(values.tensor(), values.numbers(1).with_values(True), values.tensor(2))
    yield Sample(values.tensor(0, 3), values.mask(3), values.tensor(0))


def masked_scatter_numbers(values):
    for sample in masked_scatter_samples(values):
        mask = sample.inputs()[1]
        yield sample.with_inputs([sample.inputs()[0], Input(mask.values, "bool"), sample.inputs()[2]])


def masked_scatter(input, mask, source):
    output = np.array(input)
    mask = np.broadcast_to(mask, input.shape)
    output[mask] = source.reshape(-1)[: mask.sum()]
    return output


def wrong_masks(values):
    yield Sample(values.tensor(3, 4), values.mask(3, 5), values.tensor(12))
    yield Sample(values.tensor(3), Input([True] * 3, "bool"), values.tensor(2))
    yield Sample(values.tensor(3), values.tensor(3), values.tensor(3))
    yield Sample(values.tensor(3), values.mask(3), Input(np.ones(3), "int16"))


REDUCES = {"sum": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum, "mean": np.add}


def draw(values, *shape):
    """Numbers whose extremes are no ties and whose products have a derivative."""
    return values.tensor(*shape) if values.is_complex else values.distinct(*shape)


def draw_source(values, *shape):
    """The same, none of them equal to one of the input."""
    drawn = draw(values, *shape)
    return drawn.with_values(drawn.values + 0.125) if values.is_floating else drawn


def scatter_reduce_samples(values):
    for reduce in REDUCES if not values.is_complex else ("sum", "prod", "mean"):
        for include_self in (True, False):
            yield Sample(
                draw(values, 3, 4),
                0,
                values.indices(3, 5, 4),
                draw_source(values, 5, 4),
                reduce=reduce,
                include_self=include_self,
            )
    yield Sample(draw(values, 3, 4), 1, values.indices(4, 2, 3), draw_source(values, 3, 5), "sum")
    if values.is_floating:
        zeros = values.numbers([0.0, 2.0, 0.0, 0.0, 3.0])
        yield Sample(values.numbers([2.0, 0.0]), 0, values.at(0, 0, 1, 1, 0), zeros, "prod").special()
        ties = values.numbers([1.0, 1.0, 5.0, 5.0, np.nan])
        yield Sample(values.numbers([1.0, 0.0, 1.0]), 0, values.at(0, 0, 1, 1, 2), ties, "amax").special()


def folded(input, source, places, reduce, include_self):
    """Fold source[i] into output[places[i]] one after the other."""
    output = np.array(input)
    touched = np.zeros(input.shape, dtype=np.int64)
    for place, value in zip(places, source, strict=True):
        first = not include_self and touched[place] == 0
        output[place] = value if first else REDUCES[reduce](output[place], value)
        touched[place] += 1
    if reduce == "mean":
        counts = np.maximum(touched + include_self, 1)
        output = output // counts if output.dtype.kind in "iu" else output / counts
    return output


def scatter_reduce(input, dim, index, src, reduce, include_self=True):
    where = list(np.ndindex(index.shape))
    places = [(*at[:dim], index[at], *at[dim + 1 :]) for at in where]
    return folded(input, [src[at] for at in where], places, reduce, include_self)


def index_reduce_samples(values):
    for reduce in ("prod", "mean", "amax", "amin") if not values.is_complex else ("prod", "mean"):
        for include_self in (True, False):
            yield Sample(
                draw(values, 3, 4),
                0,
                values.at(1, 1, 0, 1),
                draw_source(values, 4, 4),
                reduce,
                include_self=include_self,
            )


def index_reduce(input, dim, index, source, reduce, include_self=True):
    where = list(np.ndindex(source.shape))
    places = [(index[at[0]], *at[1:]) for at in where]
    return folded(input, [source[at] for at in where], places, reduce, include_self)


def wrong_reduces(values):
    yield Sample(values.tensor(3, 4), 0, values.indices(3, 5, 4), values.tensor(5, 4), "text")
    yield Sample(values.tensor(3, 4), 0, values.at(3), values.tensor(1, 4), "sum")
    yield Sample(values.tensor(3, 4), 0, values.tensor(1, 4), values.tensor(1, 4), "sum")


def wrong_slice_reduces(values):
    for sample in wrong_slices(values):
        sample.arguments = (*sample.arguments, "prod")
        yield sample
    yield Sample(values.tensor(3, 4), 0, values.at(1), values.tensor(1, 4), "sum")


def constant(values, *shape):
    return Input(values.distinct(*shape).values, values.dtype, constant=True)


def old_reduce_samples(values):
    for reduce in ("add", "multiply"):
        yield Sample(
            constant(values, 3, 4), 0, values.indices(3, 2, 4), constant(values, 2, 4), reduce=reduce
        )


def old_value_samples(values):
    for reduce in ("add", "multiply"):
        yield Sample(constant(values, 3, 4), 0, values.indices(3, 2, 4), 3, reduce=reduce)


def old_reduce(input, dim, index, src, reduce):
    source = np.broadcast_to(src, index.shape)
    return scatter_reduce(input, dim, index, source, {"add": "sum", "multiply": "prod"}[reduce])


def row(name, samples, reference, errors, forms=FORMS, dtypes=ALL_DTYPES, **properties):
    return OpCase(name, samples, reference, forms, dtypes=dtypes, errors=errors, **properties)


CASES = [
    row("index_add", add_samples, each_slice(add_slice), wrong_slices),
    row("index_copy", slice_samples, each_slice(copy_slice), wrong_slices),
    row("index_fill", fill_samples, index_fill, wrong_fills, "function method in_place"),
    row("index_fill.Tensor", fill_tensor_samples, index_fill, None, "function method in_place"),
    row(
        "masked_scatter",
        masked_scatter_numbers,
        masked_scatter,
        wrong_masks,
        "function method in_place",
        batches=False,
    ),
    row("scatter_reduce", scatter_reduce_samples, scatter_reduce, wrong_reduces, dtypes=NUMBERS, tolerance=8),
    row(
        "index_reduce",
        index_reduce_samples,
        index_reduce,
        wrong_slice_reduces,
        dtypes=NUMBERS,
        tolerance=8,
    ),
    row("scatter.reduce", old_reduce_samples, old_reduce, None, dtypes=REAL_NUMBERS, derivatives=0),
    row("scatter.value_reduce", old_value_samples, old_reduce, None, dtypes=REAL_NUMBERS, derivatives=0),
]
