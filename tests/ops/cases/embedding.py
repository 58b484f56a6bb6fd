"""Rows of a table, looked up by their numbers."""

from ops.case import OpCase
from ops.sample import NUMBERS, Sample


def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False):
    return weight[indices]


def embedding_samples(values):
    yield Sample(values.tensor(5, 3), values.indices(5, 4))
    yield Sample(values.tensor(5, 3), values.indices(5, 2, 3))
    yield Sample(values.tensor(5, 3), values.at(1, 1, 0, 4, 1))
    yield Sample(values.tensor(5, 3), values.indices(5, 0))


def wrong_embedding(values):
    yield Sample(values.tensor(5), values.indices(5, 4))
    yield Sample(values.tensor(5, 3), values.tensor(4))
    yield Sample(values.tensor(5, 3), values.at(5))
    yield Sample(values.tensor(5, 3), values.at(-1))


CASES = [
    OpCase(
        "embedding",
        embedding_samples,
        embedding,
        "function",
        dtypes=(*NUMBERS, "bool"),
        errors=wrong_embedding,
        covers=("embedding_dense_backward",),
    )
]
