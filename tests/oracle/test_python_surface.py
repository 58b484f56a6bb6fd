"""Compares what Python sees, values and errors word for word, with PyTorch; and misused calls of every op."""

import pytest
import torch
from bindings.surface import EXPRESSIONS, _shared, outcome

import lampas


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_gives_what_pytorch_gives(expression):
    assert outcome(lampas, expression) == outcome(torch, expression)


class Foreign:
    """An object that no function takes."""


# Positional and keyword arguments; "T" stands for a tensor.
MISUSES = [
    ((), {}),
    (("T",), {}),
    (("text",), {}),
    (("T", "text"), {}),
    (("T", "T", "text"), {}),
    (("T", "T", "T", "text"), {}),
    ((Foreign(),), {}),
    (("T",) * 9, {}),
    (("T",), {"unknown": 1}),
    (("T",), {"out": "text"}),
    (("T", "T"), {"out": 1}),
    (("T", None), {}),
    (("T", 1.5), {}),
    (("T", True), {}),
    (("T", (1, "text")), {}),
    (("T",), {"dim": "text"}),
    (("T", 0), {"keepdim": 1}),
    (("T",), {"dtype": "text"}),
    (("T", 2**70), {}),
]
# Functions whose overloads Lampas has not all, or that PyTorch writes in Python.
OTHER_WORDING = {
    "addbmm", "addbmm_", "addmv", "addmv_", "addr", "addr_", "atleast_1d", "atleast_2d", "atleast_3d",
    "baddbmm", "baddbmm_", "clamp_max_", "clamp_min_", "float_power_", "floor_divide", "floor_divide_",
    "fmod", "fmod_", "index_put", "index_put_", "linspace", "logspace", "nonzero", "normal", "randint_like",
    "relu", "split", "tensor_split", "true_divide", "true_divide_", "unbind_copy", "unflatten", "view_copy",
}  # fmt: skip


def error_of(framework, name, is_method, arguments, keywords):
    """Return the error's type and text, None where there is none."""
    made = [framework.ones(2, 2) if argument == "T" else argument for argument in arguments]
    call = getattr(made.pop(0) if is_method else framework, name)
    try:
        call(
            *made, **{key: framework.ones(2, 2) if value == "T" else value for key, value in keywords.items()}
        )
    except Exception as error:
        text = _shared(f"{type(error).__name__}: {error}")
        return text.removesuffix('"').replace("TensorBase.", "Tensor.")
    return None


def made_from_ops(namespace, kind):
    return sorted(name for name, value in vars(namespace).items() if type(value).__name__ == kind)


FUNCTIONS = [(name, False) for name in made_from_ops(lampas._core, "function") if hasattr(torch, name)]
METHODS = [(name, True) for name in made_from_ops(lampas.Tensor, "method") if hasattr(torch.Tensor, name)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name, is_method", FUNCTIONS + METHODS)
def test_misused_calls_are_told_as_in_pytorch(name, is_method):
    if name.startswith("_") or name in OTHER_WORDING:
        pytest.skip("its overloads differ from PyTorch's")
    for arguments, keywords in MISUSES:
        if is_method and arguments[:1] != ("T",):
            continue
        expected = error_of(torch, name, is_method, arguments, keywords)
        found = error_of(lampas, name, is_method, arguments, keywords)
        if "TypeError" in (expected or "")[:9] or "TypeError" in (found or "")[:9]:
            assert found == expected, (arguments, keywords)
