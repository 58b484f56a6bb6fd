"""vmap, grad, vjp, jvp, jacrev, jacfwd and hessian inside each other, against formulas in NumPy."""

import numpy as np
import pytest

import lampas
from lampas.func import grad, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap

VECTOR = np.array([0.3, -0.7, 1.1])
BATCH = np.array([[0.3, -0.7, 1.1], [0.1, 0.2, 0.3], [-1.0, 2.0, 0.5], [0.4, 0.4, 0.9]])
WEIGHT = np.array([[0.2, 0.5, -0.3], [1.0, -0.4, 0.7]])


def tensor(array):
    return lampas.tensor(array.tolist(), dtype=lampas.float64)


def function(x):
    """The sum of exp(x sin x)."""
    return (x * x.sin()).exp().sum()


def first(x):
    """Its gradient."""
    return np.exp(x * np.sin(x)) * (np.sin(x) + x * np.cos(x))


def second(x):
    """The diagonal of its Hessian; the rest is zero."""
    inner = np.sin(x) + x * np.cos(x)
    return np.exp(x * np.sin(x)) * (inner**2 + 2 * np.cos(x) - x * np.sin(x))


def layer(weight, x):
    return (weight @ x).tanh()


def layer_jacobian(weight, x):
    return (1 - np.tanh(weight @ x) ** 2)[:, None] * weight


def assert_close(result, expected):
    np.testing.assert_allclose(np.array(result.tolist()), expected, rtol=1e-12, atol=1e-12)


def ones_like(x):
    return lampas.ones_like(x)


def directional(x):
    """The derivative along (1, 1, …), forwards."""
    return jvp(function, (x,), (ones_like(x),))[1]


ONE_VECTOR = [
    ("grad", grad(function), first),
    ("jvp", directional, lambda x: first(x).sum()),
    ("jacrev", jacrev(function), first),
    ("jacfwd", jacfwd(function), first),
    ("vjp", lambda x: vjp(function, x)[1](x.sum())[0], lambda x: first(x) * x.sum()),
    ("hessian", hessian(function), lambda x: np.diag(second(x))),
    ("jacrev of jacrev", jacrev(jacrev(function)), lambda x: np.diag(second(x))),
    ("jacfwd of jacfwd", jacfwd(jacfwd(function)), lambda x: np.diag(second(x))),
    ("jacrev of jacfwd", jacrev(jacfwd(function)), lambda x: np.diag(second(x))),
    ("grad of jvp", grad(directional), second),
    ("jvp of grad", lambda x: jvp(grad(function), (x,), (ones_like(x),))[1], second),
    ("jvp of jvp", lambda x: jvp(directional, (x,), (ones_like(x),))[1], lambda x: second(x).sum()),
    ("grad of grad", grad(lambda x: (grad(function)(x) * x).sum()), lambda x: second(x) * x + first(x)),
]


@pytest.mark.parametrize("name, transformed, formula", ONE_VECTOR, ids=[each[0] for each in ONE_VECTOR])
def test_derivatives(name, transformed, formula):
    assert_close(transformed(tensor(VECTOR)), formula(VECTOR))


@pytest.mark.parametrize("name, transformed, formula", ONE_VECTOR, ids=[each[0] for each in ONE_VECTOR])
def test_derivatives_of_each_example(name, transformed, formula):
    assert_close(vmap(transformed)(tensor(BATCH)), np.stack([formula(x) for x in BATCH]))


@pytest.mark.parametrize("name, transformed, formula", ONE_VECTOR, ids=[each[0] for each in ONE_VECTOR])
def test_derivatives_under_two_levels_of_vmap(name, transformed, formula):
    pairs = np.stack([BATCH, BATCH[::-1]])
    expected = np.stack([[formula(x) for x in batch] for batch in pairs])
    assert_close(vmap(vmap(transformed))(tensor(pairs)), expected)


def test_grad_of_vmap():
    assert_close(grad(lambda batch: vmap(function)(batch).sum())(tensor(BATCH)), first(BATCH))


