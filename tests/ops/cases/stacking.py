"""Ops that join tensors after giving each enough dims, and those that take a tensor apart at places."""

import numpy as np

from ops.case import OpCase
from ops.cases.view import lists_of, samples_of
from ops.sample import ALL_DTYPES, Input, Sample


def joins(name, lists, reference, wrong_lists):
    def samples_from(lists):
        return lambda values: (Sample(lists_of(values, shapes)) for shapes in lists)

    return OpCase(
        name,
        samples_from(lists),
        reference,
        "function out",
        dtypes=ALL_DTYPES,
        errors=samples_from(wrong_lists),
    )


def splits(name, calls, reference, wrong_calls, **properties):
    return OpCase(
        name,
        samples_of(*calls),
        reference,
        dtypes=ALL_DTYPES,
        view=True,
        errors=samples_of(*wrong_calls),
        **properties,
    )


def tensor_split(input, places, dim=0):
    return np.array_split(input, places, dim)


def at_least(name, reference):
    return OpCase(
        name,
        samples_of(((),), ((3,),), ((2, 3),), ((2, 3, 2),)),
        reference,
        "function",
        dtypes=ALL_DTYPES,
        view=True,
    )


def places_samples(values):
    yield Sample(values.tensor(5, 2), Input(2, "int64"))
    yield Sample(values.tensor(5, 2), values.at(1, 3))
    yield Sample(values.tensor(5, 2), values.at(1), 1)


def wrong_places(values):
    yield Sample(values.tensor(5), Input(0, "int64"))
    yield Sample(values.tensor(5), Input([[1]], "int64"))
    yield Sample(values.tensor(5), Input([1], "int32"))
    yield Sample(values.tensor(), Input(1, "int64"))


CASES = [
    at_least("atleast_1d", np.atleast_1d),
    at_least("atleast_2d", np.atleast_2d),
    at_least("atleast_3d", np.atleast_3d),
    joins("hstack", [[(2,), (3,)], [(2, 1), (2, 3)], [(), ()]], np.hstack, [[], [(2, 1), (3, 1)]]),
    joins("vstack", [[(3,), (3,)], [(2, 3), (3,)], [(), ()]], np.vstack, [[], [(2,), (3,)]]),
    joins("dstack", [[(3,), (3,)], [(2, 3), (2, 3)], [(), ()]], np.dstack, [[], [(2,), (3,)]]),
    joins("column_stack", [[(3,), (3,)], [(3, 2), (3,)], [(), ()]], np.column_stack, [[], [(2,), (3,)]]),
    splits(
        "tensor_split.sections",
        [((5, 2), 2), ((5, 2), 7), ((5, 2), 2, 1), ((4,), 1)],
        tensor_split,
        [((5,), 0), ((), 1), ((5,), 1, 1)],
    ),
    splits(
        "tensor_split.indices",
        [((5, 2), (1, 3)), ((5, 2), (1,), -1), ((5,), ()), ((5,), (-2, 9))],
        tensor_split,
        [((), (1,)), ((5,), (1,), 1)],
    ),
    OpCase(
        "tensor_split.tensor_indices_or_sections",
        places_samples,
        lambda input, places, dim=0: np.array_split(input, places.tolist(), dim),
        dtypes=ALL_DTYPES,
        view=True,
        batches=False,
        errors=wrong_places,
    ),
    splits("hsplit.int", [((2, 4), 2), ((4,), 2)], np.hsplit, [((2, 3), 2), ((), 1), ((2, 4), 0)]),
    splits("hsplit.array", [((2, 4), (1,)), ((4,), (1, 2))], np.hsplit, [((), (1,))]),
    splits("vsplit.int", [((4, 2), 2)], np.vsplit, [((3, 2), 2), ((4,), 2)]),
    splits("vsplit.array", [((4, 2), (1, 3))], np.vsplit, [((4,), (1,))]),
    splits("dsplit.int", [((2, 2, 4), 2)], np.dsplit, [((2, 2, 3), 2), ((2, 2), 2)]),
    splits("dsplit.array", [((2, 2, 4), (1, 3))], np.dsplit, [((2, 2), (1,))]),
]
