"""Records what PyTorch's CPU generator draws, for tests/core/generator_test.cpp: `make record` runs this.

On processors by Intel, PyTorch draws bernoulli_(p) and exponential_() from another generator, inside MKL;
record on another processor.
"""

from __future__ import annotations

from pathlib import Path

import torch

OUTPUT = Path(__file__).parent / "random_values.h"

VERSION = torch.__version__.split("+")[0]

HEADER = f"""// Draws of PyTorch {VERSION}, written by tests/recorded/record_random.py.
// clang-format off
#pragma once
#include <cstdint>
#include <vector>

#include "core/tensor/dtype.h"

namespace lampas::recorded {{

// `values` are the bits of what one call drew after seeding; `next_draw` is the 64-bit draw that follows.
struct RandomCase {{
  const char* distribution;
  DType dtype;
  uint64_t seed;
  double first_argument;
  double second_argument;
  std::vector<uint64_t> values;
  uint64_t next_draw;
}};

"""

FLOATING = [torch.float32, torch.float64, torch.bfloat16, torch.float16]
SIGNED = [torch.int8, torch.int16, torch.int32, torch.int64]
REAL = [*FLOATING, *SIGNED, torch.uint8, torch.bool]


def bits(tensor: torch.Tensor) -> list[int]:
    """Return each element's bytes as one unsigned number."""
    size = tensor.element_size()
    data = bytes(tensor.contiguous().view(torch.uint8).tolist())
    return [int.from_bytes(data[start : start + size], "little") for start in range(0, len(data), size)]


def dtype_name(dtype: torch.dtype) -> str:
    name = str(dtype).removeprefix("torch.")
    return "bool_" if name == "bool" else name


def state_hash() -> int:
    """Return the 64-bit FNV-1a hash of the generator's saved state, without the cached normal value."""
    state = torch.get_rng_state()
    state[5024:5032] = 0
    value = 0xCBF29CE484222325
    for byte in state.tolist():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def write_case(
    lines: list[str], name: str, dtype: torch.dtype, count: int, draw, first=0.0, second=0.0
) -> None:
    seed = 1000 + len(lines)
    torch.manual_seed(seed)
    tensor = torch.empty(count, dtype=dtype)
    draw(tensor)
    values = ", ".join(f"{value:#x}" for value in bits(tensor))
    next_draw = torch.empty(1, dtype=torch.int64).random_(-(2**63), None).item() % 2**64
    row = f'"{name}", DType::{dtype_name(dtype)}, {seed}, {first!r}, {second!r}, {{{values}}}, {next_draw:#x}'
    lines.append(f"    {{{row}}},\n")


def cases() -> list[str]:
    lines: list[str] = []
    for dtype in FLOATING:
        for count in (1, 7):
            write_case(lines, "uniform", dtype, count, lambda t: t.uniform_(0, 1), 0.0, 1.0)
        write_case(lines, "uniform", dtype, 9, lambda t: t.uniform_(-0.1, 0.37), -0.1, 0.37)
        for count in (3, 15, 16, 21, 37):
            write_case(lines, "normal", dtype, count, lambda t: t.normal_(0.3, 2.7), 0.3, 2.7)
        strided = torch.empty(36, dtype=dtype)[::2]
        write_case(
            lines, "strided_normal", dtype, 18, lambda t, s=strided: t.copy_(s.normal_(0, 1)), 0.0, 1.0
        )
        write_case(lines, "exponential", dtype, 9, lambda t: t.exponential_(1.5), 1.5)
        write_case(lines, "cauchy", dtype, 9, lambda t: t.cauchy_(0.5, 2), 0.5, 2.0)
        write_case(lines, "log_normal", dtype, 9, lambda t: t.log_normal_(0.5, 0.7), 0.5, 0.7)
    for dtype in REAL:
        write_case(lines, "bernoulli", dtype, 20, lambda t: t.bernoulli_(0.3), 0.3)
        for name, p_dtype in (("bernoulli_float64", torch.float64), ("bernoulli_float32", torch.float32)):
            p = torch.arange(20, dtype=p_dtype) / 19
            write_case(lines, name, dtype, 20, lambda t, p=p: t.bernoulli_(p))
        write_case(lines, "random", dtype, 9, lambda t: t.random_())
        write_case(lines, "range", dtype, 9, lambda t: t.random_(0, 2), 2.0, 0.0)
        if dtype != torch.bool:
            write_case(lines, "geometric", dtype, 9, lambda t: t.geometric_(0.3), 0.3)
            write_case(lines, "permutation", dtype, 11, lambda t: t.copy_(torch.randperm(11, dtype=t.dtype)))
    for dtype in (torch.int64, torch.float64):
        write_case(lines, "range", dtype, 9, lambda t: t.random_(-(2**31), 2**31), 2.0**32, -(2.0**31))
        write_case(lines, "range", dtype, 9, lambda t: t.random_(0, 2**28), 2.0**28, 0.0)
        write_case(lines, "range", dtype, 9, lambda t: t.random_(0, 2**28 - 1), 2.0**28 - 1, 0.0)
        write_case(lines, "all_bits", dtype, 9, lambda t: t.random_(-(2**63), None))
    for dtype in (torch.uint16, torch.uint32, torch.uint64):
        write_case(lines, "range", dtype, 9, lambda t: t.random_(0, 1000), 1000.0, 0.0)
    write_case(lines, "permutation", torch.int64, 700, lambda t: t.copy_(torch.randperm(700)))
    write_case(lines, "uniform", torch.float32, 700, lambda t: t.uniform_(0, 1), 0.0, 1.0)
    return lines


def main() -> None:
    text = HEADER + "inline const std::vector<RandomCase> random_cases = {\n" + "".join(cases()) + "};\n\n"
    torch.manual_seed(7)
    torch.empty(1000).uniform_()
    torch.empty(3).normal_()
    text += "// FNV-1a of torch.get_rng_state() after seed 7, 1000 uniform and 3 normal draws, with the\n"
    text += "// cached value zeroed.\n"
    text += f"inline constexpr uint64_t state_hash = {state_hash():#x};\n\n"
    text += "}  // namespace lampas::recorded\n"
    OUTPUT.write_text(text)


if __name__ == "__main__":
    main()
