"""Writes the documents' scripts and notebooks in examples/ from their cells in tests/seeds.

A script holds a document's cells with Lampas's own names; a notebook holds them as they stand, with the
drop-in. Both keep the document's number of epochs.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
documents = importlib.import_module("seeds.documents")

TITLES = [
    "Bài 6 - Pytorch - Buổi 1 - Làm quen với pytorch",
    "3 - Neural Networks",
    "Huấn luyện mạng Neural Networks",
    "[Pytorch Tutorial] #1 - Nhập môn PyTorch với những khái niệm cơ bản",
    "[Note] Understanding and Implementing Deep Learning Models with PyTorch",
]
SCRIPT_HEAD = '''\
"""The code of "{title}", with Lampas's own names.

Made by `make examples`; docs/seeds.md names the edits. Needs Matplotlib where it draws.
"""

import sample_data

sample_data.fill_in()  # without a network, made pictures stand in for the data sets
'''
NOTEBOOK_HEAD = """\
# {title}

The document's code as it stands there; `torch` and `torchvision` are Lampas. Made by `make examples`;
`docs/seeds.md` names the edits."""
NOTEBOOK_START = """\
import lampas.drop_in

lampas.drop_in.enable()

# Without a network, made pictures stand in for the data sets.
import sample_data

sample_data.fill_in()"""
FUTURE = (
    "from __future__ import print_function\n"  # Python 3 prints so anyway, and it would have to come first
)


def script(number: int) -> str:
    parts = [SCRIPT_HEAD.format(title=TITLES[number])]
    for cell in documents.cells_of(number):
        source = documents.for_lampas(documents.edited(cell, full_length=True)).replace(FUTURE, "")
        parts.append(f"# %% cell {cell.number}\n{source}")
    return "\n".join(parts)


def notebook(number: int) -> str:
    def entry(kind: str, name: str, source: str) -> dict:
        made = {"cell_type": kind, "id": name, "metadata": {}, "source": source.splitlines(True)}
        return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})

    cells = [
        entry("markdown", "title", NOTEBOOK_HEAD.format(title=TITLES[number])),
        entry("code", "start", NOTEBOOK_START),
    ]
    for cell in documents.cells_of(number):
        source = documents.edited(cell, full_length=True, magic=True)
        cells.append(entry("code", f"cell-{cell.number}", source.rstrip("\n")))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    contents = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(contents, indent=1, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """Return what every made file of examples/ has to hold, by its name."""
    made = {f"document_{number}.py": script(number) for number in documents.NUMBERS}
    return made | {f"document_{number}.ipynb": notebook(number) for number in documents.NUMBERS}


def main() -> None:
    for name, contents in files().items():
        (ROOT / "examples" / name).write_text(contents, encoding="utf-8")
        print(f"wrote examples/{name}")


if __name__ == "__main__":
    main()
