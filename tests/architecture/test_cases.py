"""Every op of the registry has a row in tests/ops/cases, and its documentation has an example that runs."""

import doctest

import numpy as np
import pytest
from ops.cases import CASE_BY_NAME, CASES

import lampas


def registry():
    """Return {full name: op} as the core lists them."""
    return {op.name: op for op in lampas._core.ops()}


def test_every_op_has_a_case():
    missing = sorted(name for name in registry() if name not in CASE_BY_NAME)
    assert not missing, f"ops without a row in tests/ops/cases: {missing}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_form_that_a_case_names_exists(case):
    for form in case.forms.split():
        if form == "function":
            parts = case.path.split(".")
            place = lampas
            for part in parts:
                place = getattr(place, part)
        elif form == "method":
            assert hasattr(lampas.Tensor, case.method_name)
        elif form == "in_place":
            assert hasattr(lampas.Tensor, case.method_name + "_")


def test_every_documented_example_runs():
    """The examples in the docstrings of functions and methods give what they print."""
    finder, failures = doctest.DocTestFinder(recurse=False), []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    count = 0
    for owner in (lampas, lampas.Tensor, lampas.nn.functional):
        for name in dir(owner):
            value = getattr(owner, name, None)
            if name.startswith("__") or not callable(value) or not getattr(value, "__doc__", None):
                continue
            for test in finder.find(value, name, globs={"lampas": lampas, "np": np}, module=False):
                count += len(test.examples)
                report = []
                runner.run(test, out=report.append)
                failures += report
    assert count > 50
    assert not failures, "".join(failures[:10])
