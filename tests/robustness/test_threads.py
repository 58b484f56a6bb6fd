"""Many Python threads at once: gradients of shared leaves, graphs handed over and dropped, hooks, fork."""

import math
import os
import queue
import subprocess
import sys
import threading

import pytest

import lampas
from lampas import nn

THREADS = 6


def in_threads(work, count=THREADS, *arguments):
    """Run work(number, *arguments) in threads that begin together; raise what any of them raised."""
    begin, failures = threading.Barrier(count), []

    def run(number):
        begin.wait()
        try:
            work(number, *arguments)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


def test_gradients_of_shared_leaves_add_up():
    """Whole numbers add up exactly, in any order."""
    small, large = lampas.ones(3, requires_grad=True), lampas.ones(300, 300, requires_grad=True)

    def work(number):
        for _ in range(40):
            ((small * (number + 1)).sum() + (large * 2).sum()).backward()

    in_threads(work)
    assert small.grad.tolist() == [40.0 * sum(range(1, THREADS + 1))] * 3
    assert large.grad.eq(80.0 * THREADS).all()


def test_one_graph_from_several_threads():
    weight = lampas.ones(50, requires_grad=True)
    shared = (weight * 2).relu()

    def work(number):
        for _ in range(30):
            shared.sum().backward(retain_graph=True)

    in_threads(work)
    assert weight.grad.eq(60.0 * THREADS).all()


def test_a_graph_that_another_thread_frees_is_an_error():
    """Without retain_graph one thread may find what another has freed: an error, never a wrong sum."""

    def differentiate(result, weight, outcomes):
        try:
            outcomes.append(lampas.autograd.grad(result, [weight])[0])
        except RuntimeError as error:
            assert "second time" in str(error)

    for _ in range(30):
        weight = lampas.ones(2000, requires_grad=True)
        result, outcomes = (weight * weight).exp().sum(), []
        in_threads(lambda number, *args: differentiate(*args), 3, result, weight, outcomes)
        assert outcomes and all(grad.allclose(lampas.full((2000,), 2 * math.e)) for grad in outcomes)


def test_graphs_are_finished_and_dropped_by_other_threads():
    weight = lampas.ones(64, requires_grad=True)
    made = queue.Queue(maxsize=20)

    def work(number):
        if number % 2 == 0:
            for _ in range(100):
                result = weight
                for _ in range(10):
                    result = result * 1
                made.put(result.sum())
        else:
            for place in range(100):
                result = made.get(timeout=60)
                if place % 2 == 0:
                    result.backward()
                del result

    in_threads(work)
    assert weight.grad.eq(50.0 * (THREADS // 2)).all()


def test_hooks_come_and_go_while_backward_runs():
    weight = lampas.ones(10, requires_grad=True)
    calls = []

    def work(number):
        for _ in range(50):
            if number % 2 == 0:
                handle = weight.register_hook(lambda grad: calls.append(1))
                handle.remove()
            else:
                (weight * 2).sum().backward()

    in_threads(work)
    assert weight.grad.eq(100.0 * (THREADS // 2)).all()


def test_memory_goes_from_thread_to_thread():
    """Blocks of all sizes, made in one thread and freed in another; nobody else writes into them."""
    made = queue.Queue(maxsize=50)

    def work(number):
        if number % 2 == 0:
            for place in range(200):
                size = 1 << (place % 18)
                made.put(lampas.full((size,), float(place)).add_(1).mul_(2))
        else:
            for _ in range(200):
                tensor = made.get(timeout=60)
                first = tensor[0].item()
                assert first % 2 == 0 and tensor.eq(first).all()

    in_threads(work)


def test_each_thread_trains_its_own_network():
    """Modules, optimizers and grad modes of threads do not mix; the same seed gives the same weights."""
    inputs, targets = lampas.randn(32, 8), lampas.randn(32, 1)
    start = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1)).state_dict()
    weights = [None] * THREADS

    def work(number):
        network = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
        network.load_state_dict(start)
        optimizer = lampas.optim.Adam(network.parameters(), lr=0.01)
        for _ in range(20):
            optimizer.zero_grad()
            nn.functional.mse_loss(network(inputs), targets).backward()
            optimizer.step()
            with lampas.no_grad():
                assert not network(inputs).requires_grad
        weights[number] = network[0].weight.detach()

    in_threads(work)
    assert all(weight.equal(weights[0]) for weight in weights)


def test_a_fork_while_other_threads_work():
    """The child has one thread and a pool of its own; it computes and ends."""
    done = threading.Event()
    large = lampas.ones(400, 400)

    def work():
        while not done.is_set():
            (large @ large).sum()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                weight = lampas.ones(300, 300, requires_grad=True)
                (weight @ large[:300, :300]).sum().backward()
                os._exit(0 if weight.grad.eq(300).all() else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        done.set()
        for thread in threads:
            thread.join(timeout=60)


@pytest.mark.parametrize(
    "work",
    [
        "(weight @ weight).sum().backward()",
        "(weight @ weight).register_hook(lambda grad: time.sleep(0.001)); lampas.rand(500, 500).sort()",
        "next(iter(lampas.utils.data.DataLoader(list(range(100)), batch_size=10)))",
        "lampas.save({'weight': weight}, io.BytesIO())",
    ],
    ids=["backward", "hooks", "loader", "save"],
)
def test_the_interpreter_ends_while_threads_work(work):
    code = f"""
import io, lampas, lampas.utils.data, threading, time
weight = lampas.ones(200, 200, requires_grad=True)
def run():
    while True:
        {work}
for _ in range(3):
    threading.Thread(target=run, daemon=True).start()
time.sleep(0.2)
print("end")
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (0, "end\n"), ended.stderr
    assert "Traceback" not in ended.stderr
