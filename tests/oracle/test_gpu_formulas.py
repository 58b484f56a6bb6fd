"""Compiles the shared elementwise formulas for the GPU with NVIDIA's NVRTC, which needs no GPU for that."""

import ctypes
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADERS = [
    "core/kernels/cuda/prelude.h",
    "core/kernels/scalar_functions.h",
    "core/kernels/elementwise_rows.h",
]
# NVRTC has no C library; this is all of stdint.h that the rows use.
STDINT = "typedef unsigned char uint8_t; typedef long long int64_t; typedef unsigned long long uint64_t;"


def nvrtc():
    """Return the library of NVIDIA's wheel, or skip with the reason."""
    package = importlib.util.find_spec("nvidia.cuda_nvrtc") if importlib.util.find_spec("nvidia") else None
    if package is None or not package.submodule_search_locations:
        pytest.skip("the wheel nvidia-cuda-nvrtc-cu12 is not installed")
    libraries = sorted(Path(package.submodule_search_locations[0]).glob("lib/libnvrtc.so.*"))
    if not libraries:
        pytest.skip("the wheel nvidia-cuda-nvrtc-cu12 has no libnvrtc")
    return ctypes.CDLL(str(libraries[0]))


def compile_for_gpu(library, source, headers):
    """Return the PTX of `source`; fail with NVRTC's log."""
    names = (ctypes.c_char_p * len(headers))(*(name.encode() for name in headers))
    texts = (ctypes.c_char_p * len(headers))(*(text.encode() for text in headers.values()))
    program = ctypes.c_void_p()
    arguments = (ctypes.byref(program), source.encode(), b"elementwise.cu", len(headers), texts, names)
    assert library.nvrtcCreateProgram(*arguments) == 0
    options = (ctypes.c_char_p * 2)(b"--gpu-architecture=compute_80", b"--std=c++20")
    status = library.nvrtcCompileProgram(program, 2, options)
    size = ctypes.c_size_t()
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    assert status == 0, log.value.decode()
    library.nvrtcGetPTXSize(program, ctypes.byref(size))
    code = ctypes.create_string_buffer(size.value)
    library.nvrtcGetPTX(program, code)
    library.nvrtcDestroyProgram(ctypes.byref(program))
    return code.value.decode()


def row_names(family):
    """Return the names of the rows of one family, as elementwise_rows.h lists them."""
    text = (ROOT / "core/kernels/elementwise_rows.h").read_text()
    block = re.search(rf"#define LAMPAS_{family}_ROWS\(ROW\)(.*?)\n\n", text, re.S).group(1)
    return re.findall(r"ROW\((\w+),", block)


def test_every_formula_compiles_for_the_gpu():
    library = nvrtc()
    headers = {name: (ROOT / name).read_text() for name in HEADERS} | {"stdint.h": STDINT}
    code = compile_for_gpu(library, (ROOT / "core/kernels/cuda/elementwise.cu").read_text(), headers)
    entries = set(re.findall(r"\.entry (\w+)", code))
    families = {"UNARY": "unary", "BINARY": "binary", "COMPARISON": "binary", "TERNARY": "ternary"}
    expected = {
        f"{prefix}_{name}_{dtype}"
        for family, prefix in families.items()
        for name in row_names(family)
        for dtype in ("float", "double")
    }
    assert len(expected) > 60
    assert expected <= entries
