"""Ops that draw from the generator: compared, seed by seed, with what PyTorch draws."""

from ops.case import OpCase
from ops.cases.creation import WRONG_SIZES, calls
from ops.sample import ALL_DTYPES, REAL_FLOATS, DTypeName, Sample


def dropout_samples(values):
    yield Sample(values.nonzero(5, 7), 0.4, True)
    yield Sample(values.nonzero(3), 0.0, True)
    yield Sample(values.nonzero(3), 1.0, True)
    yield Sample(values.nonzero(3), 0.5, False)
    yield Sample(values.nonzero(), 0.5, True)
    yield Sample(values.nonzero(0, 3), 0.5, True)


def wrong_dropout(values):
    yield Sample(values.tensor(3), 1.5, True)
    yield Sample(values.tensor(3), -0.5, True)
    yield Sample(values.tensor(3))
    yield Sample("text", 0.5, True)
    yield Sample(values.indices(5, 4), 0.5, True)


def maker(name, arguments, wrong, covers=()):
    return OpCase(
        name,
        calls(*arguments),
        None,
        "function",
        dtypes=("float32",),
        derivatives=0,
        batches=False,
        random=True,
        errors=calls(*wrong),
        covers=covers,
    )


def filler(name, *arguments, dtypes=REAL_FLOATS, wrong=(), covers=()):
    """Rows of ops that overwrite a tensor; from 16 elements on some draw in another order."""

    def samples(values):
        for each in arguments:
            for shape in [(5,), (3, 11), (), (0, 2)]:
                yield Sample(values.tensor(*shape), *each)

    def errors(values):
        for each in wrong:
            yield Sample(values.tensor(3), *each)

    return OpCase(
        name,
        samples,
        None,
        "in_place",
        dtypes=dtypes,
        derivatives=0,
        batches=False,
        random=True,
        errors=errors,
        covers=covers,
    )


def drawn(name, samples, errors=None, covers=(), forms="function"):
    return OpCase(
        name,
        samples,
        None,
        forms,
        dtypes=REAL_FLOATS,
        derivatives=0,
        batches=False,
        random=True,
        errors=errors,
        covers=covers,
    )


def bernoulli_samples(values):
    for shape in [(5,), (3, 11), (), (0, 2)]:
        yield Sample(values.numbers(values.random.uniform(0, 1, shape)))
    yield Sample(values.tensor(7), 0.3)


def wrong_bernoulli(values):
    yield Sample(values.numbers([0.5, 1.5]))
    yield Sample(values.numbers([0.5]), -0.5)
    yield Sample("text")


def rates(values):
    """Rates on both sides of 10, where the method changes."""
    for shape in [(5,), (3, 11), (), (0, 2)]:
        yield Sample(values.numbers(values.random.uniform(0, 20, shape)))
    yield Sample(values.numbers([0.0, 9.99, 10.0, 300.0]))


def wrong_rates(values):
    yield Sample(values.numbers([-1.0]))
    yield Sample(values.indices(3, 2))
    yield Sample(2.0)
    yield Sample()


def trials(values):
    """Expected successes, and failures, on both sides of 10."""
    for shape in [(5,), (3, 11), (), (0, 2)]:
        chances = values.random.uniform(0, 1, shape)
        yield Sample(values.numbers(values.random.integers(0, 60, shape)), values.numbers(chances))
    yield Sample(values.numbers([[20.0, 20.0, 500.0], [5.0, 30.0, 40.0]]), values.numbers([[0.45], [0.55]]))


def wrong_trials(values):
    yield Sample(values.indices(3, 2), values.numbers([0.5, 0.5]))
    yield Sample(values.numbers([3.0]), values.indices(1, 1))
    yield Sample(values.numbers([3.0]))
    yield Sample(values.numbers([3.0, 3.0]), values.numbers([0.5, 0.5, 0.5]))


def like_samples(*arguments):
    def samples(values):
        for shape in [(5,), (3, 11), (), (0, 2)]:
            yield Sample(values.tensor(*shape), *arguments)

    return samples


def normal_samples(values):
    """Mean and standard deviation as tensors, and one of them as a number."""
    yield Sample(values.tensor(3, 11), values.positive(3, 11))
    yield Sample(values.tensor(5), 2.0)
    yield Sample(1.5, values.positive(5))


CASES = [
    OpCase(
        "dropout",
        dropout_samples,
        None,
        "function",
        dtypes=REAL_FLOATS,
        errors=wrong_dropout,
        random=True,
        covers=("_dropout_noise", "dropout_"),
    ),
    maker("rand", [(5,), (3, 11), ((2, 3),), (0,), (4, {"dtype": DTypeName("float64")})], WRONG_SIZES),
    maker("randn", [(5,), (3, 11), ((2, 3),), (0,), (17, {"dtype": DTypeName("float64")})], WRONG_SIZES),
    maker(
        "randint",
        [(10, (5,)), (-3, 4, (3, 11)), (0, 1 << 40, (4,)), (2, (0,))],
        [(0, (5,)), (4, 4, (2,)), (5, 2, (2,)), (10,), (10, "text")],
        ("randint.low",),
    ),
    maker("randperm", [(10,), (1,), (0,), (37,)], [(-1,), ("text",), ()]),
    drawn(
        "bernoulli",
        bernoulli_samples,
        wrong_bernoulli,
        ("bernoulli.input", "bernoulli.p", "bernoulli.p_tensor"),
        "function method",
    ),
    drawn("poisson", rates, wrong_rates),
    OpCase(
        "binomial",
        trials,
        None,
        "function",
        dtypes=("float32", "float64"),
        derivatives=0,
        batches=False,
        random=True,
        errors=wrong_trials,
    ),
    drawn("rand_like", like_samples()),
    drawn("randn_like", like_samples()),
    drawn("randint_like", like_samples(10), covers=("randint_like.low",)),
    OpCase(
        "normal.both",
        normal_samples,
        None,
        "function",
        dtypes=REAL_FLOATS,
        derivatives=0,
        batches=False,
        random=True,
        covers=("normal.mean", "normal.std"),
    ),
    maker("normal.size", [(1.5, 0.5, (3, 11)), (0.0, 1.0, (5,))], [(0.0, -1.0, (3,)), (0.0, "text", (3,))]),
    filler("exponential", (), (2.0,), wrong=[(-1.0,)]),
    filler("cauchy", (), (1.0, 2.0), wrong=[(0.0, -1.0)]),
    filler("log_normal", (), (0.5, 0.25), wrong=[(0.0, -1.0)]),
    filler("geometric", (0.3,), wrong=[(0.0,), (1.5,)]),
    filler("uniform", (), (-2.0, 3.0), wrong=[(3.0, 2.0), ("text",)]),
    filler("normal", (), (2.0, 0.5), wrong=[(0.0, -1.0), ("text",)]),
    filler(
        "random",
        *((), (10,), (1, 4)),
        dtypes=ALL_DTYPES[:-3],
        wrong=[(0,), (4, 2), ("text",)],
        covers=("random.from", "random.to"),
    ),
]
