"""Indexing and losses under vmap run once for the whole batch and give what a loop gives."""

import itertools

import pytest

import lampas
from lampas.func import functional_call, grad, vmap
from lampas.nn import functional as F

B = 3
X = lampas.arange(float(B * 4 * 5 * 6)).view(B, 4, 5, 6).cos()
PLACES = lampas.tensor([[1, 3, 0, -1], [2, 2, 0, 1], [-4, 1, 3, 0]])  # (batch, 4)
OTHERS = lampas.tensor([[[0, 2]], [[-1, 3]], [[1, 1]]])  # (batch, 1, 2)


@pytest.fixture(autouse=True)
def no_loop():
    """A warning, which fails the test, where an op runs once for each example."""
    lampas._core.vmap_fallback_warnings(True)
    yield
    lampas._core.vmap_fallback_warnings(False)


def check(function, *arguments, shared=()):
    """Compare with a loop, for each choice of what is batched; arguments at the places `shared` never are."""
    for batched in itertools.product([True, False], repeat=len(arguments)):
        if not any(batched) or any(batched[place] for place in shared):
            continue
        given = [value if each else value[0] for value, each in zip(arguments, batched, strict=True)]
        found = vmap(function, in_dims=tuple(0 if each else None for each in batched))(*given)
        lampas._core.vmap_fallback_warnings(False)
        for example in range(B):
            of_one = [value[example] if each else value for value, each in zip(given, batched, strict=True)]
            expected = function(*of_one)
            lampas.testing.assert_close(found[example], expected, equal_nan=True, msg=f"batched: {batched}")
        lampas._core.vmap_fallback_warnings(True)


INDEXED = {
    "first": lambda x, i, j: x[i],
    "middle": lambda x, i, j: x[:, i],
    "last": lambda x, i, j: x[..., i],
    "two neighbours": lambda x, i, j: x[:, j, i[:2]],
    "two that broadcast": lambda x, i, j: x[i.view(4, 1), j[0]],
    "two apart": lambda x, i, j: x[i.view(4, 1), :, j[0]],
    "two apart, not first": lambda x, i, j: x[None, i.view(4, 1), :, j[0]],
    "a number beside": lambda x, i, j: x[1, :, i],
}


@pytest.mark.parametrize("function", INDEXED.values(), ids=INDEXED)
def test_reading(function):
    check(function, X, PLACES, OTHERS)


WRITTEN = {
    "first": lambda x, i, v: x.index_put((i,), v),
    "first, one value": lambda x, i, v: x.index_put((i,), v[0, 0, 0]),
    "of a matrix of places": lambda x, i, v: x.index_put((i.view(2, 2),), v[:2, :2].mean()),
    "accumulated": lambda x, i, v: x.index_put((i,), v, accumulate=True),
}
ASSIGNED = {
    "middle": lambda x, i, v: (slice(None), i, v[:, :4]),
    "apart": lambda x, i, v: (i, slice(None), i, v[:, :, 0]),
    "behind a number": lambda x, i, v: (1, i, v[0, :4]),
}
EACH_ONCE = lampas.tensor([[1, 3, 0, 2], [2, 0, 1, 3], [0, 1, 3, 2]])  # else the order would not be defined


@pytest.mark.parametrize("function", WRITTEN.values(), ids=WRITTEN)
def test_writing(function):
    check(function, X, EACH_ONCE, (X + 1) * 2)


@pytest.mark.parametrize("parts", ASSIGNED.values(), ids=ASSIGNED)
def test_assigning(parts):
    def assigned(x, i, v):
        x = x.clone()
        *index, value = parts(x, i, v)
        x[tuple(index)] = value
        return x

    values = (X + 1) * 2
    found = vmap(assigned)(X, EACH_ONCE, values)
    expected = lampas.stack([assigned(*each) for each in zip(X, EACH_ONCE, values, strict=True)])
    lampas.testing.assert_close(found, expected)


SELECTED = {
    "index_select": lambda x, i, v: x.index_select(0, i % 4),
    "index_select from the end": lambda x, i, v: x.index_select(-2, i % 5),
    "index_add": lambda x, i, v: x.index_add(0, i % 4, v),
    "index_add to the middle": lambda x, i, v: x.index_add(1, i % 5, v[:, :4], alpha=2),
    "index_copy": lambda x, i, v: x.index_copy(-1, i.argsort(), v[:, :, :4]),
    "index_fill": lambda x, i, v: x.index_fill(1, i, 7.0),
}


