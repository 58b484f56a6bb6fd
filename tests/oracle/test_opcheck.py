"""Runs opcheck.py, PyTorch's own operator database, on the ops that Lampas has; each must pass in full."""

import json
import pathlib
import subprocess
import sys

import pytest

TOOL = pathlib.Path(__file__).with_name("opcheck.py")
# Names as `opcheck.py list` prints them.
OPS = """
abs add addcdiv addcmul addmm all any arange argmax argmin as_strided bfloat16 bmm bool cat chunk clamp clone
contiguous cos diagonal div.no_rounding_mode dot double empty empty_like eq equal erf exp expand expand_as eye
fill flatten float full full_like gather ge gt half index_put index_select int isnan item le lerp linspace log
log_softmax log_softmax.with_dtype logical_not long lt masked_fill masked_select matmul max.binary
max.reduction_no_dim max.reduction_with_dim maximum mean min.binary min.reduction_no_dim
min.reduction_with_dim minimum mm movedim mul mv narrow ne neg nn.functional.conv2d
nn.functional.cross_entropy nn.functional.dropout nn.functional.linear nn.functional.mse_loss
nn.functional.nll_loss nn.functional.relu nonzero ones ones_like permute pow prod randint randn reciprocal
reshape reshape_as rsqrt scatter_add select sigmoid sign sin slice softmax softmax.with_dtype split
split.list_args split_with_sizes sqrt square squeeze squeeze.multiple stack sub sum t tanh to transpose
unbind unsqueeze view view_as where zero_ zeros zeros_like __getitem__ __radd__ __rdiv__ __rmul__ __rpow__
__rsub__
""".split()


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
