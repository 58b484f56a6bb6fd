"""Ops whose result lies on the memory of their input, and those that join tensors."""

import numpy as np

from ops.case import OpCase
from ops.sample import ALL_DTYPES, DTypeName, Sample


def samples_of(*calls):
    """Samples from tuples (shape, argument, …); a dict at the end holds keywords."""

    def samples(values):
        for shape, *arguments in calls:
            keywords = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            yield Sample(values.tensor(*shape), *arguments, **keywords)

    return samples


def row(name, calls, reference, wrong_calls=(), forms="function method", **properties):
    return OpCase(
        name,
        samples_of(*calls),
        reference,
        forms,
        dtypes=("float32", "float64", "bfloat16", "int64", "complex64", "bool"),
        view=True,
        errors=samples_of(*wrong_calls),
        **properties,
    )


def select(input, dim, index):
    return np.take(input, index, axis=dim)


def slice_(input, dim, start, end, step=1):
    index = [slice(None)] * input.ndim
    index[dim] = slice(start, end, step)
    return input[tuple(index)]


def narrow(input, dim, start, length):
    start = start + input.shape[dim] if start < 0 else start
    return slice_(input, dim, start, start + length)


def squeeze(input, dim=None):
    if dim is None:
        return np.squeeze(input)
    dims = [each for each in np.atleast_1d(dim) if input.ndim and input.shape[each] == 1]
    return np.squeeze(input, tuple(int(each) for each in dims)) if dims else input


def flatten(input, start_dim=0, end_dim=-1):
    if input.ndim == 0:
        return input.reshape(1)
    end_dim %= input.ndim
    return input.reshape(*input.shape[:start_dim], -1, *input.shape[end_dim + 1 :])


def expand(input, *size):
    size = size[0] if isinstance(size[0], (tuple, list)) else size
    added = len(size) - input.ndim
    full = [input.shape[i - added] if each == -1 else each for i, each in enumerate(size)]
    return np.broadcast_to(input, full)


