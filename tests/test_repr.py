"""Checks the printed form of tensors against texts recorded from PyTorch, and the print options."""

import json
import pathlib
import subprocess
import sys

import pytest
from print_cases import PrintCase, build

import lampas
from lampas._tensor_repr import tensor_repr

RECORDS = json.loads((pathlib.Path(__file__).parent / "recorded" / "tensor_repr.json").read_text())


def test_prints_as_recorded_from_pytorch():
    for record in RECORDS:
        text = record.pop("text")
        case = PrintCase(**record)
        if case.dtype.startswith("complex"):
            case = case._replace(values=[complex(*pair) for pair in case.values])
        with lampas.printoptions(**case.options):
            assert tensor_repr(build(lampas, case)) == text, case


def test_repr_str_and_format_agree():
    tensor = lampas.tensor([[1.0, 2.5], [3.0, 4.0]])
    assert repr(tensor) == str(tensor) == tensor_repr(tensor)
    assert f"{lampas.tensor(2.5):.2f}" == "2.50"
    assert f"{tensor}" == tensor_repr(tensor)


def test_options_are_restored_after_an_error():
    before = lampas.get_printoptions()
    with pytest.raises(ZeroDivisionError), lampas.printoptions(precision=1):
        1 / 0  # noqa: B018
    assert lampas.get_printoptions() == before


def test_subclass_prints_its_name():
    class Measured(lampas.Tensor):
        pass

    measured = lampas.Tensor._make_subclass(Measured, lampas.ones(2))
    assert tensor_repr(measured) == "Measured([1., 1.])"


def test_printing_makes_no_history_and_changes_no_mode():
    tensor = lampas.ones(2, requires_grad=True)
    result = tensor * 2
    repr(result)
    assert lampas.is_grad_enabled()
    result.sum().backward()
    assert tensor.grad.tolist() == [2.0, 2.0]


def test_a_tensor_inside_vmap_prints_its_shape():
    seen = []
    lampas.vmap(lambda row: seen.append(str(row)) or row * 2)(lampas.ones(2, 3))
    assert seen == ["tensor(..., size=(3,))"]


def test_printing_loads_no_numpy():
    code = "import lampas, sys; str(lampas.ones(40, 40)); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "error", "-c", code], timeout=60).returncode == 0
