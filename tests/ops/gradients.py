"""Checks first and second derivatives and forward mode against finite differences in float64."""

import numpy as np

import lampas
from ops.tensors import build, tensors_in, to_array

STEP = 1e-5
TOLERANCE = 2e-7  # of central differences at STEP: truncation 1e-10, rounding 1e-11, times a few derivatives


def weights_like(tensors, seed):
    """Fixed normal numbers in the shapes of tensors."""
    random = np.random.default_rng(seed)
    return [lampas.from_numpy(np.array(random.standard_normal(tuple(each.shape)))) for each in tensors]


def differentiable_results(function, arguments, keywords):
    return [each for each in tensors_in(function(*arguments, **keywords)) if each.is_floating_point()]


class Problem:
    """A function of the differentiable inputs of a sample, the others held fixed."""

    def __init__(self, function, sample):
        self.function = function
        self.sample = sample
        self.places = [place for place, each in enumerate(sample.inputs()) if each.differentiable]

    def values(self):
        return [self.sample.inputs()[place].values for place in self.places]

    def arguments(self, values, requires_grad):
        """Build the arguments with other values of the differentiable inputs; also return those inputs."""
        inputs = self.sample.inputs()
        for place, value in zip(self.places, values, strict=True):
            inputs[place] = inputs[place].with_values(value)
        arguments, keywords = build(lampas, self.sample.with_inputs(inputs), requires_grad=requires_grad)
        everything = tensors_in((arguments, keywords))
        return arguments, keywords, [everything[place] for place in self.places]

    def results(self, values):
        """The floating results at other values."""
        arguments, keywords, _ = self.arguments(values, requires_grad=False)
        return [to_array(each) for each in differentiable_results(self.function, arguments, keywords)]

    def gradients(self, values, cotangents=None):
        """First derivatives of the results weighted by `cotangents`; None without a path."""
        arguments, keywords, inputs = self.arguments(values, requires_grad=True)
        results = [
            each for each in differentiable_results(self.function, arguments, keywords) if each.requires_grad
        ]
        cotangents = cotangents or weights_like(results, 1)
        grads = lampas.autograd.grad(results, inputs, cotangents, create_graph=True, allow_unused=True)
        return inputs, cotangents, grads


def difference(evaluate, values, place, direction):
    """Central difference of a list of arrays along a direction of one input."""
    ends = []
    for sign in (1, -1):
        moved = list(values)
        moved[place] = values[place] + sign * STEP * direction
        ends.append(evaluate(moved))
    return [(high - low) / (2 * STEP) for high, low in zip(*ends, strict=True)]


def assert_near(actual, expected, scale, context):
    """Compare two numbers or arrays relative to the size of what was added up."""
    error = np.max(np.abs(np.asarray(actual) - np.asarray(expected)), initial=0.0)
    assert error <= TOLERANCE * max(1.0, scale), f"{context}: {actual}, finite differences give {expected}"


def assert_gradients(function, sample, context, order=1):
    """Compare the first and, for order 2, the second derivatives of a call with finite differences."""
    problem = Problem(function, sample)
    if not problem.places:
        return
    values = problem.values()
    inputs, cotangents, grads = problem.gradients(values)
    weights = [to_array(each) for each in cotangents]
    random = np.random.default_rng(2)
    for place, value in enumerate(values):
        direction = random.standard_normal(value.shape)
        steps = difference(problem.results, values, place, direction)
        expected = sum(float(np.sum(weight * step)) for weight, step in zip(weights, steps, strict=True))
        if grads[place] is None:
            actual = 0.0
        else:
            assert grads[place].shape == inputs[place].shape and grads[place].dtype == inputs[place].dtype
            actual = float(np.sum(to_array(grads[place]) * direction))
        scale = sum(float(np.sum(np.abs(weight * step))) for weight, step in zip(weights, steps, strict=True))
        assert_near(actual, expected, scale, f"{context}: gradient of input {place}")
    if order == 2:
        assert_second_derivatives(problem, values, cotangents, context)


def assert_second_derivatives(problem, values, cotangents, context):
    """Differentiate the weighted gradients once more, by inputs and by cotangents."""
    cotangents = [each.detach().clone().requires_grad_() for each in cotangents]
    inputs, _, grads = problem.gradients(values, cotangents)
    present = [place for place, grad in enumerate(grads) if grad is not None and grad.requires_grad]
    if not present:
        return
    weights = weights_like([grads[place] for place in present], 3)
    # A weighted sum of gradients is linear in each cotangent: its derivative there needs no small step.
    seconds = lampas.autograd.grad(
        [grads[place] for place in present], [*inputs, *cotangents], weights, allow_unused=True
    )
    random = np.random.default_rng(4)

    def gradients_at(moved):
        _, _, others = problem.gradients(moved, cotangents)
        return [to_array(others[place]) for place in present]

    def gradients_with(moved):
        _, _, others = problem.gradients(values, [lampas.from_numpy(np.array(each)) for each in moved])
        return [to_array(others[place]) for place in present]

    points = [*values, *(to_array(each) for each in cotangents)]
    for place, value in enumerate(points):
        direction = random.standard_normal(value.shape)
        if place < len(values):
            steps = difference(gradients_at, values, place, direction)
        else:
            steps = difference(gradients_with, points[len(values) :], place - len(values), direction)
        pairs = list(zip(map(to_array, weights), steps, strict=True))
        expected = sum(float(np.sum(weight * step)) for weight, step in pairs)
        actual = float(np.sum(to_array(seconds[place]) * direction)) if seconds[place] is not None else 0.0
        scale = sum(float(np.sum(np.abs(weight * step))) for weight, step in pairs)
        assert_near(actual, expected, scale, f"{context}: second derivative by {place}")


def assert_forward_mode(function, sample, context):
    """Compare the tangents that jvp gives with finite differences along the same direction."""
    problem = Problem(function, sample)
    if not problem.places:
        return
    values = problem.values()
    if not problem.results(values):
        return
    random = np.random.default_rng(5)
    directions = [random.standard_normal(value.shape) for value in values]

    def of_inputs(*inputs):
        everything = problem.sample.inputs()
        arguments, keywords = build(lampas, problem.sample)
        tensors = tensors_in((arguments, keywords))
        for place, each in zip(problem.places, inputs, strict=True):
            tensors[place] = each
        assert len(tensors) == len(everything)
        arguments, keywords = replace_tensors((arguments, keywords), iter(tensors))
        return tuple(differentiable_results(function, arguments, keywords))

    primals = tuple(lampas.from_numpy(np.array(value)) for value in values)
    tangents = tuple(lampas.from_numpy(np.array(direction)) for direction in directions)
    results, result_tangents = lampas.func.jvp(of_inputs, primals, tangents)
    ends = [
        problem.results([v + sign * STEP * d for v, d in zip(values, directions, strict=True)])
        for sign in (1, -1)
    ]
    for result, tangent, high, low in zip(results, result_tangents, *ends, strict=True):
        expected = (high - low) / (2 * STEP)
        assert tangent.shape == result.shape
        assert_near(to_array(tangent), expected, np.max(np.abs(expected), initial=0.0), f"{context}: jvp")


def replace_tensors(value, following):
    """Return a nested value with every tensor replaced by the next of an iterator."""
    if isinstance(value, dict):
        return {name: replace_tensors(each, following) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(replace_tensors(each, following) for each in value)
    return next(following) if isinstance(value, lampas.Tensor) else value
