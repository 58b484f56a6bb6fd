"""What the CPU can do."""

from lampas import _core

_NAMES = {"avx512": "AVX512", "avx2": "AVX2", "baseline": "DEFAULT"}  # PyTorch's names of the same sets


def get_cpu_capability():
    """Return the instruction set that kernels use: "AVX512", "AVX2" or "DEFAULT".

    The environment variable LAMPAS_INSTRUCTION_SET (avx512, avx2, baseline) chooses a lower one.
    """
    return _NAMES.get(_core.instruction_set(), _core.instruction_set())


def core_path():
    """Return the path of the compiled core that this process has loaded."""
    return _core.__file__
