"""Checks what the package says of the CPU."""

import os
import subprocess
import sys

import pytest

from lampas.backends import cpu


@pytest.mark.parametrize("variable, name", [("baseline", "DEFAULT"), ("avx2", "AVX2"), ("avx512", "AVX512")])
def test_capability_follows_the_environment(variable, name):
    order = ["DEFAULT", "AVX2", "AVX512"]
    if order.index(name) > order.index(cpu.get_cpu_capability()):
        pytest.skip(f"this machine has no {name}")
    code = "from lampas.backends import cpu; print(cpu.get_cpu_capability())"
    environment = {**os.environ, "LAMPAS_INSTRUCTION_SET": variable}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert result.stdout.strip() == name
