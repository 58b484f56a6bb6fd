"""Every op under vmap, grad and both, the recorder, autocast, after fork, in two threads, on each set."""

import os
import signal
import subprocess
import sys
import threading
import traceback

import numpy as np
import pytest

import lampas
from lampas.func import grad, vmap
from ops import behaviour
from ops.cases import CASES
from ops.gradients import replace_tensors
from ops.recorded import recorded_op
from ops.sample import DTypeName
from ops.tensors import as_list, build, tensors_in, to_array, to_tensor

EXAMPLES = 3
BATCHED = [
    case
    for case in CASES
    if case.batches
    and not case.random
    and not case.has_only("in_place")
    and case.samples_of(case.precise_dtype)[0].inputs()
]
DIFFERENTIABLE = [case for case in BATCHED if case.derivatives]
TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}


class Batch:
    """A sample's inputs, several times with their elements in other places, as a function takes them."""

    def __init__(self, case, sample, shape=(EXAMPLES,)):
        self.case = case
        self.sample = sample
        count = int(np.prod(shape))
        self.tensors = []
        for each in sample.inputs():
            examples = [
                each.with_values(np.roll(each.values.ravel(), shift).reshape(each.shape))
                for shift in range(count)
            ]
            stacked = np.stack([example.values for example in examples]).reshape(*shape, *each.shape)
            self.tensors.append(to_tensor(lampas, each.with_values(stacked)))

    def function(self, *tensors):
        """The op of its tensors alone; always a tuple of tensors."""
        arguments, keywords = self.sample.map(
            lambda value: to_tensor(lampas, value) if isinstance(value, DTypeName) else lampas.zeros(())
        )
        following = iter(tensors)
        arguments, keywords = replace_tensors((arguments, keywords), following)
        return tuple(as_list(self.case.call(lampas, *arguments, **keywords)))

    def loss(self, *tensors):
        """A number with a gradient that depends on the results."""
        floating = [each for each in self.function(*tensors) if each.is_floating_point()]
        return sum(((each * each + each).sum() for each in floating[1:]), (floating[0] * floating[0]).sum())

    def differentiable_places(self):
        return tuple(place for place, each in enumerate(self.sample.inputs()) if each.differentiable)


def assert_same(results, expected, context, fills=True):
    """Compare shapes, dtypes and, where the op defines them, values."""
    for result, wanted in zip(results, expected, strict=True):
        assert result.shape == wanted.shape and result.dtype == wanted.dtype, context
        if fills:
            np.testing.assert_allclose(to_array(result), to_array(wanted), err_msg=context, **TOLERANCE)


def stack(lists):
    """Stack the results of a loop, place by place."""
    return [lampas.stack(list(each)) for each in zip(*lists, strict=True)]


@pytest.mark.parametrize("case", BATCHED, ids=str)
def test_vmap_is_the_loop(case):
    """With every input batched, with the first alone, with the others alone, and with the batch dim last."""
    for sample in case.samples_of(case.precise_dtype):
        batch = Batch(case, sample)
        tensors = batch.tensors
        one = [each[0] for each in tensors]
        for batched in {
            (True,) * len(tensors),
            (True,) + (False,) * (len(tensors) - 1),
            (False,) + (True,) * (len(tensors) - 1),
        }:
            if not any(batched):
                continue
            given = [tensors[place] if each else one[place] for place, each in enumerate(batched)]
            expected = stack(
                batch.function(
                    *(value[i] if each else value for value, each in zip(given, batched, strict=True))
                )
                for i in range(EXAMPLES)
            )
            in_dims = tuple(0 if each else None for each in batched)
            context = f"{case.name}{sample}, in_dims={in_dims}"
            assert_same(vmap(batch.function, in_dims=in_dims)(*given), expected, context, case.fills)
            last = [
                value.movedim(0, -1) if each else value for value, each in zip(given, batched, strict=True)
            ]
            in_dims = tuple(-1 if each else None for each in batched)
            assert_same(
                vmap(batch.function, in_dims=in_dims)(*last),
                expected,
                f"{context} moved to the end",
                case.fills,
            )


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_vmap_of_grad_is_the_loop_of_grad(case):
    for sample in case.samples_of(case.precise_dtype):
        batch = Batch(case, sample)
        if not has_loss(batch):
            continue
        derivative = grad(batch.loss, argnums=batch.differentiable_places())
        expected = stack(derivative(*(each[i] for each in batch.tensors)) for i in range(EXAMPLES))
        assert_same(vmap(derivative)(*batch.tensors), expected, f"{case.name}{sample}")


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_grad_of_vmap_is_grad_of_the_loop(case):
    for sample in case.samples_of(case.precise_dtype):
        batch = Batch(case, sample)
        if not has_loss(batch):
            continue
        places = batch.differentiable_places()

        def mapped(*tensors):
            return vmap(batch.loss)(*tensors).sum()  # noqa: B023

        def looped(*tensors):
            return sum(batch.loss(*(each[i] for each in tensors)) for i in range(EXAMPLES))  # noqa: B023

        expected = grad(looped, argnums=places)(*batch.tensors)
        assert_same(grad(mapped, argnums=places)(*batch.tensors), expected, f"{case.name}{sample}")