def test_jvp_of_vmap():
    batch = tensor(BATCH)
    assert_close(jvp(vmap(function), (batch,), (ones_like(batch),))[1], first(BATCH).sum(1))


def test_third_derivatives():
    expected = np.zeros((3, 3, 3))
    step = 1e-5
    for i in range(3):
        expected[i, i, i] = (second(VECTOR + step)[i] - second(VECTOR - step)[i]) / (2 * step)
    for transformed in (jacfwd(jacrev(jacrev(function))), jacrev(jacfwd(jacfwd(function)))):
        result = np.array(transformed(tensor(VECTOR)).tolist())
        np.testing.assert_allclose(result, expected, rtol=1e-8, atol=1e-8)


def test_nested_vmap_sees_each_pair():
    batch = tensor(BATCH)
    assert_close(vmap(lambda a: vmap(lambda b: (a * b).sum())(batch))(batch), BATCH @ BATCH.T)


def test_gradients_of_shared_weights_for_each_example():
    per_example = vmap(grad(lambda weight, x: layer(weight, x).sum()), in_dims=(None, 0))
    expected = np.stack([(1 - np.tanh(WEIGHT @ x) ** 2)[:, None] * x for x in BATCH])
    assert_close(per_example(tensor(WEIGHT), tensor(BATCH)), expected)


def test_gradients_of_closed_over_weights_sum_over_the_batch():
    weight, batch = tensor(WEIGHT), tensor(BATCH)
    summed = grad(lambda weight: vmap(lambda x: layer(weight, x).sum())(batch).sum())(weight)
    expected = sum((1 - np.tanh(WEIGHT @ x) ** 2)[:, None] * x for x in BATCH)
    assert_close(summed, expected)


@pytest.mark.parametrize("jacobian", [jacrev, jacfwd])
def test_jacobians(jacobian):
    x, weight = tensor(VECTOR), tensor(WEIGHT)
    assert_close(jacobian(lambda x: layer(weight, x))(x), layer_jacobian(WEIGHT, VECTOR))
    of_each = vmap(jacobian(lambda x: layer(weight, x)))(tensor(BATCH))
    assert_close(of_each, np.stack([layer_jacobian(WEIGHT, x) for x in BATCH]))


# --- perturbation confusion: an inner derivative must not see the outer variable's perturbation ---


@pytest.mark.parametrize("inner", ["grad", "jvp"])
@pytest.mark.parametrize("outer", ["grad", "jvp"])
def test_no_perturbation_confusion(inner, outer):
    def derivative(mode, function, at):
        return grad(function)(at) if mode == "grad" else jvp(function, (at,), (ones_like(at),))[1]

    one = lampas.tensor(1.0, dtype=lampas.float64)
    result = derivative(outer, lambda x: x * derivative(inner, lambda y: x + y, one), one)
    assert result.item() == 1.0
    cubic = derivative(outer, lambda x: x * derivative(inner, lambda y: x * y * y, x), one * 3)
    assert cubic.item() == 6 * 9.0  # d/dx of x * (2 x x)


# --- the tape outside of the transforms ---


def test_results_depend_on_what_is_tracked_outside():
    x = tensor(VECTOR).requires_grad_()
    result = grad(function)(x)
    assert result.requires_grad
    result.sum().backward()
    assert_close(x.grad, second(VECTOR))


def test_results_are_detached_where_nothing_outside_is_tracked():
    assert not grad(function)(tensor(VECTOR)).requires_grad
    with lampas.no_grad():
        assert_close(grad(function)(tensor(VECTOR)), first(VECTOR))


def test_parameters_closed_over_get_their_gradient():
    weight = tensor(WEIGHT).requires_grad_()
    vmap(lambda x: layer(weight, x).sum())(tensor(BATCH)).sum().backward()
    assert_close(weight.grad, sum((1 - np.tanh(WEIGHT @ x) ** 2)[:, None] * x for x in BATCH))


def test_batched_gradients_of_one_graph():
    x = tensor(VECTOR).requires_grad_()
    output = layer(tensor(WEIGHT), x)
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]])
    (result,) = lampas.autograd.grad(output, x, tensor(vectors), is_grads_batched=True)
    assert_close(result, vectors @ layer_jacobian(WEIGHT, VECTOR))


