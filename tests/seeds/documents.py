"""Reads the documents' cells, makes the permitted edits, and translates them to Lampas's own names."""

import io
import pathlib
import re
import tokenize
from typing import NamedTuple

FOLDER = pathlib.Path(__file__).with_name("documents")
NUMBERS = range(5)


class Cell(NamedTuple):
    document: int
    number: int
    source: str
    prints: str

    @property
    def name(self):
        return f"{self.document}.{self.number}"


def read_cells(path):
    """Return {number: (source, what it prints)} of a file of cells."""
    parts = re.split(r"^--- cell (\d+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    cells = {}
    for number, text in zip(parts[1::2], parts[2::2], strict=True):
        source, _, prints = text.partition("--- prints\n")
        cells[int(number)] = (source.rstrip("\n") + "\n", prints)
    return cells


def cells_of(document):
    """Return a document's cells in order, as they stand there."""
    found = read_cells(FOLDER / f"{document}.txt")
    return [Cell(document, number, *cell) for number, cell in found.items()]


RESTORED_INDENTATION = {number: cell[0] for number, cell in read_cells(FOLDER / "3-indented.txt").items()}


def without_indentation(source):
    return [line.strip() for line in source.splitlines() if line.strip()]


def _restore_indentation(cell):
    restored = RESTORED_INDENTATION[cell.number]
    assert without_indentation(restored) == without_indentation(cell.source)
    return restored


def _leave_out_magic(cell):
    return "".join(line for line in cell.source.splitlines(True) if not line.startswith("%"))


def _restore_class_body(cell):
    """Put the body that the document gives two cells before in the place of `# ...`."""
    elided = "class SimpleCNN(nn.Module):\n    # ...\n"
    complete = next(each.source for each in cells_of(cell.document) if "class SimpleCNN" in each.source)
    body = re.search(r"class SimpleCNN\(nn\.Module\):\n(?:    .*\n|\n(?=    ))+", complete)[0]
    assert cell.source.count(elided) == 1
    return cell.source.replace(elided, body)


def _fewer_epochs(before, after):
    def edit(cell):
        assert cell.source.count(before) == 1
        return cell.source.replace(before, after)

    return edit


# Every edit of a cell; docs/seeds.md lists them with their reasons.
EDITS = {
    "0.43": [_fewer_epochs("range(2)", "range(1)")],
    "2.14": [_fewer_epochs("epochs = 5", "epochs = 2")],
    "2.15": [_leave_out_magic],
    "4.7": [_restore_class_body],
    "4.8": [_fewer_epochs("num_epochs = 5", "num_epochs = 1")],
    **{f"3.{number}": [_restore_indentation] for number in RESTORED_INDENTATION},
}


def edited(cell, full_length=False, magic=False):
    """Return a cell's source with its permitted edits.

    Args:
        full_length (bool): keep the number of epochs.
        magic (bool): keep notebook magic.
    """
    source = cell.source
    for edit in EDITS.get(cell.name, []):
        is_kept = (full_length and edit.__qualname__.startswith("_fewer_epochs")) or (
            magic and edit is _leave_out_magic
        )
        if not is_kept:
            source = edit(cell._replace(source=source))
    return source


def for_lampas(source):
    """Return a source with lampas in the place of the names torch and torchvision."""
    lines = source.splitlines(True)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    after_dot = {i + 1 for i, token in enumerate(tokens) if token.string == "."}
    for i in reversed(range(len(tokens))):
        token = tokens[i]
        new = {"torch": "lampas", "torchvision": "lampas.vision"}.get(token.string)
        if token.type == tokenize.NAME and new and i not in after_dot:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + new + line[column + len(token.string) :]
    return "".join(lines)
