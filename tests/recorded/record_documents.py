"""Records what the documents' cells print with PyTorch: python tests/recorded/record_documents.py.

The cells see the same made-up data, the same seed and the same edits as in tests/seeds, and two edits more:
`iterator.next()` and `l.backward(v)` with a scalar `l`, which PyTorch has given up.
"""

import contextlib
import json
import os
import pathlib
import sys
import tempfile
import types

os.environ.update(MPLBACKEND="agg", DISPLAY="")

import numpy  # noqa: E402
import torch  # noqa: E402
import torchvision  # noqa: E402

TESTS = pathlib.Path(__file__).parents[1]
sys.path += [str(TESTS), str(TESTS.parent / "examples")]
import sample_data  # noqa: E402
from seeds.documents import NUMBERS, cells_of, edited  # noqa: E402
from seeds.run_cells import SEED, run_cell  # noqa: E402

OUTPUT = pathlib.Path(__file__).with_name("document_prints.json")
GIVEN_UP = [("dataiter.next()", "next(dataiter)"), ("l.backward(v)", "l.backward(v.sum())")]


def for_pytorch(source):
    for before, after in GIVEN_UP:
        source = source.replace(before, after)
    return source


def record(document):
    """Run a document's cells and return {name: what it prints}."""
    main_module = sys.modules["__main__"] = types.ModuleType(
        "__main__"
    )  # workers find the cells' classes there
    torch.manual_seed(SEED)
    numpy.random.seed(SEED)
    prints = {}
    for cell in cells_of(document):
        result = run_cell({"name": cell.name, "source": for_pytorch(edited(cell))}, main_module.__dict__)
        if result["error"]:
            print(f"{cell.name}: {result['error']}")
        prints[cell.name] = result["prints"]
    return prints


def main():
    # The module that document 2 imports draws, and prints nothing.
    sys.modules["helper"] = types.SimpleNamespace(view_classify=lambda image, probabilities: None)
    records = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ["HOME"] = folder
        sample_data.fill_in(network=False, dataset=torchvision.datasets.CIFAR10)
        for document in NUMBERS:
            records |= record(document)
    OUTPUT.write_text(json.dumps(records, indent=0) + "\n")


if __name__ == "__main__":
    main()