@pytest.mark.parametrize("function", SELECTED.values(), ids=SELECTED)
def test_slices(function):
    check(function, X, PLACES, X * 2)


@pytest.mark.parametrize("index", [[0, 4], [0, -5]])
def test_an_index_out_of_range_does_not_reach_the_next_example(index):
    indices = lampas.tensor([index, [0, 1], [0, 1]])
    for function in (
        lambda x, i: x.index_add(0, i, lampas.ones(2, 5, 6)),
        lambda x, i: x.index_fill(0, i, 1.0),
        lambda x, i: x[i],
    ):
        with pytest.raises((IndexError, RuntimeError), match="out of (range|bounds)"):
            vmap(function)(X, indices)


LOGITS = X.flatten(2)[:, :, :7]  # (batch, 4, 7)
CLASSES = lampas.tensor([[1, 3, 0, 6], [2, 2, 0, 1], [5, 1, 3, 0]])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, lampas.arange(1.0, 8.0)])
@pytest.mark.parametrize("ignored", [-100, 2])
def test_nll_loss(reduction, weight, ignored):
    def loss(input, target):
        return F.nll_loss(input, target, weight, ignore_index=ignored, reduction=reduction)

    check(loss, LOGITS, CLASSES)
    check(lambda input, target: loss(input[0], target[0]), LOGITS, CLASSES)
    pictures = LOGITS.unsqueeze(3).expand(B, 4, 7, 2)
    check(loss, pictures, lampas.stack([CLASSES, (CLASSES + 1) % 7], 2))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "loss",
    [F.mse_loss, F.smooth_l1_loss, F.huber_loss, F.binary_cross_entropy_with_logits, F.soft_margin_loss],
)
def test_losses_of_pairs(loss, reduction):
    check(lambda input, target: loss(input, target, reduction=reduction), X, X.sin())


def test_weighted_binary_cross_entropy():
    check(
        lambda input, target, weight: F.binary_cross_entropy(input, target, weight),
        X * X,
        X.sin() ** 2,
        X + 2,
    )


@pytest.mark.parametrize("training", [False, True])
def test_batch_norm(training):
    running = None if training else lampas.ones(5)

    def function(x, weight):
        return F.batch_norm(x, running, running, weight, weight * 2, training)

    check(function, X, X[:, 0, :, 0])


def test_gradients_of_each_example():
    """What a tutorial of per-sample gradients runs: convolution, pooling, normalisation, classes."""
    model = lampas.nn.Sequential(
        lampas.nn.Conv2d(1, 2, 3, padding=1),
        lampas.nn.BatchNorm2d(2),
        lampas.nn.ReLU(),
        lampas.nn.MaxPool2d(2),
        lampas.nn.Flatten(),
        lampas.nn.Linear(12, 3),
    ).eval()
    parameters = {name: each.detach() for name, each in model.named_parameters()}
    pictures, classes = X[:, :, :, :].flatten(1)[:, :24].view(B, 1, 4, 6), lampas.tensor([0, 2, 1])

    def loss(parameters, picture, label):
        logits = functional_call(model, parameters, (picture.unsqueeze(0),))
        return F.cross_entropy(logits, label.unsqueeze(0))

    found = vmap(grad(loss), in_dims=(None, 0, 0))(parameters, pictures, classes)
    for example in range(B):
        expected = grad(loss)(parameters, pictures[example], classes[example])
        for name, gradient in expected.items():
            lampas.testing.assert_close(found[name][example], gradient)


def test_one_hot():
    check(lambda classes: F.one_hot(classes, 7), CLASSES)
    with pytest.raises(RuntimeError, match="provide an explicit positive num_classes"):
        vmap(F.one_hot)(CLASSES)


@pytest.mark.parametrize("function", [lambda x: x.max(0), lambda x: x.topk(2), lambda x: x.sort()])
def test_named_results_stay_named(function):
    found, expected = vmap(function)(X), [function(each) for each in X]
    assert type(found) is type(expected[0])
    for place, indices in enumerate(found.indices):
        assert lampas.equal(indices, expected[place].indices)


def test_named_results_of_linalg_stay_named():
    matrices = X[:, 0, :, :5]
    assert lampas.equal(vmap(lampas.linalg.qr)(matrices).Q[1], lampas.linalg.qr(matrices[1]).Q)