def split(input, split_size, dim=0):
    if isinstance(split_size, int):
        split_size = [split_size] * (-(-input.shape[dim] // split_size))
    return np.split(input, np.cumsum(split_size)[:-1], axis=dim)


def chunk(input, chunks, dim=0):
    return split(input, -(-input.shape[dim] // chunks), dim)


def unbind(input, dim=0):
    return [np.take(input, index, axis=dim) for index in range(input.shape[dim])]


def as_strided(input, size, stride, storage_offset=0):
    places = np.full(size, storage_offset)
    for dim, (length, step) in enumerate(zip(size, stride, strict=True)):
        places += (np.arange(length) * step).reshape([-1] + [1] * (len(size) - dim - 1))
    return input.reshape(-1)[places]


def swapped(input, first, second):
    return np.swapaxes(input, first, second) if input.ndim else input


def reshaped(input, *shape):
    return input.reshape(*shape)


RESHAPES = [
    ((2, 6), (3, 4)),
    ((2, 6), (-1,)),
    ((2, 3, 4), (6, 4)),
    ((), (1, 1)),
    ((0, 3), (3, 0)),
    ((1,), ()),
]
WRONG_RESHAPES = [((2, 6), (5, 2)), ((2, 6), (-1, -1)), ((2, 6), (-1, 5)), ((0,), (-1, 0)), ((2, 6), (-2, 6))]

CASES = [
    row("view", RESHAPES, reshaped, [*WRONG_RESHAPES, ((2,), "text")], "method"),
    row("reshape", RESHAPES, reshaped, WRONG_RESHAPES),
    row(
        "transpose",
        [((3, 4), 0, 1), ((2, 3, 4), -1, 0), ((2, 3, 4), 1, 1), ((), 0, 0), ((0, 2), 0, 1)],
        swapped,
        [((3, 4), 0, 2), ((3, 4), -3, 0), ((3, 4), 0)],
    ),
    row("t", [((3, 4),), ((5,),), ((),), ((0, 2),)], np.transpose, [((2, 3, 4),)]),
    row(
        "permute",
        [((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (-1, 1, 0)), ((3,), (0,)), ((), ()), ((0, 2), (1, 0))],
        np.transpose,
        [((2, 3), (0,)), ((2, 3), (0, 0)), ((2, 3), (0, 2))],
    ),
    row(
        "movedim",
        [((2, 3, 4), 0, 2), ((2, 3, 4), (0, 1), (-1, 0)), ((3,), 0, 0)],
        np.moveaxis,
        [((2, 3), 0, 2), ((2, 3), (0, 0), (0, 1)), ((2, 3), (0, 1), (0,))],
    ),
    row(
        "select",
        [((3, 4), 0, 1), ((3, 4), 1, -1), ((2, 3, 4), -2, 0), ((5,), 0, 4)],
        select,
        [((3, 4), 0, 3), ((3, 4), 0, -4), ((3, 4), 2, 0), ((), 0, 0)],
    ),
    row(
        "narrow",
        [((3, 4), 0, 1, 2), ((3, 4), 1, -2, 2), ((3, 4), -1, 0, 0), ((5,), 0, 5, 0)],
        narrow,
        [((3, 4), 0, 1, 3), ((3, 4), 0, 4, 0), ((3, 4), 0, 0, -1), ((), 0, 0, 0), ((3, 4), 2, 0, 1)],
    ),
    row(
        "unsqueeze",
        [((3, 4), 0), ((3, 4), 1), ((3, 4), -1), ((), 0), ((0,), -2)],
        np.expand_dims,
        [((3, 4), 3), ((3, 4), -4), ((3, 4),)],
    ),
    row("squeeze", [((1, 3, 1),), ((3,),), ((),), ((1, 1),)], squeeze, ()),
    row(
        "squeeze.dim",
        [((1, 3, 1), 0), ((1, 3, 1), -1), ((1, 3), 1), ((), 0), ((1, 0), 0)],
        squeeze,
        [((1, 3), 2)],
    ),
    row(
        "squeeze.dims",
        [((1, 3, 1), (0, 2)), ((1, 3, 1), (0, 1)), ((1, 3), ())],
        lambda input, dim: squeeze(input, dim) if dim else input,
        [((1, 3), (0, 0)), ((1, 3), (0, 2))],
    ),
    row(
        "flatten",
        [((2, 3, 4),), ((2, 3, 4), 1), ((2, 3, 4), 0, 1), ((),), ((0, 3), 0, -1), ((5,),)],
        flatten,
        [((2, 3), 1, 0), ((2, 3), 2), ((2, 3), 0, 2)],
    ),
    row(
        "expand",
        [((3, 1), (3, 4)), ((3, 1), (2, -1, 4)), ((), (2, 2)), ((1,), (0,)), ((4,), (4,))],
        expand,
        [((3, 2), (3, 4)), ((3, 2), (2,)), ((3,), (-1, 3)), ((1, 3), (2, -2))],
        "method",
    ),
    row(
        "split",
        [((5, 2), 2), ((5, 2), 5), ((4,), 1), ((3, 4), 3, 1), ((3, 4), 2, -1), ((0, 2), 2)],
        lambda input, split_size, dim=0: split(input, split_size, dim) if input.shape[dim] else [input],
        [((5, 2), 0), ((5, 2), -1), ((5, 2), 2, 2), ((), 1)],
    ),
    row(
        "split.sizes",
        [((5, 2), [2, 3]), ((5, 2), [5]), ((3, 4), [1, 0, 3], 1), ((4,), [4, 0])],
        split,
        [((5, 2), [2, 2]), ((5, 2), [6, -1]), ((5, 2), [2, 3], 2)],
    ),
    row(
        "chunk",
        [((5, 2), 2), ((5, 2), 3), ((5, 2), 7), ((3, 4), 2, -1), ((4,), 1)],
        chunk,
        [((5, 2), 0), ((5, 2), -1), ((5, 2), 2, 2), ((), 1)],
    ),
    row("unbind", [((3, 4),), ((3, 4), 1), ((2, 3, 4), -1), ((4,), 0)], unbind, [((3, 4), 2), ((), 0)]),
    row(
        "diagonal",
        [((3, 4),), ((3, 4), 1), ((3, 4), -1), ((2, 3, 4), 0, 1, 2), ((2, 3, 4), 0, 0, -1), ((2, 2), 5)],
        lambda input, offset=0, dim1=0, dim2=1: np.diagonal(input, offset, dim1, dim2),
        [((3, 4), 0, 0, 0), ((3,),), ((3, 4), 0, 0, 2)],
        covers=("diagonal_backward",),
    ),
    row(
        "as_strided",
        [
            ((3, 4), (2, 2), (4, 1)),
            ((3, 4), (2, 3), (1, 2), 3),
            ((12,), (3, 4), (4, 1)),
            ((5,), (2,), (2,), 1),
            ((6,), (3, 2), (1, 1)),
            ((4,), (2, 3), (1, 0)),
        ],
        as_strided,
        [
            ((3,), (4,), (1,)),
            ((3,), (2, 2), (1,)),
            ((3,), (2,), (1,), -1),
            ((3,), (2,), (-1,)),
            ((3,), (2,), (1,), 2),
        ],
        batches=False,
    ),
    row("ravel", [((2, 3, 4),), ((),), ((0, 3),), ((5,),)], flatten),
    row("swapaxes", [((2, 3, 4), 0, -1), ((), 0, 0)], swapped, [((3, 4), 0, 2)]),
    row("swapdims", [((2, 3, 4), 0, -1), ((), 0, 0)], swapped, [((3, 4), 0, 2)]),
    row(
        "unflatten",
        [((6, 4), 0, (2, 3)), ((6, 4), -1, (2, -1)), ((0, 2), 0, (0, 3))],
        lambda input, dim, sizes: input.reshape(
            *input.shape[: dim % input.ndim], *sizes, *input.shape[dim % input.ndim + 1 :]
        ),
        [((6, 4), 0, (4, 2)), ((6, 4), 2, (2, 3)), ((6, 4), 0, ())],
    ),
    row(
        "split_with_sizes",
        [((5, 2), [2, 3]), ((3, 4), [1, 0, 3], 1), ((4,), [4, 0])],
        split,
        [((5, 2), [2, 2]), ((5, 2), [6, -1]), ((5, 2), [2, 3], 2)],
    ),
    row("detach", [((3, 4),), ((),)], np.array, (), derivatives=0),
]


def lists_of(values, shapes):
    return [values.tensor(*shape) for shape in shapes]


def cat_samples(values):
    yield Sample(lists_of(values, [(2, 3), (1, 3)]))
    yield Sample(lists_of(values, [(2, 3), (2, 1), (2, 2)]), 1)
    yield Sample(lists_of(values, [(2, 3), (2, 3)]), dim=-1)
    yield Sample(lists_of(values, [(0, 3), (2, 3)]))
    yield Sample(lists_of(values, [(0,), (2, 3)]))
    yield Sample(lists_of(values, [(5,)]))


def cat(tensors, dim=0):
    return np.concatenate([each for each in tensors if each.shape != (0,)], axis=dim)


def wrong_cats(values):
    yield Sample([])
    yield Sample(lists_of(values, [(2, 3), (2, 4)]))
    yield Sample(lists_of(values, [(2, 3), (3,)]))
    yield Sample(lists_of(values, [(2, 3), (2, 3)]), 2)
    yield Sample(lists_of(values, [(), ()]))
    yield Sample(values.tensor(2, 3))
    yield Sample([values.tensor(2, 3), 1])


def stack_samples(values):
    yield Sample(lists_of(values, [(2, 3), (2, 3)]))
    yield Sample(lists_of(values, [(2, 3)] * 3), 1)
    yield Sample(lists_of(values, [(2, 3), (2, 3)]), dim=-1)
    yield Sample(lists_of(values, [(), ()]))
    yield Sample(lists_of(values, [(0, 2), (0, 2)]))


def wrong_stacks(values):
    yield Sample([])
    yield Sample(lists_of(values, [(2, 3), (2, 4)]))
    yield Sample(lists_of(values, [(2, 3), (2, 3)]), 3)


def pad_samples(values):
    yield Sample(values.tensor(3, 4), (1, 2))
    yield Sample(values.tensor(3, 4), (1, 0, 2, 1), 2)
    yield Sample(values.tensor(3, 4), (-1, 2, 0, -1))
    yield Sample(values.tensor(2, 1, 3), (1, 1), value=1)
    yield Sample(values.tensor(0, 3), (0, 0, 2, 1))
    yield Sample(values.tensor(3), ())


def wrong_pads(values):
    yield Sample(values.tensor(3), (1,))
    yield Sample(values.tensor(3), (1, 1, 1, 1))
    yield Sample(values.tensor(3), "text")


def constant_pad_nd(input, pad, value=0):
    amounts = [(0, 0)] * (input.ndim - len(pad) // 2)
    amounts += [(pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)]
    output = np.pad(input, [tuple(max(0, side) for side in each) for each in amounts], constant_values=value)
    cuts = [
        (max(0, -before), output.shape[dim] - max(0, -behind)) for dim, (before, behind) in enumerate(amounts)
    ]
    return output[tuple(slice(*cut) for cut in cuts)]


CASES += [
    OpCase("constant_pad_nd", pad_samples, constant_pad_nd, "function", dtypes=ALL_DTYPES, errors=wrong_pads),
    OpCase("cat", cat_samples, cat, "function out", dtypes=ALL_DTYPES, errors=wrong_cats),
    OpCase(
        "stack",
        stack_samples,
        lambda tensors, dim=0: np.stack(tensors, dim),
        "function out",
        dtypes=ALL_DTYPES,
        errors=wrong_stacks,
    ),
]


def as_others(*shapes):
    """Samples of two tensors, of which the second gives the shape alone."""

    def samples(values):
        for shape, other in shapes:
            yield Sample(values.tensor(*shape), values.tensor(*other, constant=True))

    return samples


def like(name, shapes, wrong, reference):
    return OpCase(
        name, as_others(*shapes), reference, "method", dtypes=ALL_DTYPES, view=True, errors=as_others(*wrong)
    )


CASES += [
    like(
        "view_as",
        [((2, 6), (3, 4)), ((), (1, 1))],
        [((2, 6), (5, 2))],
        lambda input, other: input.reshape(other.shape),
    ),
    like(
        "reshape_as",
        [((2, 6), (3, 4)), ((), (1, 1))],
        [((2, 6), (5, 2))],
        lambda input, other: input.reshape(other.shape),
    ),
    like(
        "expand_as",
        [((3, 1), (3, 4)), ((), (2, 2)), ((4,), (4,))],
        [((3, 2), (3, 4)), ((3, 2), (2,))],
        lambda input, other: np.broadcast_to(input, other.shape),
    ),
    OpCase(
        "view.dtype",
        lambda values: iter([Sample(values.tensor(3, 4), DTypeName("int32"))]),
        lambda input, dtype: input.astype(np.float32).view(dtype).astype(np.int64),
        "method",
        dtypes=("float32",),
        derivatives=0,
        batches=False,
    ),
]
