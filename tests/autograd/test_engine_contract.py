"""The engine's contract, line by line: order, undefined gradients, checks, freeing, depth, leaves."""

import gc

import pytest

import lampas
from lampas.autograd import Function, grad

SMALL = [1.0, 2.0, 3.0]


def leaf(values=SMALL, **options):
    return lampas.tensor(values, requires_grad=True, **options)


class Noting(Function):
    """Passes its input on and notes what its backward was given."""

    @staticmethod
    def forward(ctx, x, note, outputs=1):
        ctx.note, ctx.outputs = note, outputs
        ctx.set_materialize_grads(False)
        return x * 1 if outputs == 1 else tuple(x * 1 for _ in range(outputs))

    @staticmethod
    def backward(ctx, *grads):
        ctx.note(grads)
        return (grads[0] if grads[0] is not None else grads[-1]), None, None


class Returning(Function):
    """A backward that returns whatever it was told to."""

    @staticmethod
    def forward(ctx, x, gradient):
        ctx.gradient = gradient
        return x * 1

    @staticmethod
    def backward(ctx, grad):
        return ctx.gradient, None


# --- in dependency order ---


def test_a_node_runs_once_after_all_that_use_it():
    seen = []
    x = leaf()
    shared = Noting.apply(x, lambda grads: seen.append(grads[0].tolist()))
    (shared * 2 + shared.exp() * 0 + shared * 3).sum().backward()
    assert seen == [[5.0, 5.0, 5.0]]
    assert x.grad.tolist() == [5.0, 5.0, 5.0]


def test_the_node_recorded_last_runs_first():
    order = []
    x = leaf()
    first = Noting.apply(x, lambda grads: order.append("first"))
    second = Noting.apply(x, lambda grads: order.append("second"))
    (first + second).sum().backward()
    assert order == ["second", "first"]


# --- iterative, destroyed iteratively ---


def chain(length):
    x = leaf([1.0])
    y = x
    for _ in range(length):
        y = y + 0.0
    return x, y


@pytest.mark.parametrize("run_backward", [True, False])
def test_a_million_nodes_neither_recurse_nor_leak(run_backward):
    gc.collect()
    before = lampas._core.memory_statistics()["bytes_in_use"]
    x, y = chain(1_000_000)
    if run_backward:
        y.backward()
        assert x.grad.item() == 1.0
    del x, y
    gc.collect()
    assert lampas._core.memory_statistics()["bytes_in_use"] - before < 100_000


# --- nodes without arriving gradients ---


def test_a_node_whose_gradients_are_all_undefined_is_not_called():
    calls = []

    class Stops(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, grad):
            return None

    x = leaf()
    inner = Noting.apply(x, lambda grads: calls.append(grads))
    Stops.apply(inner).sum().backward()
    assert calls == [] and x.grad is None


def test_other_nodes_see_undefined_slots():
    seen = []
    _, second = Noting.apply(leaf(), seen.append, 2)
    second.sum().backward()
    assert seen[0][0] is None and seen[0][1].tolist() == [1.0, 1.0, 1.0]


# --- each gradient is checked, summed to a broadcast shape, cast ---


def test_a_gradient_of_another_shape_is_an_error():
    with pytest.raises(
        RuntimeError,
        match=r"Function ReturningBackward returned an invalid gradient at index 0 - got \[7\] but expected "
        r"shape compatible with \[3\]",
    ):
        Returning.apply(leaf(), lampas.ones(7)).sum().backward()


def test_a_larger_gradient_is_summed_to_a_broadcast_shape():
    x = leaf()
    Returning.apply(x, lampas.ones(4, 3)).sum().backward()
    assert x.grad.tolist() == [4.0, 4.0, 4.0]


def test_a_gradient_is_cast_to_its_tensor():
    x = leaf()
    Returning.apply(x, lampas.ones(3, dtype=lampas.float64)).sum().backward()
    assert x.grad.dtype == lampas.float32


def test_a_gradient_on_another_device_is_an_error():
    with pytest.raises(RuntimeError, match="expected device cpu but got meta"):
        Returning.apply(leaf(), lampas.ones(3, device="meta")).sum().backward()


# --- only a node that saved something refuses a second backward ---


