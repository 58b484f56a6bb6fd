"""Every op of the registry has a row in tests/ops/cases, and each form that a row names exists."""

import subprocess
import sys

import pytest
from ops.cases import CASES

import lampas
from architecture.repository import ROOT

# Ops that no sample can call, and where they are tested.
TESTED_ELSEWHERE = {
    **{f"{name}_step": "tests/optim/test_steps.py" for name in ("adam", "rmsprop", "adagrad", "adadelta")},
    "gather_pictures": "tests/vision/test_gathering.py",
    "sgd_step": "tests/optim/test_sgd.py",
    "_custom_function": "tests/autograd/test_function.py",
    "view_as_real": "tests/autograd/test_complex_views.py",
    "view_as_complex": "tests/autograd/test_complex_views.py",
    "imag": "tests/autograd/test_complex_views.py",
}
# Overloads that PyTorch keeps for old scripts, or that only other ops call.
INNER = {"_unsafe_view", "_into", "addcdiv.value_first", "addcmul.value_first"}


def ops_of_the_core():
    """List the ops of a process of its own: in this one, tests and modules may have registered others."""
    code = "import lampas; print(*lampas._core.ops())"
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(listed.stdout.split())


def test_every_op_has_a_case():
    covered = {name for case in CASES for name in (case.name, *case.covers)}
    missing = sorted(ops_of_the_core() - covered - set(TESTED_ELSEWHERE) - INNER)
    assert not missing, f"ops without a row in tests/ops/cases: {missing}"


def test_every_op_tested_elsewhere_is_there():
    for name, path in TESTED_ELSEWHERE.items():
        assert name in lampas._core.ops() and (ROOT / path).exists()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_form_that_a_case_names_exists(case):
    for form in case.forms.split():
        if form == "function":
            assert case.function_of(lampas)
        elif form == "method":
            assert hasattr(lampas.Tensor, case.method_name)
        elif form == "in_place":
            assert hasattr(lampas.Tensor, case.method_name + "_")