@pytest.mark.parametrize("case", BATCHED, ids=str)
def test_nested_vmap_is_the_nested_loop(case):
    sample = case.samples_of(case.precise_dtype)[0]
    batch = Batch(case, sample, (2, EXAMPLES))
    expected = stack(
        stack(batch.function(*(each[i, j] for each in batch.tensors)) for j in range(EXAMPLES))
        for i in range(2)
    )
    assert_same(vmap(vmap(batch.function))(*batch.tensors), expected, f"{case.name}{sample}", case.fills)
    # The outer level over the second dim: the levels must not be mistaken for each other.
    swapped = vmap(vmap(batch.function), in_dims=1, out_dims=1)(*batch.tensors)
    assert_same(swapped, expected, f"{case.name}{sample}, levels exchanged", case.fills)


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_forward_over_reverse_is_the_second_derivative(case):
    """jvp of grad, alone and under vmap, against backward of a gradient."""
    sample = case.samples_of(case.precise_dtype)[0]
    batch = Batch(case, sample)
    if not has_loss(batch) or case.derivatives < 2:
        pytest.skip("has no second derivative of a number")
    places = batch.differentiable_places()
    derivative = grad(batch.loss, argnums=places)

    def expected_for(tensors):
        inputs = [each.detach().clone() for each in tensors]
        for place in places:
            inputs[place].requires_grad_()
        wanted = [inputs[place] for place in places]
        firsts = lampas.autograd.grad(batch.loss(*inputs), wanted, create_graph=True, materialize_grads=True)
        # The Hessian is symmetric: the gradient of <first, direction> is its product with the direction.
        product = sum(
            (first * lampas.cos(each.detach())).sum() for first, each in zip(firsts, wanted, strict=True)
        )
        if not product.requires_grad:
            return [lampas.zeros_like(each) for each in wanted]
        seconds = lampas.autograd.grad(product, wanted, allow_unused=True)
        return [
            lampas.zeros_like(each) if second is None else second
            for each, second in zip(wanted, seconds, strict=True)
        ]

    def along(*tensors):
        def of_places(*values):
            full = list(tensors)
            for place, value in zip(places, values, strict=True):
                full[place] = value
            return derivative(*full)

        primals = tuple(tensors[place] for place in places)
        return lampas.func.jvp(of_places, primals, tuple(lampas.cos(each) for each in primals))[1]

    expected = [expected_for([each[i] for each in batch.tensors]) for i in range(EXAMPLES)]
    assert_same(along(*(each[0] for each in batch.tensors)), expected[0], f"{case.name}{sample}")
    assert_same(vmap(along)(*batch.tensors), stack(expected), f"{case.name}{sample} under vmap")


def has_loss(batch):
    """Whether there is a floating result that depends on a differentiable input."""
    if not batch.differentiable_places():
        return False
    results = batch.function(*(each[0] for each in batch.tensors))
    return any(each.is_floating_point() for each in results)


@pytest.mark.parametrize("case", [case for case in BATCHED if case.fills], ids=str)
def test_recorder_replays_with_other_inputs(case):
    for sample in case.samples_of(case.precise_dtype):
        batch = Batch(case, sample)
        first, second = ([each[i] for each in batch.tensors] for i in range(2))
        replayed = lampas.func.record(batch.function)(*first)
        assert_same(replayed(*second), batch.function(*second), f"{case.name}{sample}")
        assert_same(replayed(*first), batch.function(*first), f"{case.name}{sample}, first again")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_autocast_gives_the_recorded_dtypes(case):
    assert behaviour.autocast(lampas, case) == recorded_op("autocast", case)


def results_of_everything():
    """The bytes of what each op gives for its first samples and a larger one, by name."""
    results = {}
    for case in CASES:
        if not case.fills or case.random or case.has_only("in_place"):
            continue
        samples = case.samples_of(case.main_dtype)[:3] + case.samples_of("float32", ("large",))[:1]
        for place, sample in enumerate(samples):
            arguments, keywords = build(lampas, sample)
            tensors = tensors_in(case.call(lampas, *arguments, **keywords))
            results[f"{case.name} {place}"] = [to_array(each).tobytes() for each in tensors]
    return results


def test_ops_work_after_fork():
    expected = results_of_everything()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            signal.alarm(120)
            status = 0 if results_of_everything() == expected else 2
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert results_of_everything() == expected


def test_ops_work_in_two_threads_at_once():
    expected = results_of_everything()
    differing, errors = [], []

    def work():
        try:
            for _ in range(2):
                results = results_of_everything()
                differing.extend(name for name in expected if results[name] != expected[name])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not errors and not differing


@pytest.mark.parametrize("instruction_set", ["baseline", "avx2", "avx512"])
def test_ops_work_on_each_instruction_set(instruction_set):
    """Forces a set in a process of its own and compares values and gradients there."""
    environment = {**os.environ, "LAMPAS_INSTRUCTION_SET": instruction_set}
    check = "import lampas; print(lampas._core.instruction_set())"
    answer = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True, text=True)
    if "the best this machine can run" in answer.stderr:
        pytest.skip(answer.stderr.splitlines()[-1])
    assert answer.stdout.strip() == instruction_set, answer.stderr
    tests = [f"{os.path.dirname(__file__)}/{name}" for name in ("test_forward.py", "test_gradient.py")]
    selection = [
        "-k",
        "gives_what_numpy_gives or agree_with_finite_differences",
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, *selection],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stdout[-4000:]