def test_a_graph_that_saved_nothing_runs_twice():
    x = leaf()
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_a_graph_that_saved_something_refuses():
    y = leaf().exp().sum()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_a_retained_graph_runs_again():
    x = leaf([2.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [8.0]


# --- backward inside backward ---


class Nested(Function):
    """Runs a backward of its own, `depth` levels deep."""

    @staticmethod
    def forward(ctx, x, depth):
        ctx.depth = depth
        return x * 1

    @staticmethod
    def backward(ctx, grad):
        with lampas.enable_grad():
            if ctx.depth:
                Nested.apply(leaf([1.0]), ctx.depth - 1).sum().backward()
        return grad, None


def test_backward_inside_backward_works():
    x = leaf([1.0])
    Nested.apply(x, 60).sum().backward()
    assert x.grad.item() == 1.0


def test_backward_too_deep_inside_backward_raises_and_leaves_everything_usable():
    with pytest.raises(RuntimeError, match="backward was called inside backward more than"):
        Nested.apply(leaf([1.0]), 200).sum().backward()
    test_backward_inside_backward_works()


# --- leaves and their accumulators ---


def test_a_leafs_accumulator_keeps_the_leaf_alive():
    y = (leaf([3.0]) * 2).sum()  # the leaf has no other owner
    accumulator = y.grad_fn.next_functions[0][0].next_functions[0][0]
    y.backward()
    assert accumulator.variable.grad.item() == 2.0


def test_a_leaf_does_not_keep_its_accumulator_alive():
    x = leaf()
    before = lampas._core.memory_statistics()["bytes_in_use"]
    for _ in range(100):
        x * 2
    assert lampas._core.memory_statistics()["bytes_in_use"] - before < 10_000


# --- saved tensors and versions ---


def test_a_saved_tensor_that_was_overwritten_raises():
    x = leaf()
    y = x * 1
    z = (y * y).sum()
    y.add_(1)
    with pytest.raises(
        RuntimeError,
        match="modified by an inplace operation: .* is output 0 of Add, is at version 1; expected version 0",
    ):
        z.backward()


def test_an_overwritten_input_is_kept_where_its_own_derivative_needs_it():
    x = leaf()
    y = x * 1
    y.mul_(y)
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


# --- grad, hooks, retain_grad, create_graph ---


def test_grad_touches_no_leaf():
    x = leaf()
    assert grad((x * 2).sum(), x)[0].tolist() == [2.0, 2.0, 2.0]
    assert x.grad is None


def test_grad_of_an_unused_tensor():
    x, other = leaf(), leaf()
    with pytest.raises(
        RuntimeError, match="The differentiated Tensor at index 1 appears to not have been used"
    ):
        grad(x.sum(), [x, other])
    assert grad(x.sum(), [x, other], allow_unused=True)[1] is None
    assert grad(x.sum(), [x, other], materialize_grads=True)[1].tolist() == [0.0, 0.0, 0.0]


def test_higher_derivatives():
    x = leaf([2.0])
    y = x * x * x * x
    for expected in (32.0, 48.0, 48.0, 24.0):
        (y,) = grad(y.sum(), x, create_graph=True)
        assert y.item() == expected


def test_backward_restricted_to_inputs():
    x, w = leaf(), leaf()
    (x * w).sum().backward(inputs=[x])
    assert x.grad.tolist() == SMALL and w.grad is None


def test_hooks_run_in_order_and_may_replace_the_gradient():
    order = []
    x = leaf()
    y = x * 2
    y.register_hook(lambda grad: order.append("tensor") or grad * 10)
    y.grad_fn.register_prehook(lambda grads: order.append(("before", grads[0].tolist())))
    y.grad_fn.register_hook(lambda inputs, outputs: order.append(("after", inputs[0].tolist())))
    x.register_post_accumulate_grad_hook(lambda leaf: order.append(("leaf", leaf.grad.tolist())))
    y.sum().backward()
    assert order == ["tensor", ("before", [10.0] * 3), ("after", [20.0] * 3), ("leaf", [20.0] * 3)]


def test_a_gradient_that_a_hook_keeps_is_not_added_to():
    weight, kept = leaf(), []

    def doubled(gradient):
        kept.append(gradient * 2)
        return kept[-1]

    weight.register_hook(doubled)
    for _ in range(2):
        (weight * 1).sum().backward()
    assert kept[0].tolist() == [2, 2, 2]
    assert weight.grad.tolist() == [4, 4, 4]


def test_a_hook_of_a_leaf_runs_for_grad_too():
    x = leaf()
    handle = x.register_hook(lambda grad: grad * 2)
    assert grad((x * 3).sum(), x)[0].tolist() == [6.0, 6.0, 6.0]
    handle.remove()
    assert grad((x * 3).sum(), x)[0].tolist() == [3.0, 3.0, 3.0]


def test_a_hook_that_raises_leaves_the_graph_usable():
    x = leaf()
    y = x * 3
    handle = y.register_hook(lambda grad: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward(retain_graph=True)
    assert x.grad is None
    handle.remove()
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0, 3.0]


def test_retain_grad():
    x = leaf()
    y = x * 2
    y.retain_grad()
    assert y.retains_grad
    (y * y).sum().backward()
    assert y.grad.tolist() == [4.0, 8.0, 12.0]


def test_the_gradient_of_a_tensor_that_is_no_leaf_warns():
    y = leaf() * 2
    y.sum().backward()
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf"):
        assert y.grad is None


def test_anomaly_mode_names_the_op_that_made_nan_and_shows_its_call():
    x = leaf([0.0])
    with pytest.warns(UserWarning, match="(?s)Error detected in SqrtBackward0.*test_engine_contract"):
        with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"):
            anomaly_mode = lampas.autograd.detect_anomaly()
        with anomaly_mode, pytest.raises(RuntimeError, match="'SqrtBackward0' returned nan"):
            (x.sqrt() * 0).sum().backward()
    assert not lampas.is_anomaly_enabled()


def test_node_names_and_edges():
    x, w = leaf(), lampas.ones(3)
    node = (x * w).exp().grad_fn
    assert type(node).__name__ == node.name() == "ExpBackward0"
    product, index = node.next_functions[0]
    assert type(product).__name__ == "MulBackward0" and index == 0
    assert product.next_functions[1] == (None, 0)
    assert product.next_functions[0][0].variable is x
    assert product._saved_other is w
    with pytest.raises(AttributeError, match="'ExpBackward0' object has no attribute 'nothing'"):
        node.nothing  # noqa: B018
