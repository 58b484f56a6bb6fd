"""Trains the documents at full length on the real data: train_full_length.py FOLDER [DOCUMENT...].

`make seeds-full`. FOLDER holds cifar-10-batches-py/ and MNIST/raw/. What the training cells print is shown
beside the document's.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
from seeds.documents import cells_of, edited  # noqa: E402

TRAINING_CELLS = "0.43 0.48 0.49 2.14 3.9 3.11 3.13 3.14 4.8 4.9".split()


def run(document, data):
    """Run a document under the drop-in and return what each of its cells did."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for place in ("CIFAR10", "data", ".pytorch/MNIST_data"):
            (folder / place).parent.mkdir(exist_ok=True)
            (folder / place).symlink_to(data)
        cells = [
            {"name": cell.name, "source": edited(cell, full_length=True), "aside": False}
            for cell in cells_of(document)
        ]
        (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
        environment = {**os.environ, "HOME": name, "MPLBACKEND": "agg", "DISPLAY": ""}
        command = [
            sys.executable,
            "-m",
            "lampas",
            str(TESTS / "seeds" / "run_cells.py"),
            "cells.json",
            "results",
        ]
        subprocess.run(command, cwd=folder, env=environment, check=True)
        return json.loads((folder / "results").read_text(encoding="utf-8"))


def main(data, *documents):
    data = pathlib.Path(data).resolve()
    for document in map(int, documents or "0234"):
        start = time.perf_counter()
        results = run(document, data)
        print(f"== document {document}, {time.perf_counter() - start:.0f} s")
        for cell in cells_of(document):
            if cell.name in TRAINING_CELLS:
                result = results[cell.name]
                print(f"-- cell {cell.name} prints\n{result['prints']}{result['error'] or ''}")
                print(f"-- in the document\n{cell.prints or '(nothing)'}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
