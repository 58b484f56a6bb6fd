"""What a run leaves in its folder: config.toml, metrics.csv, curves.png, result.toml."""

import csv
import json
import os
import re

from lampas.plots import save_curves
from lampas.train.problem import Problem

_COLUMNS = ["epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "seconds"]


def _toml_value(value):
    """Write a value as TOML; JSON's text of strings, numbers and booleans is TOML too, without infinities."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def write_toml(path, tables):
    """Write tables {name: {key: value}} of strings, numbers and booleans; None is left out."""
    with open(path, "w", encoding="utf-8") as file:
        for i, (name, table) in enumerate(tables.items()):
            file.write(("\n" if i else "") + f"[{name}]\n")
            file.writelines(
                f"{key} = {_toml_value(value)}\n" for key, value in table.items() if value is not None
            )


def _next_name(out, stem):
    """Return "stem-N" with N one more than the highest that there is."""
    taken = [0]
    for entry in os.listdir(out) if os.path.isdir(out) else []:
        match = re.fullmatch(re.escape(stem) + r"-(\d+)", entry)
        if match:
            taken.append(int(match[1]))
    return f"{stem}-{max(taken) + 1}"


class RunFolder:
    """The folder of one run, made new.

    Args:
        out (str): the folder of all runs.
        name (str): the run's name; None for `stem` and the next number.
        stem (str): what a name of ours begins with.

    Raises:
        Problem: where the name is taken or the folder cannot be made.
    """

    def __init__(self, out, name, stem):
        self.name = name or _next_name(out, stem)
        self.path = os.path.join(out, self.name)
        if os.path.basename(self.name) != self.name or self.name in (".", ".."):
            raise Problem(f"--name {self.name}: a name must not lead to another folder")
        try:
            os.makedirs(self.path)
        except FileExistsError:
            raise Problem(f"{self.path} exists already; give another --name") from None
        except OSError as error:
            raise Problem(f"--out {out}: {error.strerror}") from error
        self.rows = []

    def file(self, name):
        """Return the path of a file in the folder."""
        return os.path.join(self.path, name)

    def write_config(self, tables):
        """Write what the run is made of."""
        write_toml(self.file("config.toml"), tables)

    def add_epoch(self, row):
        """Add a row to metrics.csv at once: what is finished stays, whatever happens next."""
        self.rows.append(row)
        with open(self.file("metrics.csv"), "a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if len(self.rows) == 1:
                writer.writerow(_COLUMNS)
            writer.writerow([_number_text(row.get(column)) for column in _COLUMNS])

    def write_curves(self, title):
        """Draw the learning curves of the epochs so far."""
        save_curves(self.file("curves.png"), self.rows, title)

    def write_result(self, result):
        """Write how the test went."""
        write_toml(self.file("result.toml"), {"test": result})

    def written_files(self):
        """Return the names of the files in the folder."""
        return sorted(os.listdir(self.path))


def _number_text(value):
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
