"""Runs opcheck.py, PyTorch's own operator database, on the ops that Lampas has; each must pass in full."""

import importlib.util
import json
import pathlib
import subprocess
import sys
import warnings

import pytest

import lampas

with warnings.catch_warnings():  # of modules that PyTorch's own tests would like to have
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

TOOL = pathlib.Path(__file__).with_name("opcheck.py")
specification = importlib.util.spec_from_file_location("opcheck", TOOL)
opcheck = importlib.util.module_from_spec(specification)
specification.loader.exec_module(opcheck)
opcheck.load_oracle()


def is_there(name):
    """Whether Lampas has a function or a method of this name."""
    try:
        return bool(opcheck.import_path(lampas, name))
    except AttributeError:
        return hasattr(lampas.Tensor, name)


OPS = sorted(
    opcheck.op_id(op)
    for op in op_db
    if is_there(op.name) and opcheck.group_of(op.name) != "internal" and op.supported_dtypes("cpu")
)


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """What opcheck found, by name: float32, float64, int64 and bool, with out= and error inputs."""
    report = tmp_path_factory.mktemp("opcheck") / "report.json"
    pattern = "^(" + "|".join(name.replace(".", r"\.") for name in OPS) + ")$"
    command = [
        sys.executable,
        str(TOOL),
        "ops",
        "--impl",
        "lampas",
        "--filter",
        pattern,
        "--json",
        str(report),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert report.exists(), finished.stdout[-2000:] + finished.stderr[-2000:]
    return {item["id"]: item for item in json.loads(report.read_text())["ops"]["items"]}


def messages_of(item):
    """The first messages of each aspect that does not hold."""
    lines = [item.get("crash") or ""]
    for name, aspect in item["aspects"].items():
        lines += [f"{name}: {message}" for message in aspect["msgs"][:3]]
    return "\n".join(filter(None, lines))


def test_every_name_is_in_the_database(findings):
    assert sorted(findings) == sorted(OPS)


@pytest.mark.parametrize("name", OPS)
def test_passes(findings, name):
    assert findings[name]["status"] == "pass", messages_of(findings[name])


@pytest.mark.parametrize("name", OPS)
def test_passes_out_and_error_inputs(findings, name):
    """What opcheck reports beside its headline: out=, and the inputs on which PyTorch raises."""
    wrong = {key: value["msgs"] for key, value in findings[name]["aspects"].items() if value["bad"]}
    assert not wrong, messages_of(findings[name])
