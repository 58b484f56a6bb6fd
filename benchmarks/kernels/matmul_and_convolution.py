"""Times products of matrices and convolutions beside PyTorch: the same body on both, in turns.

python benchmarks/kernels/matmul_and_convolution.py lenet|random|products [--threads N] [--count N] [--seed N]

A line holds, for each body, the medians in microseconds, their ratio (above 1: Lampas is faster) and the
ratio of the lower to the upper quartile of the slower run, which says how quiet the machine was.
"""

import argparse
import random
import statistics
import time

import torch

import lampas

LENET = [
    {"batch": batch, "channels": channels, "filters": filters, "size": (size, size), "kernel": (5, 5)}
    for channels, filters, size in ((3, 6, 32), (6, 16, 14))
    for batch in (4, 64)
]
# (rows, depth, columns)
PRODUCTS = [
    (4, 4, 4),
    (64, 784, 128),
    (64, 128, 784),
    (128, 64, 784),
    (64, 64, 10),
    (1, 1024, 1024),
    (100, 100, 100),
    (512, 512, 512),
    (1024, 1024, 1024),
]


def seconds_a_call(bodies, budget):
    """Return for each body its times per call: slices of about a millisecond, the bodies in turns."""
    repeats, times = [], [[] for _ in bodies]
    for body in bodies:
        body()
        body()
        start = time.perf_counter()
        body()
        repeats.append(max(1, int(1e-3 / max(time.perf_counter() - start, 1e-7))))
    end = time.perf_counter() + budget
    while time.perf_counter() < end or len(times[0]) < 7:
        for index, body in enumerate(bodies):
            start = time.perf_counter()
            for _ in range(repeats[index]):
                body()
            times[index].append((time.perf_counter() - start) / repeats[index])
    return times


def compare(ours, theirs, budget):
    """Return both medians in microseconds, their ratio, and how steady the less steady one was."""
    times = seconds_a_call([ours, theirs], budget)
    medians = [statistics.median(each) * 1e6 for each in times]
    quartiles = [statistics.quantiles(each, n=4) for each in times]
    steadiness = min(low / high for low, _, high in quartiles)
    return medians[0], medians[1], medians[1] / medians[0], steadiness


def convolution_bodies(library, numbers, wanted):
    """Return a function without arguments: the forward pass, or the backward pass to one operand."""
    image, weight, bias, grad = (library.from_numpy(each) for each in numbers)
    if wanted == "forward":
        return lambda: library.nn.functional.conv2d(image, weight, bias)
    targets = [image] if wanted == "grad input" else [weight, bias]
    for target in targets:
        target.requires_grad_(True)
    output = library.nn.functional.conv2d(image, weight, bias)
    return lambda: library.autograd.grad(output, targets, grad, retain_graph=True)


def convolution_line(case, budget):
    height, width = case["size"]
    kernel_height, kernel_width = case["kernel"]
    out_size = (height - kernel_height + 1, width - kernel_width + 1)
    shapes = [
        (case["batch"], case["channels"], height, width),
        (case["filters"], case["channels"], kernel_height, kernel_width),
        (case["filters"],),
        (case["batch"], case["filters"], *out_size),
    ]
    numbers = [torch.randn(*shape).numpy() for shape in shapes]
    results = []
    for wanted in ("forward", "grad input", "grad weight"):
        bodies = [convolution_bodies(library, numbers, wanted) for library in (lampas, torch)]
        results.append(compare(*bodies, budget))
    channels = f"{case['batch']}x{case['channels']}->{case['filters']}"
    name = f"{channels} {height}x{width} k{kernel_height}x{kernel_width}"
    print_line(name, results)
    return [result[2] for result in results]


def random_case(draw):
    """A shape nobody named: few channels, kernels of 1 to 7, odd pictures, batches of 1 to 300."""
    kernel = draw.randint(1, 7)
    kernel_width = kernel if draw.random() < 0.7 else draw.randint(1, 7)
    return {
        "batch": draw.choice([draw.randint(1, 8), draw.randint(1, 300)]),
        "channels": draw.randint(3, 24),
        "filters": draw.randint(3, 24),
        "size": (draw.randint(7, 65), draw.randint(7, 65)),
        "kernel": (kernel, kernel_width),
    }


def product_line(rows, depth, columns, budget):
    """A @ B, A @ B.T and A.T @ B."""
    results = []
    left, right = torch.randn(rows, depth).numpy(), torch.randn(depth, columns).numpy()
    layouts = ((left, right), (left, right.T.copy().T), (left.T.copy().T, right))
    for a, b in layouts:
        ours_a, ours_b = lampas.from_numpy(a), lampas.from_numpy(b)
        theirs_a, theirs_b = torch.from_numpy(a), torch.from_numpy(b)
        results.append(
            compare(
                lambda a=ours_a, b=ours_b: lampas.mm(a, b),
                lambda a=theirs_a, b=theirs_b: torch.mm(a, b),
                budget,
            )
        )
    print_line(f"{rows}x{depth} @ {depth}x{columns}", results)
    return [result[2] for result in results]


def print_line(name, results):
    columns = [
        f"{ours:9.1f} {theirs:9.1f}  {ratio:5.2f} ({steady:.2f})" for ours, theirs, ratio, steady in results
    ]
    print(f"{name:<34}", " | ".join(columns), flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("lenet", "random", "products"))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--count", type=int, default=30, help="random shapes to draw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=float, default=0.5, help="seconds for each comparison")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    lampas.set_num_threads(options.threads)
    print(f"{options.threads} threads; lampas us, torch us, ratio (steadiness)")
    if options.what == "products":
        columns = ("A @ B", "A @ B.T", "A.T @ B")
        ratios = [product_line(*shape, options.budget) for shape in PRODUCTS]
    else:
        columns = ("forward", "grad input", "grad weight and bias")
        draw = random.Random(options.seed)
        cases = LENET if options.what == "lenet" else [random_case(draw) for _ in range(options.count)]
        ratios = [convolution_line(case, options.budget) for case in cases]
    for column, values in zip(columns, zip(*ratios, strict=True), strict=True):
        print(f"{column:<22} median {statistics.median(values):.2f}  least {min(values):.2f}")


if __name__ == "__main__":
    main()
