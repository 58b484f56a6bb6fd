"""No include and no import runs against the arrows of ARCHITECTURE.md."""

import re

import pytest

from architecture.repository import code_files, imported_modules, relative

# A folder of core/ includes from itself and from these.
CORE_MAY_INCLUDE = {
    "parallel": (),
    "tensor": ("parallel",),
    "random": ("tensor", "parallel"),
    "kernels": ("tensor", "parallel", "random"),
    "autograd": ("tensor", "parallel", "random", "kernels"),
    "ops": ("tensor", "parallel", "random", "kernels", "autograd"),
    "engine": ("tensor", "parallel", "random", "kernels", "autograd", "ops"),
    "transforms": ("tensor", "parallel", "random", "kernels", "autograd", "ops", "engine"),
    "bindings": (*("tensor", "parallel", "random", "kernels", "autograd", "ops", "engine", "transforms"),),
}
# From the bottom up; a part imports from its own line and from lines above it.
PACKAGE_LAYERS = (
    (
        "_core",
        "_tensor",
        "_tensor_repr",
        "accelerator",
        "compiler",
        "choosing",
        "counting",
        "functional",
        "hub",
        "many_tensors",
        "masked",
        "mps",
        "contractions",
        "differences",
        "distributed",
        "argument_checks",
        "dtype_names",
        "numeric_limits",
        "old_names",
        "onnx",
        "overwriting",
        "process_settings",
        "random",
        "signal",
        "return_types",
        "storage",
        "tensor_types",
        "testing",
        "types",
        "warning",
        "xpu",
    )
    + ("version", "utils.dlpack", "utils.hooks"),
    (
        "autograd",
        "backends",
        "func",
        "amp",
        "cuda",
        "multiprocessing",
        "arrays",
        "distributions",
        "library",
        "fft",
        "linalg",
        "norms",
        "segments",
        "short_time_fourier",
        "special",
    ),
    ("nn",),
    ("jit",),
    ("optim", "serialization"),
    ("utils", "plots.png"),
    ("data", "vision"),
    ("plots",),
    ("train", "__main__"),
)
TELLS_OF_THE_CORE = "src/lampas/train/info.py"  # where the core lies is what `lampas info` is asked
LAYER_OF = {part: place for place, parts in enumerate(PACKAGE_LAYERS) for part in parts}


def included(path):
    """Return (line number, path) of each include of the core."""
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if match:
            found.append((number, match[1]))
    return found


def test_the_core_includes_downwards_only():
    wrong = []
    for path in code_files("core"):
        folder = relative(path).split("/")[1]
        for number, target in included(path):
            parts = target.split("/")
            if parts[0] != "core" or parts[1] not in (folder, *CORE_MAY_INCLUDE[folder]):
                wrong.append(f"{relative(path)}:{number} includes {target}")
    assert not wrong, "\n".join(wrong)


def test_kernels_know_neither_autograd_nor_python_and_the_core_no_python():
    python = re.compile(r"Python\.h|PyObject|nanobind")
    wrong = [
        relative(path)
        for path in code_files("core")
        if relative(path).split("/")[1] != "bindings" and python.search(path.read_text())
    ]
    assert not wrong, wrong


def test_vector_kernels_see_raw_pointers_only():
    """What is compiled once per instruction set includes no container, no tensor and nothing that throws."""
    allowed = {
        "stdint.h",
        "stddef.h",
        "string.h",
        "math.h",
        "immintrin.h",
        "cmath",
        "cstdint",
        "cstddef",
        "cstring",
    }
    wrong = []
    for path in code_files("core"):
        if "/cpu/vector/" not in relative(path):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if match and match[1] not in allowed:
                wrong.append(f"{relative(path)}:{number} includes <{match[1]}>")
            if re.search(
                r"\bthrow\b|core/tensor/tensor\.h|std::(vector|string|function)", line.split("//")[0]
            ):
                wrong.append(f"{relative(path)}:{number} {line.strip()}")
    assert not wrong, "\n".join(wrong)


def package_part(name):
    """Return "nn" for "lampas.nn.functional.relu", None for the package itself and for foreign modules."""
    parts = name.split(".")
    if parts[0] != "lampas":
        return None
    return next((part for part in (".".join(parts[1:3]), ".".join(parts[1:2])) if part in LAYER_OF), None)


def test_the_package_imports_downwards_only():
    wrong = []
    for path in code_files("src"):
        dotted = relative(path).removeprefix("src/").removesuffix(".py").replace("/", ".")
        own = package_part(dotted) or dotted.split(".")[1]
        if own in ("__init__", "drop_in"):
            continue
        assert own in LAYER_OF, f"{relative(path)}: give {own} a place in PACKAGE_LAYERS"
        for number, name in imported_modules(path):
            part = package_part(name)
            if part is not None and LAYER_OF[part] > LAYER_OF[own]:
                wrong.append(f"{relative(path)}:{number} imports {name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", ["train", "plots", "vision"])
def test_tools_use_only_the_public_api(part):
    wrong = []
    for path in code_files("src"):
        if not relative(path).startswith(f"src/lampas/{part}/"):
            continue
        for number, name in imported_modules(path):
            hidden = [each for each in name.split(".")[1:] if re.match("_[^_]", each)]
            if name == "lampas._core" and relative(path) == TELLS_OF_THE_CORE:
                continue
            if name.startswith("lampas.") and hidden and not name.startswith(f"lampas.{part}."):
                wrong.append(f"{relative(path)}:{number} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_nothing_of_the_product_imports_torch():
    wrong = []
    for path in code_files("src", "core", "scripts", "examples"):
        if path.suffix == ".py":
            wrong += [
                f"{relative(path)}:{number} imports {name}"
                for number, name in imported_modules(path)
                if name.split(".")[0] in ("torch", "torchvision")
            ]
    assert not wrong, "\n".join(wrong)


def test_only_the_oracle_s_tests_need_torch():
    """Outside of tests/oracle, the recorders and the benchmarks, no test imports it."""
    wrong = []
    for path in code_files("tests"):
        if path.suffix != ".py" or relative(path).startswith(("tests/oracle/", "tests/recorded/")):
            continue
        wrong += [
            f"{relative(path)}:{number}"
            for number, name in imported_modules(path)
            if name.split(".")[0] == "torch"
        ]
    assert not wrong, "\n".join(wrong)
