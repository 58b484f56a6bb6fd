"""Runs all of examples/: the documents' scripts and notebooks, and what reads pictures, sounds and texts."""

import json
import os
import pathlib
import runpy
import subprocess
import sys

import pytest
from architecture.repository import ROOT

import lampas

EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("document_*.py"))
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("document_*.ipynb"))


def written_part(name, text):
    """Return what the command writes of a file: of a notebook that somebody ran, no outputs."""
    if name.endswith(".py"):
        return text
    cells = json.loads(text)["cells"]
    return [(cell["cell_type"], cell["id"], "".join(cell["source"])) for cell in cells]


def test_the_documents_files_are_those_that_the_command_writes():
    made = runpy.run_path(str(ROOT / "scripts" / "write_examples.py"))["files"]()
    assert sorted(made) == sorted([*SCRIPTS, *NOTEBOOKS])
    there = {name: (EXAMPLES / name).read_text(encoding="utf-8") for name in made}
    old = [name for name, text in made.items() if written_part(name, there[name]) != written_part(name, text)]
    assert old == [], "run `make examples`"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with small made data sets where the documents look, below the home that the examples see."""
    folder = tmp_path_factory.mktemp("examples")
    sample_data = runpy.run_path(str(EXAMPLES / "sample_data.py"))
    for root in sample_data["CIFAR10_ROOTS"]:
        sample_data["make_cifar10"](folder / root, training_size=200, test_size=100)
    sample_data["make_mnist"](str(folder / ".pytorch" / "MNIST_data"))
    return folder


@pytest.fixture
def environment(folder):
    sources = str(pathlib.Path(lampas.__file__).parents[1])
    python_path = os.pathsep.join([sources, str(EXAMPLES), os.environ.get("PYTHONPATH", "")])
    return {"HOME": str(folder), "MPLBACKEND": "agg", "DISPLAY": "", "PYTHONPATH": python_path}


def run(path, folder, environment, *arguments):
    done = subprocess.run(
        [sys.executable, str(path), *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


LAST_LINES = {
    "document_0.py": "torch.Size([4])",
    "document_1.py": "tensor([",
    "document_2.py": "Training loss: ",
    "document_3.py": "499 ",
    "document_4.py": "        [",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name, folder, environment):
    output = run(EXAMPLES / name, folder, environment)
    assert output.splitlines()[-1].startswith(LAST_LINES[name])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebook(name, folder, environment, monkeypatch):
    import nbclient
    import nbformat

    for variable, value in environment.items():
        if variable != "MPLBACKEND":  # a notebook shows its figures
            monkeypatch.setenv(variable, value)
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    client = nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}})
    client.execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    draws = "plt." in (EXAMPLES / name).read_text(encoding="utf-8") or "view_classify" in str(notebook)
    assert any("image/png" in output.get("data", {}) for output in outputs) == draws


def test_a_picture_becomes_a_tensor(folder, environment):
    assert run(EXAMPLES / "read_picture.py", folder, environment).splitlines() == [
        "shape: (3, 48, 64)",
        "mean of red, green, blue: [0.255, 0.298, 0.546]",
        "a batch of one for a network: (1, 3, 48, 64)",
    ]


def test_a_sound_becomes_a_tensor(folder, environment):
    assert run(EXAMPLES / "read_sound.py", folder, environment).splitlines() == [
        "shape: (1, 8000) rate: 16000",
        "crossings of zero as a pitch: 439 Hz",
        "frames of 25 ms: (48, 400)",
    ]


def test_a_text_becomes_tensors(folder, environment):
    assert run(EXAMPLES / "read_text.py", folder, environment).splitlines() == [
        "words: 28 different: 27",
        "first line as numbers: [2, 3, 4, 5, 6, 7]",
        "and back: trăm năm trong cõi người ta",
        "inputs and targets of a language model: (24, 4) (24, 4)",
    ]


def test_files_of_ones_own(folder, environment):
    (folder / "text.txt").write_text("one two one two three four", encoding="utf-8")
    assert "words: 6 different: 4" in run(EXAMPLES / "read_text.py", folder, environment, "text.txt")
