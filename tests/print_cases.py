"""Cases for printing: tensors of every dtype, shape and magnitude, with the print options in force."""

import math
import random
from typing import NamedTuple

FLOAT_DTYPES = ["float32", "float64", "float16", "bfloat16"]
COMPLEX_DTYPES = ["complex64", "complex128"]
INTEGER_RANGES = {
    "int8": (-128, 127),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 255),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
SHAPES = [
    (), (1,), (2,), (7,), (30,), (100,), (0,), (2, 3), (1, 1), (4, 9), (0, 3), (3, 0, 2), (2, 2, 2),
    (2, 1, 3, 2), (1001,), (40, 30), (7, 200), (200, 7), (11, 10, 10), (5, 4, 8, 7), (1, 1, 1, 1100),
]  # fmt: skip
OPTIONS = [
    {}, {}, {}, {}, {"precision": 2}, {"precision": 0}, {"precision": 8}, {"threshold": 5}, {"edgeitems": 1},
    {"threshold": 3, "edgeitems": 2}, {"linewidth": 40}, {"linewidth": 200}, {"sci_mode": True},
    {"sci_mode": False}, {"profile": "short"}, {"profile": "full", "linewidth": 120},
    {"threshold": 2, "edgeitems": 0},
]  # fmt: skip


class PrintCase(NamedTuple):
    """One tensor to print: `values` in row-major order, complex ones as complex."""

    dtype: str
    shape: tuple
    values: list
    options: dict


def _float_source(generator):
    """Return a function that draws floats of one randomly chosen character."""
    scale = 10.0 ** generator.randint(-6, 9)
    sources = [
        lambda: generator.gauss(0.0, 1.0),
        lambda: generator.gauss(0.0, 1.0) * scale,
        lambda: float(generator.randint(-20, 20)),
        lambda: float(generator.randint(-20, 20)) * scale,
        lambda: 10.0 ** generator.uniform(-4.5, 4.5),
        lambda: 0.0,
        lambda: generator.choice([0.0, -0.0, 1.0, 0.5, -2.0]),
        lambda: generator.choice([math.nan, math.inf, -math.inf]),
        lambda: generator.choice([math.nan, math.inf, -math.inf, 0.0, 1.0, -3.0]),
        lambda: generator.choice([math.nan, -math.inf, generator.gauss(0.0, 1.0) * scale]),
        lambda: generator.choice([1e8, 100000001.0, 99999999.0, 1.0, 9999.5]),
        lambda: generator.choice([1e-4, 0.00009999, 0.1, 0.0999995, 1000.0, 1000.1]),
    ]
    return generator.choice(sources)


def _values(dtype, count, generator):
    if dtype == "bool":
        return [generator.random() < generator.choice([0.0, 0.5, 1.0]) for _ in range(count)]
    if dtype in INTEGER_RANGES:
        low, high = INTEGER_RANGES[dtype]
        if generator.random() < 0.7:
            low, high = max(low, -generator.choice([9, 99, 999])), min(high, generator.choice([9, 99, 999]))
        return [generator.randint(low, high) for _ in range(count)]
    draw = _float_source(generator)
    if dtype in COMPLEX_DTYPES:
        draw_imag = _float_source(generator)
        return [complex(draw(), draw_imag()) for _ in range(count)]
    return [draw() for _ in range(count)]


def print_cases(count, seed, largest=2000):
    """Yield `count` cases of at most `largest` elements; the same seed gives the same cases."""
    generator = random.Random(seed)
    dtypes = FLOAT_DTYPES * 3 + COMPLEX_DTYPES * 2 + list(INTEGER_RANGES) + ["bool"]
    shapes = [shape for shape in SHAPES if math.prod(shape) <= largest]
    for _ in range(count):
        dtype, shape = generator.choice(dtypes), generator.choice(shapes)
        yield PrintCase(dtype, shape, _values(dtype, math.prod(shape), generator), generator.choice(OPTIONS))


def build(framework, case):
    """Make the tensor of a case with `framework`, which is lampas or a module of the same interface."""
    return framework.tensor(case.values, dtype=getattr(framework, case.dtype)).view(case.shape)
