"""Copies of what views show, copies with a view's part replaced, and views that other files lack."""

import numpy as np

from ops.case import OpCase
from ops.cases import view
from ops.cases.view import samples_of
from ops.sample import ALL_DTYPES, Sample

CASE_OF_VIEW = {case.name: case for case in view.CASES}


def copied(name, forms="function out", of=None, batches=True):
    """The row of a view op, for the op that copies what it shows."""
    case = CASE_OF_VIEW[of or name.replace("_copy", "")]
    return OpCase(
        name, case.samples, case.reference, forms, dtypes=case.dtypes, errors=case.errors, batches=batches
    )


def row(name, calls, reference, wrong_calls=(), forms="function", **properties):
    return OpCase(
        name,
        samples_of(*calls),
        reference,
        forms,
        dtypes=ALL_DTYPES,
        errors=samples_of(*wrong_calls),
        **properties,
    )


def unfold(input, dimension, size, step):
    if input.ndim == 0:
        return np.full((size,), input)
    windows = np.lib.stride_tricks.sliding_window_view(input, size, dimension)
    return np.take(windows, np.arange(0, windows.shape[dimension], step), dimension)


WINDOWS = [((5,), 0, 2, 1), ((2, 5), 1, 3, 2), ((2, 5), -2, 1, 1), ((), 0, 1, 1), ((5,), 0, 5, 9)]
WRONG_WINDOWS = [((5,), 0, 6, 1), ((5,), 0, 2, 0), ((5,), 0, -1, 1), ((5,), 1, 2, 1)]


def scattered(take):
    """A copy of the input in which `take`, a view, is overwritten."""

    def reference(input, src, *arguments):
        result = np.array(input)
        take(result, *arguments)[...] = src
        return result

    return reference


def pairs(*calls):
    def samples(values):
        for shape, src, *arguments in calls:
            yield Sample(values.tensor(*shape), values.tensor(*src), *arguments)

    return samples


def scatter(name, calls, take, wrong_calls, forms="function method", **properties):
    return OpCase(
        name,
        pairs(*calls),
        scattered(take),
        forms,
        dtypes=ALL_DTYPES,
        errors=pairs(*wrong_calls),
        **properties,
    )


def diagonal(array, offset=0, dim1=0, dim2=1):
    moved = np.moveaxis(array, (dim1, dim2), (0, 1))
    moved = moved[max(0, -offset) :, max(0, offset) :]
    length = min(moved.shape[:2])
    return np.moveaxis(np.einsum("ii...->i...", moved[:length, :length]), 0, -1)


CASES = [
    row("unfold", WINDOWS, unfold, WRONG_WINDOWS, "method", view=True),
    row("unfold_copy", WINDOWS, unfold, WRONG_WINDOWS, "function out"),
    row(
        "alias_copy",
        [((3, 4),), ((),), ((0, 2),)],
        np.array,
        forms="function out",
    ),
    copied("as_strided_copy", batches=False),
    copied("diagonal_copy"),
    copied("expand_copy"),
    copied("permute_copy"),
    copied("select_copy"),
    row(
        "slice_copy",
        [((5, 2), 0, 1, 4, 2), ((5, 2), 1, None, None, 1), ((5, 2), -1, -1), ((5, 2), 0, 9, 2)],
        lambda input, dim, start=None, end=None, step=1: view.slice_(input, dim, start, end, step),
        [((5,), 0, 0, 1, 0), ((), 0, 0, 1, 1)],
        "function out",
    ),
    copied("split_copy", "function"),
    copied("split_with_sizes_copy", "function"),
    copied("squeeze_copy"),
    copied("squeeze_copy.dim", of="squeeze.dim"),
    copied("squeeze_copy.dims", of="squeeze.dims"),
    copied("t_copy"),
    copied("transpose_copy"),
    copied("unbind_copy", "function"),
    copied("unsqueeze_copy"),
    copied("view_copy"),
    copied("narrow_copy", "function method"),  # PyTorch's out= of it writes outside of its memory
    copied("broadcast_to", "function method", of="expand"),
    copied("unsafe_split", "function method", of="split"),
    copied("unsafe_split_with_sizes", "function method", of="split_with_sizes"),
    copied("unsafe_chunk", "function method", of="chunk"),
    scatter(
        "select_scatter",
        [((3, 4), (4,), 0, 1), ((3, 4), (3,), 1, -1), ((2, 3, 4), (2, 4), -2, 0)],
        lambda array, dim, index: np.moveaxis(array, dim, 0)[index],
        [((3, 4), (3,), 0, 1), ((3, 4), (4,), 0, 3)],
    ),
    scatter(
        "slice_scatter",
        [((5, 2), (2, 2), 0, 1, 4, 2), ((5, 2), (5, 1), 1, 1), ((5, 2), (0, 2), 0, 3, 2)],
        lambda array, dim, start=None, end=None, step=1: view.slice_(array, dim, start, end, step),
        [((5, 2), (2, 2), 0, 1, 4), ((5,), (5,), 0, 0, 5, 0)],
        "function method out",
    ),
    scatter(
        "diagonal_scatter",
        [((3, 4), (3,)), ((3, 4), (3,), 1), ((2, 3, 4), (2, 2), -1, 1, 2), ((3, 4), (0,), 9)],
        diagonal,
        [((3, 4), (4,)), ((3, 4), (3,), 0, 0, 0)],
    ),
    OpCase(
        "as_strided_scatter",
        pairs(((3, 4), (2, 2), (2, 2), (4, 1), 1), ((5,), (2,), (2,), (2,))),
        scattered(
            lambda array, size, stride, offset=0: np.lib.stride_tricks.as_strided(
                array.reshape(-1)[offset:], size, np.multiply(stride, array.itemsize)
            )
        ),
        dtypes=ALL_DTYPES,
        batches=False,
        errors=pairs(((5,), (3,), (2,), (2,)), ((5,), (3,), (3,), (3,))),
    ),
    row(
        "adjoint",
        [((3, 4),), ((2, 3, 4),), ((),)],
        lambda input: np.conj(np.swapaxes(input, -1, -2)) if input.ndim else np.conj(input),
        [((3,),)],
        "function method",
    ),
    row("resolve_conj", [((3,),), ((),)], np.array, forms="function method"),
    row("resolve_neg", [((3,),), ((),)], np.array, forms="function method"),
]
