"""Runs every cell of the five documents, under the drop-in and natively, and compares what it prints."""

import functools
import json
import math
import os
import pathlib
import re
import subprocess
import sys

import pytest
from seeds.documents import EDITS, NUMBERS, cells_of, edited, for_lampas

import lampas

RECORDED = pathlib.Path(__file__).parents[1] / "recorded" / "document_prints.json"
FOLDER = pathlib.Path(__file__).parent
ROOT = FOLDER.parents[1]
MODES = ("drop_in", "native")
CLASSES = "plane car bird cat deer dog frog horse ship truck".split()

# Cells whose numbers are random or depend on them; the rest of what they print is compared exactly.
RANDOM = set("0.2 0.3 0.6 0.8 0.9 0.10 0.11 0.12 0.24 0.25 0.26 0.30 0.32 0.34 0.43 0.48 0.49".split())
RANDOM |= set("1.5 1.8 1.10 2.2 2.3 2.5 2.6 2.8 2.10 2.12 2.13 2.14".split())
RANDOM |= set("3.5 3.9 3.11 3.13 3.14 4.1 4.8 4.9 4.10".split())
# Cells that print the classes of random pictures, or what a network takes them for.
NAMES_CLASSES = {"0.39", "0.46"}
# Cells where PyTorch 2.13 prints something else than the document shows; docs/seeds.md has a row for each.
CORRECTED = set("0.18 0.34 0.37 0.43 0.50 3.5 3.9 3.13 3.14 4.1 4.8 4.9 4.10".split())
PYTORCH_PRINTS = json.loads(RECORDED.read_text(encoding="utf-8"))

# Memory that nothing was written to; an excerpt of PyTorch's own making.
UNDETERMINED = {"0.2"}
# Where Adam has arrived, losses are noise: this far they may lie from PyTorch's.
NOISE = {"3.14": 1e-3}
WARNINGS = {"0.39": ["DeprecationWarning"], "0.44": ["DeprecationWarning"], "2.7": ["UserWarning"]}


def _on_the_cpu(cell):
    return cell.source.replace("torch.cuda.is_available()", "True").replace('"cuda"', '"cpu"')


def _uncommented(cell):
    uncommented = (
        cell.source.replace("# input", "input").replace("# batch", "batch").replace("# output", "output")
    )
    return f"model = nn.Conv2d(3, 6, 5)\n{uncommented}print(batch_input.shape, output.shape)\n"


def _drawn(cell):
    """Ask how many pictures stand in each part of the last figure."""
    return "import matplotlib.pyplot as plt\nprint([len(axes.images) for axes in plt.gcf().axes])\n"


def _classified(cell):
    """Ask for the picture that the cell drew, and whether a bar stands in it."""
    return (
        "import pathlib, lampas\n"
        "from lampas.plots.chart import COLORS\n"
        "figure = lampas.plots.view_classify(img.view(1, 28, 28), ps)\n"
        "drawn = pathlib.Path('view_classify.png').read_bytes()\n"
        "print(drawn == figure.png(), bool((figure.pixels == COLORS[0]).all(2).any()))\n"
    )


# Beside these cells others run, on a copy of the variables: {name: (what makes the source, what it prints)}.
ASIDE = {
    "0.18": (_on_the_cpu, "tensor([2.5000])\ntensor([2.5000], dtype=torch.float64)\n"),
    "0.39": (_drawn, "[1]\n"),
    "0.44": (_drawn, "[2]\n"),
    "1.7": (_uncommented, "torch.Size([1, 3, 224, 224]) torch.Size([1, 6, 220, 220])\n"),
    "2.15": (_classified, "True True\n"),
    "4.11": (_drawn, "[0, 0]\n"),
}
NUMBER = r"[-+]?\b\d+(?:\.\d*)?(?:e[-+]?\d+)?|[-+]?\b(?:nan|inf)\b"


def expected(cell, mode):
    """Return what a cell has to print: what the document shows, or PyTorch 2.13 where that differs."""
    prints = PYTORCH_PRINTS[cell.name] if cell.name in CORRECTED else cell.prints
    prints = re.sub(r"(<\w+Backward)(?=>| object)", r"\g<1>0", prints)  # nodes were not numbered in 2019
    return in_mode(prints, mode)