def test_batched_gradients_of_an_input_that_has_no_part():
    x, other = tensor(VECTOR).requires_grad_(), tensor(VECTOR).requires_grad_()
    vectors = tensor(np.eye(2))
    found = lampas.autograd.grad(
        layer(tensor(WEIGHT), x), (other, x), vectors, is_grads_batched=True, allow_unused=True
    )
    assert found[0] is None and found[1].shape == (2, *x.shape)


# --- writing in place ---


def test_in_place_on_examples_and_their_views():
    def written(x):
        copy = x.clone()
        copy[1:].mul_(3)
        return copy.add_(1)

    expected = BATCH.copy()
    expected[:, 1:] *= 3
    assert_close(vmap(written)(tensor(BATCH)), expected + 1)
    assert_close(vmap(grad(lambda x: written(x).sum()))(tensor(BATCH)), np.tile([1.0, 3.0, 3.0], (4, 1)))


def test_a_tangent_written_through_a_view():
    def written(x):
        made = lampas.zeros(3, dtype=lampas.float64)
        made[0:2].copy_(x[1:] * 2)
        return made * x

    x = tensor(VECTOR)
    _, tangent = jvp(written, (x,), (ones_like(x),))
    a, b, c = VECTOR
    assert_close(tangent, [2 * a + 2 * b, 2 * b + 2 * c, 0.0])


def test_an_example_cannot_be_written_into_what_all_share():
    with pytest.raises(RuntimeError, match="self` not being vmapped over"):
        vmap(lambda x: lampas.zeros(3, dtype=lampas.float64).add_(x))(tensor(BATCH))
    shared = tensor(VECTOR)
    with pytest.raises(RuntimeError, match="would mutate a captured Tensor"):
        jvp(lambda x: shared.add_(x), (tensor(VECTOR),), (tensor(VECTOR),))


# --- misuse ---


def test_a_wrapper_that_escaped_is_an_error():
    kept = []
    vmap(lambda x: kept.append(x) or x)(tensor(BATCH))
    jvp(lambda x: kept.append(x) or x, (tensor(VECTOR),), (tensor(VECTOR),))
    for escaped in kept:
        for use in (lambda x: x * 2, lambda x: x.sum(), lambda x: x.view(-1), lambda x: x.add_(1)):
            with pytest.raises(
                RuntimeError, match="used outside of the vmap, jvp or other function transform"
            ):
                use(escaped)


def test_a_wrapper_has_no_memory_to_hand_out():
    kept = []
    vmap(lambda x: kept.append(x) or x)(tensor(BATCH))
    for use in (
        lambda x: x.numpy(),
        lambda x: x.tolist(),
        lambda x: x.data * 2,
        lambda x: x.untyped_storage(),
        lambda x: lampas.nn.Parameter(x),
        lambda x: x.requires_grad_(),
    ):
        with pytest.raises(RuntimeError):
            use(kept[0])


def test_data_of_an_example():
    assert_close(vmap(lambda x: x.data * 2)(tensor(BATCH)), BATCH * 2)


def test_values_of_examples_are_not_read():
    with pytest.raises(RuntimeError, match="vmap: It looks like you're"):
        vmap(lambda x: x.sum().item())(tensor(BATCH))
    with pytest.raises(RuntimeError, match="vmap: It looks like you're"):
        vmap(lambda x: x if x.sum() > 0 else -x)(tensor(BATCH))
    with pytest.raises(RuntimeError, match="backward\\(\\) called inside a functorch transform"):
        vmap(lambda x: x.sum().backward())(tensor(BATCH))


