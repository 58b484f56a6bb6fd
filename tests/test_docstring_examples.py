"""Runs the example in every public docstring of the Python package, and asks for the docstrings."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import lampas
from lampas import nn, optim
from lampas.utils import data

# The first runs a program when it is imported; the second needs a package that the tests do without.
NOT_IMPORTED = ("lampas.__main__", "lampas.utils.tensorboard")


def module_names():
    """Return the names of the package's modules."""
    found = pkgutil.walk_packages(lampas.__path__, "lampas.")
    return [module.name for module in found if not module.name.startswith(NOT_IMPORTED)]


MODULE_NAMES = module_names()


def examples_of(name):
    module = importlib.import_module(name)
    names = {"lampas": lampas, "nn": nn, "F": nn.functional, "optim": optim, **vars(data)}
    names.update(vars(module))
    tests = doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs=names)
    return [test for test in tests if test.examples]


CASES = [pytest.param(test, id=test.name) for name in MODULE_NAMES for test in examples_of(name)]


@pytest.mark.parametrize("case", CASES)
def test_example_runs(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lampas.manual_seed(0)
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(case, out=report.append)
    assert runner.failures == 0, "".join(report)


def public_objects(module):
    """Yield (name, object) of the public classes, functions and methods that a module defines."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value) or inspect.isclass(value):
            yield name, value
        if inspect.isclass(value):
            for method_name, method in vars(value).items():
                if not method_name.startswith("_") and inspect.isfunction(method):
                    yield f"{name}.{method_name}", method


@pytest.mark.parametrize("name", MODULE_NAMES)
def test_public_names_are_documented(name):
    # What these mean is said once, in Module and VisionDataset.
    inherited = {"forward", "extra_repr"}
    missing = [
        full_name
        for full_name, value in public_objects(importlib.import_module(name))
        if not value.__doc__ and full_name.rpartition(".")[2] not in inherited
    ]
    assert missing == []


def test_types_of_the_core_are_documented():
    types = [
        value for value in (*vars(lampas).values(), *vars(lampas._core).values()) if inspect.isclass(value)
    ]
    missing = {each.__name__ for each in types if not each.__doc__ and not each.__name__.startswith("_")}
    assert missing == set()