def in_mode(prints, mode):
    return prints.replace("<class 'torch.", "<class 'lampas.") if mode == "native" else prints


def masked(text, name):
    """Return a text without what may differ: addresses, trailing blanks, random numbers and classes."""
    text = re.sub(r"0x[0-9a-f]+", "0x#", text)
    if name in RANDOM:
        text = re.sub(NUMBER, "#", text)
        text = re.sub(r"#,\s+#", "#, #", text)  # long numbers break a row in two
        text = re.sub(r" +", " ", text).replace("[ #", "[#")
    if name in NAMES_CLASSES:
        text = re.sub(rf" *\b({'|'.join(CLASSES)})\b", " CLASS", text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def cells_to_run(document, mode):
    translate = for_lampas if mode == "native" else str
    cells = []
    for cell in cells_of(document):
        cells.append({"name": cell.name, "source": translate(edited(cell)), "aside": False})
        if cell.name in ASIDE:
            variant, _ = ASIDE[cell.name]
            cells.append({"name": f"{cell.name} aside", "source": translate(variant(cell)), "aside": True})
    return cells


@functools.cache
def results_of(document, mode, folder):
    """Run a document in its own process and return what each cell did."""
    folder = folder / f"{document}-{mode}"
    folder.mkdir()
    (folder / "cells.json").write_text(json.dumps(cells_to_run(document, mode)), encoding="utf-8")
    sources = str(pathlib.Path(lampas.__file__).parents[1])
    environment = {**os.environ, "HOME": str(folder), "MPLBACKEND": "agg", "DISPLAY": ""}
    environment["PYTHONPATH"] = os.pathsep.join([sources, os.environ.get("PYTHONPATH", "")])
    start = ["-m", "lampas"] if mode == "drop_in" else []
    done = subprocess.run(
        [sys.executable, *start, str(FOLDER / "run_cells.py"), "cells.json", "results.json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("documents")


def masked_but_numbers(text):
    text = re.sub(r"0x[0-9a-f]+", "0x#", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


CELLS = [cell for document in NUMBERS for cell in cells_of(document)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_cell(cell, mode, folder):
    result = results_of(cell.document, mode, folder)[cell.name]
    assert result["error"] is None, result["error"]
    assert masked(result["prints"], cell.name) == masked(expected(cell, mode), cell.name)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", sorted(ASIDE))
def test_variant_of_a_cell(name, mode, folder):
    """The cells for a GPU run on the CPU too, what is commented out runs, and what draws has drawn."""
    result = results_of(int(name[0]), mode, folder)[f"{name} aside"]
    assert result["error"] is None, result["error"]
    assert result["prints"] == ASIDE[name][1]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_numbers_are_those_of_pytorch(cell, folder):
    """From the same seed a cell prints the numbers that PyTorch prints, and the same text around them."""
    if cell.name in UNDETERMINED:
        return
    ours = masked_but_numbers(results_of(cell.document, "drop_in", folder)[cell.name]["prints"])
    theirs = masked_but_numbers(PYTORCH_PRINTS[cell.name])
    assert re.sub(NUMBER, "#", ours) == re.sub(NUMBER, "#", theirs)
    tolerance = NOISE.get(cell.name, 2e-4)
    for our, their in zip(re.findall(NUMBER, ours), re.findall(NUMBER, theirs), strict=True):
        assert math.isclose(float(our), float(their), rel_tol=tolerance, abs_tol=tolerance), (our, their)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("document", NUMBERS)
def test_warnings(document, mode, folder):
    """Old ways warn, as in PyTorch; nothing else does."""
    results = results_of(document, mode, folder)
    caught = {name: [kind for kind, _ in result["warnings"]] for name, result in results.items()}
    assert {name: kinds for name, kinds in caught.items() if kinds} == {
        name: kinds for name, kinds in WARNINGS.items() if name[0] == str(document)
    }


def test_every_edit_and_correction_is_explained():
    text = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| (\d\.\d+) \|", text, flags=re.MULTILINE))
    assert {*EDITS, *CORRECTED, *ASIDE, *WARNINGS} <= rows
    assert rows <= {cell.name for cell in CELLS}