def test_linearized_functions():
    point, direction = tensor(VECTOR), tensor(VECTOR[::-1].copy())
    output, derivative = linearize(lambda x, weight: layer(weight, x), point, tensor(WEIGHT))
    assert_close(output, np.tanh(WEIGHT @ VECTOR))
    expected = layer_jacobian(WEIGHT, VECTOR) @ VECTOR[::-1]
    assert_close(derivative(direction, lampas.zeros(2, 3, dtype=lampas.float64)), expected)
    for wrong, reason in (
        ((direction,), "same argspec as the primals"),
        ((direction, direction), "tangent:1 with shape .* doesn't match the shape"),
        ((direction.float(), tensor(WEIGHT)), "tangent:0 with dtype .* doesn't match the dtype"),
    ):
        with pytest.raises(RuntimeError, match=reason):
            derivative(*wrong)


def test_an_error_inside_leaves_no_level_behind():
    with pytest.raises(ZeroDivisionError):
        vmap(lambda x: jvp(lambda y: 1 / 0, (x,), (x,)))(tensor(BATCH))
    assert not lampas._core._any_level_active()
    assert_close(grad(function)(tensor(VECTOR)), first(VECTOR))


def test_control_flow_by_an_example_says_that_it_is_that():
    for decide in (lambda x: x if x.sum() > 0 else -x, lambda x: x if x else -x):
        with pytest.raises(RuntimeError, match="in some data-dependent control flow"):
            vmap(decide)(tensor(BATCH))


# --- views, whose derivatives name dims of what they show a part of ---

VIEWS = {
    "select": lambda x: x[..., 1],
    "select in the middle": lambda x: x[:, 1],
    "slice": lambda x: x[..., 1:],
    "diagonal": lambda x: x.diagonal(1, 1, 2),
    "diagonal of the first and last dim": lambda x: x.diagonal(0, -1, 0),
    "trace": lambda x: x[0].trace(),
    "unfold": lambda x: x.unfold(1, 2, 1),
    "as_strided": lambda x: x.as_strided((2, 2), (1, 2)),
    "as_strided that overlaps itself": lambda x: x.as_strided((2, 3), (1, 1), 2),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_jacobians_of_views(view):
    x = lampas.arange(24.0, dtype=lampas.float64).view(2, 3, 4).cos()

    def curved(x):
        return view(x) ** 3

    expected = lampas.autograd.functional.jacobian(curved, x)  # one output at a time
    lampas.testing.assert_close(jacrev(curved)(x), expected)
    lampas.testing.assert_close(jacfwd(curved)(x), expected)
    batch = lampas.stack([x, 2 * x])
    lampas.testing.assert_close(vmap(jacrev(curved))(batch), lampas.stack([expected, 4 * expected]))


def test_hessians_of_a_batch():
    def function(x):
        return x[..., 0].sin() * x[..., 1] ** 2

    points = tensor(BATCH[:, :2])
    x, y = BATCH[:, 0], BATCH[:, 1]
    rows = [[-np.sin(x) * y**2, 2 * y * np.cos(x)], [2 * y * np.cos(x), 2 * np.sin(x)]]
    expected = np.moveaxis(np.array(rows), -1, 0)
    assert_close(vmap(hessian(function))(points), expected)
    assert_close(vmap(jacrev(jacrev(function)))(points), expected)


# --- type promotion and ranks ---


def test_examples_of_rank_zero_promote_as_numbers_do():
    doubles = lampas.tensor([1.0, 2.0], dtype=lampas.float64)
    assert vmap(lambda a: a * lampas.ones(3))(doubles).dtype == lampas.float32
    floats = lampas.tensor([1.0, 2.0])
    assert vmap(lambda a: a * lampas.ones(3, dtype=lampas.int64))(floats).dtype == lampas.float32
    zero_dimensional = lampas.tensor(1.0, dtype=lampas.float64)
    assert vmap(lambda a: a + zero_dimensional)(floats).dtype == lampas.float64


def test_an_op_without_a_rule_says_that_it_loops():
    lampas._core.vmap_fallback_warnings(True)
    try:
        with pytest.warns(UserWarning, match="no batching rule for nothing_known"):
            looping = lampas.library.register_op("nothing_known(Tensor input) -> Tensor", lambda x: x * 2)
            vmap(looping)(tensor(BATCH))
    finally:
        lampas._core.vmap_fallback_warnings(False)
