"""An op, rules and transforms registered from Python; no existing op is edited."""

import pytest

import lampas
from lampas import library

batched_calls = []


def keep_input(ctx, inputs, output):
    ctx.save_for_backward(inputs[0])
    ctx.scale = inputs[1]


def backward_of_cube(ctx, grad):
    (x,) = ctx.saved_tensors
    return 3 * ctx.scale * x * x * grad, None


@pytest.fixture(scope="module")
def cube():
    """Registered when first needed: other tests look at the registry while tests are collected."""
    return library.register_op(
        "scaled_cube(Tensor input, int scale=1) -> Tensor",
        lambda input, scale: input * input * input * scale,
        keep_input,
        backward_of_cube,
    )


def numbers():
    return lampas.tensor([1.0, 2.0, -3.0], dtype=lampas.float64)


def test_a_new_op_computes_and_parses_its_arguments(cube):
    assert cube(numbers(), scale=2).tolist() == [2.0, 16.0, -54.0]
    with pytest.raises(TypeError, match="scaled_cube"):
        cube("no tensor")


def test_a_new_op_is_differentiated_twice(cube):
    x = numbers().requires_grad_()
    y = cube(x, 2)
    assert type(y.grad_fn).__name__ == "ScaledCubeBackward"
    (first,) = lampas.autograd.grad(y.sum(), x, create_graph=True)
    assert first.tolist() == [6.0, 24.0, 54.0]
    (second,) = lampas.autograd.grad(first.sum(), x)
    assert second.tolist() == [12.0, 24.0, -36.0]


def test_a_new_op_without_a_derivative_requires_no_gradient():
    sign = library.register_op("sign_of(Tensor input) -> Tensor", lambda input: lampas.sign(input))
    assert not sign(numbers().requires_grad_()).requires_grad


def test_a_name_is_registered_once(cube):
    with pytest.raises(RuntimeError, match="registered already"):
        library.register_op("scaled_cube(Tensor input) -> Tensor", lambda input: input)


def test_forward_mode_goes_through_the_derivative_of_a_new_op(cube):
    level = lampas._core._ForwardLevel()
    with level:
        dual = level.make_dual(numbers(), lampas.ones(3, dtype=lampas.float64))
        primal, tangent = level.unpack(cube(dual))
    assert primal.tolist() == [1.0, 8.0, -27.0]
    assert tangent.tolist() == [3.0, 12.0, 27.0]


def test_a_batching_rule_takes_the_place_of_the_loop(cube):
    def rule(info, in_dims, input, scale):
        batched_calls.append((info.batch_size, in_dims))
        return cube(input, scale), in_dims[0]

    level = lampas._core._VmapLevel(3, "error")
    with level:
        looped = level.unwrap(cube(level.wrap(numbers(), 0)), 0)
    library.register_batching_rule("scaled_cube", rule)
    level = lampas._core._VmapLevel(3, "error")
    with level:
        ruled = level.unwrap(cube(level.wrap(numbers(), 0)), 0)
    assert batched_calls == [(3, (0, None))]
    assert looped.tolist() == ruled.tolist() == [1.0, 8.0, -27.0]


def test_a_forward_rule_takes_the_place_of_the_derivative():
    linear = library.register_op("twice_of(Tensor input) -> Tensor", lambda input: input * 2)
    library.register_forward_rule("twice_of", lambda args, output, tangents: tangents[0] * 2)
    level = lampas._core._ForwardLevel()
    with level:
        result = linear(level.make_dual(numbers(), numbers()))
        assert level.unpack(result)[1].tolist() == [2.0, 4.0, -6.0]


def test_rules_need_an_op():
    with pytest.raises(RuntimeError, match="no op named 'nothing'"):
        library.register_batching_rule("nothing", lambda: None)


class Counting(library.Transform):
    """Counts the ops below it."""

    def __init__(self):
        self.names = []

    def process(self, op, args, kwargs):
        self.names.append(op.name)
        return op(*args, **kwargs)


class AddsOne(library.Transform):
    """Changes what `mul` means."""

    def process(self, op, args, kwargs):
        result = op(*args, **kwargs)
        return result + 1 if op.name == "mul" else result


def test_a_transform_sees_every_op_in_all_forms():
    x, target = numbers(), lampas.zeros(3, dtype=lampas.float64)
    with Counting() as counting:
        x.add(x, alpha=2)
        x.mul_(2)
        lampas.exp(x, out=target)
        values, _ = lampas.max(x, 0)
    assert counting.names == ["add", "mul_", "exp", "max"]
    assert x.tolist() == [2.0, 4.0, -6.0]
    assert target[0].item() == pytest.approx(7.38905609893065)
    assert values.item() == 4.0


def test_transforms_nest_and_change_results():
    with Counting() as outer, AddsOne():
        result = numbers() * 2
    assert result.tolist() == [3.0, 5.0, -5.0]
    assert outer.names == ["mul", "add"]  # what the inner one does is seen by the outer one
    assert (numbers() * 2).tolist() == [2.0, 4.0, -6.0]


def test_a_transform_that_raises_leaves_the_stack_as_it_was():
    class Refuses(library.Transform):
        def process(self, op, args, kwargs):
            raise KeyError(op.name)

    with pytest.raises(KeyError, match="neg"), Refuses():
        numbers().neg()
    assert numbers().neg().tolist() == [-1.0, -2.0, 3.0]
    assert not lampas._core._any_level_active()


def test_gradients_are_recorded_below_a_transform():
    x = numbers().requires_grad_()
    with Counting():
        (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, -6.0]
