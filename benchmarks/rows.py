"""The rows of compare.py: bodies written once for every framework, and figures of whole processes."""

import dataclasses
import importlib.util
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import loading


@dataclasses.dataclass(frozen=True)
class Row:
    """make(framework) gives a body without arguments; ratio and limit are what the project asks of Lampas."""

    make: Callable[[Any], Callable[[], Any]]
    wanted_ratio: float | None = None
    limit: float | None = None  # seconds
    calls: int = 1  # that one run of the body makes


def add(requires_grad):
    def make(framework):
        left = framework.ones(4, 4, requires_grad=requires_grad)
        right = framework.ones(4, 4)

        def body():
            left + right  # noqa: B018
            left + right  # noqa: B018
            left + right  # noqa: B018
            left + right  # noqa: B018
            left + right  # noqa: B018

        return body

    return make


def small_backward(framework):
    weight = framework.ones(4, 4, requires_grad=True)
    other = framework.ones(4, 4)

    def body():
        (weight * other).sum().backward()

    return body


def steps(framework, network, criterion, optimizer, size):
    """Training steps of a network on eight batches in turn."""
    batches = [(framework.randn(size), framework.randint(0, 10, size[:1])) for _ in range(8)]
    state = {"place": 0}

    def body():
        images, labels = batches[state["place"]]
        state["place"] = (state["place"] + 1) % len(batches)
        optimizer.zero_grad()
        loss = criterion(network(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return body


def lenet_step(batch):
    """One step of the documents' LeNet with momentum."""

    def make(framework):
        framework.manual_seed(0)
        network = loading.lenet(framework.nn)
        optimizer = framework.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
        return steps(framework, network, framework.nn.CrossEntropyLoss(), optimizer, (batch, 3, 32, 32))

    return make


def network_step(framework):
    """One step of the network 784-128-64-10 of the documents, on eight batches in turn."""
    nn = framework.nn
    framework.manual_seed(0)
    network = nn.Sequential(
        *(
            nn.Linear(784, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.ReLU(),
            nn.Linear(64, 10),
            nn.LogSoftmax(dim=1),
        )
    )
    criterion = nn.NLLLoss()
    optimizer = framework.optim.SGD(network.parameters(), lr=0.003)
    return steps(framework, network, criterion, optimizer, (64, 784))


def two_layers_with_adam(framework):
    """One step of the documents' net of 1,000 inputs, 100 hidden units and 10 outputs, with Adam."""
    nn = framework.nn
    framework.manual_seed(0)
    inputs, targets = framework.randn(64, 1000), framework.randn(64, 10)
    network = nn.Sequential(nn.Linear(1000, 100), nn.ReLU(), nn.Linear(100, 10))
    criterion = nn.MSELoss(reduction="sum")
    optimizer = framework.optim.Adam(network.parameters(), lr=1e-4)

    def body():
        loss = criterion(network(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return body


def convolution(shape, part):
    """`shape` is (batch, in channels, out channels, kernel height, width, image height, width)."""
    batch, ins, outs, kernel_height, kernel_width, height, width = shape

    def make(framework):
        framework.manual_seed(0)
        inputs = [
            framework.randn(batch, ins, height, width, requires_grad=part == "backward") for _ in range(2)
        ]
        weight = framework.randn(outs, ins, kernel_height, kernel_width, requires_grad=part == "backward")
        bias = framework.randn(outs, requires_grad=part == "backward")
        conv2d = framework.nn.functional.conv2d
        state = {"place": 0}
        if part == "forward":

            def body():
                state["place"] ^= 1
                return conv2d(inputs[state["place"]], weight, bias)

            return body
        results = [conv2d(input, weight, bias) for input in inputs]
        cotangent = framework.randn(*results[0].shape)
        grad = framework.autograd.grad

        def body():
            state["place"] ^= 1
            place = state["place"]
            return grad(results[place], (inputs[place], weight, bias), cotangent, retain_graph=True)

        return body

    return make


def random_convolution_shapes(count, seed):
    """Channels 3 to 24, kernels 1 to 7, odd images, batches 1 to 300: shapes that nobody named."""
    chance = random.Random(seed)
    shapes = []
    while len(shapes) < count:
        kernel = [chance.randint(1, 7) for _ in range(2)]
        image = [chance.randrange(max(kernel) | 1, 40, 2) for _ in range(2)]
        batch = round(300 ** chance.random())
        channels = [chance.randint(3, 24) for _ in range(2)]
        multiplications = batch * channels[0] * channels[1] * kernel[0] * kernel[1] * image[0] * image[1]
        if multiplications < 3e9:
            shapes.append((batch, *channels, *kernel, *image))
    return shapes


def elementwise(name, count, inputs=1):
    def make(framework):
        framework.manual_seed(0)
        tensors = [[framework.rand(count) + 0.5 for _ in range(inputs)] for _ in range(2)]
        function = getattr(framework, name)
        state = {"place": 0}

        def body():
            state["place"] ^= 1
            return function(*tensors[state["place"]])

        return body

    return make


def product(rows, inner, columns):
    def make(framework):
        framework.manual_seed(0)
        lefts = [framework.randn(rows, inner) for _ in range(2)]
        right = framework.randn(inner, columns)
        state = {"place": 0}

        def body():
            state["place"] ^= 1
            return lefts[state["place"]] @ right

        return body

    return make


FIRST, SECOND = (3, 6, 5, 5, 32, 32), (6, 16, 5, 5, 14, 14)
TIMED = {
    "a + b 4x4": Row(add(False), 5, 200e-9, calls=5),
    "a + b 4x4, recorded": Row(add(True), 5, 300e-9, calls=5),
    "(g*b).sum().backward() 4x4": Row(small_backward, 20),
    "MLP 784-128-64-10 step": Row(network_step, 2),
    **{
        f"LeNet step, batch {batch}": Row(lenet_step(batch), ratio)
        for batch, ratio in ((4, 5), (64, 2), (256, 2))
    },
    "two layers with Adam step": Row(two_layers_with_adam, 2),
    **{
        f"conv({shape[0]},{shape[1]},5) batch {batch} {part}": Row(convolution((batch, *shape), part), 1.2)
        for shape in (FIRST, SECOND)
        for batch in (4, 64)
        for part in ("forward", "backward")
    },
    "add 4M": Row(elementwise("add", 4_000_000, 2), 0.9),
    "mul 10k": Row(elementwise("mul", 10_000, 2), 0.9),
    "exp 4M": Row(elementwise("exp", 4_000_000), 0.9),
    **{f"{name} 4M": Row(elementwise(name, 4_000_000), 0.9) for name in ("log10", "tan", "expm1", "norm")},
    **{f"{name} 4M": Row(elementwise(name, 4_000_000, 2), 0.9) for name in ("pow", "remainder", "atan2")},
    "tanh 100k": Row(elementwise("tanh", 100_000), 0.9),
    "relu 1M": Row(elementwise("relu", 1_000_000), 0.9),
    "sum 4M": Row(elementwise("sum", 4_000_000), 0.9),
    "matmul 64x784x128": Row(product(64, 784, 128), 0.9),
    "matmul 512^3": Row(product(512, 512, 512), 0.9),
    "matmul 2048^3": Row(product(2048, 2048, 2048), 0.9),
    "CIFAR-10 batch of 4, loaded": Row(loading.loading((32, 32, 3), 4)),
    "MNIST batch of 64, loaded": Row(loading.loading((28, 28), 64)),
    **{
        f"CIFAR-10 LeNet loop, {workers} workers": Row(
            loading.training(loading.lenet, (32, 32, 3), 4, workers), 2
        )
        for workers in (0, 2)
    },
    "MNIST MLP loop, batch 64": Row(loading.training(loading.perceptron, (28, 28), 64), 3),
}


def run_python(code, **environment):
    """Run a script of its own and return what it prints.

    Compiled bytecode is kept, as an installed package has it: else each process compiles all sources anew.
    """
    keeping = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    finished = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        env={**keeping, **environment},
    )
    if finished.returncode:
        raise RuntimeError(finished.stderr)
    return finished.stdout.strip()


def import_times(rounds=9):
    """Milliseconds of a process that imports each framework, over one that imports nothing; medians."""
    codes = {
        "bare": "pass",
        "lampas": "import lampas",
        "lampas, one training step": STEP,
        "torch": "import torch",
    }
    for code in codes.values():
        run_python(code)  # leaves its bytecode
    taken = {name: [] for name in codes}
    for _ in range(rounds):
        for name, code in codes.items():
            begin = time.perf_counter()
            run_python(code)
            taken[name].append(1e3 * (time.perf_counter() - begin))
    bare = statistics.median(taken.pop("bare"))
    return {name: f"{statistics.median(values) - bare:.0f} ms" for name, values in taken.items()}


STEP = """
import lampas
from lampas import nn, optim
from lampas.utils import data
network = nn.Linear(3, 2)
optimizer = optim.SGD(network.parameters(), lr=0.1)
loader = data.DataLoader(data.TensorDataset(lampas.ones(4, 3)), batch_size=2)
for (batch,) in loader:
    network(batch).sum().backward()
    optimizer.step()
"""


def size_of(module):
    """Bytes of every file of an installed package."""
    folder = pathlib.Path(importlib.util.find_spec(module).origin).parent
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sum(path.stat().st_size for path in files)


def sizes():
    return {module: f"{size_of(module) / 1e6:.1f} MB" for module in ("lampas", "torch")}


# In a process that was forked, `ru_maxrss` counts what its parent used; the kernel's own mark does not.
PEAK = """
def peak():
    line = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
"""
CHAIN = """
import {framework} as framework, time
{peak}
weight = framework.ones(1, requires_grad=True)
def chain():
    result = weight
    for _ in range(1_000_000):
        result = result + 1
    return result
before = peak()
result = chain()
begin = time.perf_counter()
result.backward()
print(f"{{time.perf_counter() - begin:.2f}} s")
print(f"{{peak() - before:.0f}} MB")
del result
result = chain()
begin = time.perf_counter()
del result
print(f"{{time.perf_counter() - begin:.2f}} s")
"""


def long_chain():
    """Backward of a chain of a million nodes: seconds, megabytes above the start, seconds to drop one."""
    figures = {}
    for framework in ("lampas", "torch"):
        backward, memory, dropped = run_python(CHAIN.format(framework=framework, peak=PEAK)).splitlines()
        figures[framework] = f"backward {backward}, {memory}, dropped in {dropped}"
    return figures


def beside_a_busy_process(rounds=400):
    """Median step time of the network alone, then beside one process that keeps a processor busy."""
    figures = {}
    for name in ("lampas", "torch"):
        body = network_step(importlib.import_module(name))

        def median_of_steps(body=body):
            taken = []
            for _ in range(rounds):
                begin = time.perf_counter()
                body()
                taken.append(time.perf_counter() - begin)
            return statistics.median(taken[rounds // 10 :])

        quiet = median_of_steps()
        busy_process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            time.sleep(0.2)
            busy = median_of_steps()
        finally:
            busy_process.kill()
            busy_process.wait()
        figures[name] = f"{1e6 * quiet:.0f} us alone, {1e6 * busy:.0f} us beside ({busy / quiet:.2f} times)"
    return figures


def peak_memory():
    """Megabytes a process has used at its most after a hundred steps of the network."""
    code = (
        "import sys; sys.path.insert(0, {root!r})\n"
        "import {framework} as framework\n"
        "from benchmarks.rows import network_step\n"
        "body = network_step(framework)\n"
        "for _ in range(100): body()\n"
        "{peak}\nprint(round(peak()))"
    )
    root = str(pathlib.Path(__file__).resolve().parents[1])
    return {
        name: run_python(code.format(framework=name, root=root, peak=PEAK)) + " MB"
        for name in ("lampas", "torch")
    }


MEASURED = {
    "import time": import_times,
    "installed size": sizes,
    "chain of a million nodes": long_chain,
    "step beside a busy process": beside_a_busy_process,
    "peak memory": peak_memory,
}
