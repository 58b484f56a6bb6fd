"""What a run leaves in its folder: config.toml, metrics.csv, checkpoints, pictures, result.toml."""

import csv
import errno
import io
import json
import os
import re
import shutil
import tomllib

import lampas
from lampas.plots import confusion_matrix, curves, predictions
from lampas.serialization.atomic_file import open_for_replacing
from lampas.train.problem import Problem

_COLUMNS = ["epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"]


def _toml_value(value):
    """Write a value as TOML; JSON's text of strings, numbers and booleans is TOML too, without infinities."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def toml_text(tables):
    """Return {name: {key: value}}, of strings, numbers, booleans and lists, as TOML; None is left out."""
    parts = []
    for name, table in tables.items():
        lines = [f"{key} = {_toml_value(value)}\n" for key, value in table.items() if value is not None]
        parts.append(f"[{name}]\n" + "".join(lines))
    return "\n".join(parts)


def _next_name(out, stem):
    """Return "stem-N" with N one more than the highest that there is."""
    taken = [0]
    for entry in os.listdir(out) if os.path.isdir(out) else []:
        match = re.fullmatch(re.escape(stem) + r"-(\d+)", entry)
        if match:
            taken.append(int(match[1]))
    return f"{stem}-{max(taken) + 1}"


def _is_moved(folder, path):
    """Move a folder and return True, or False where something is at the place already."""
    try:
        os.rename(folder, path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    return True


class RunFolder:
    """The folder of one run.

    Args:
        path (str): an existing folder.
    """

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(os.path.abspath(path))
        self.rows = []

    @classmethod
    def make(cls, out, name, stem, settings):
        """Make a new folder that holds config.toml; it appears with it or not at all.

        Args:
            out (str): the folder of all runs.
            name (str): the run's name; None for `stem` and the next number.
            stem (str): what a name of ours begins with.
            settings (dict): what the run is made of.

        Raises:
            Problem: where the name is taken or the folder cannot be made.
        """
        if name and (os.path.basename(name) != name or name in (".", "..")):
            raise Problem(f"--name {name}: a name must not lead to another folder")
        unfinished = os.path.join(out, f".{name or stem}.{os.getpid()}.part")
        try:
            os.makedirs(unfinished, exist_ok=True)
            cls(unfinished).write_config(settings)
            # Another run may begin at the same moment: the name is taken by moving the folder there.
            while True:
                path = os.path.join(out, name or _next_name(out, stem))
                if not os.path.exists(path) and _is_moved(unfinished, path):
                    return cls(path)
                if name:
                    raise Problem(f"{path} exists already; give another --name, or --resume {path}")
        except OSError as error:
            raise Problem(f"--out {out}: {error.strerror}") from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    @classmethod
    def open(cls, path):
        """Open the folder of an earlier run; a Problem where it is none."""
        if not os.path.isfile(os.path.join(path, "config.toml")):
            raise Problem(f"{path} is not the folder of a run: it holds no config.toml")
        return cls(path)

    def file(self, name):
        """Return the path of a file in the folder."""
        return os.path.join(self.path, name)

    def _write(self, name, content):
        """Write bytes or text: whatever happens, the file holds the old content or the new one."""
        try:
            with open_for_replacing(self.file(name)) as file:
                file.write(content.encode() if isinstance(content, str) else content)
        except OSError as error:
            raise Problem(f"cannot write {self.file(name)}: {error.strerror or error}") from error

    def write_config(self, settings):
        """Write what the run is made of."""
        self._write("config.toml", toml_text({"run": settings, "versions": {"lampas": lampas.__version__}}))

    def read_config(self):
        """Return the settings that `write_config` wrote."""
        try:
            with open(self.file("config.toml"), "rb") as file:
                return tomllib.load(file)["run"]
        except (tomllib.TOMLDecodeError, KeyError, OSError) as error:
            raise Problem(f"{self.file('config.toml')} cannot be read: {error}") from error

    def write_metrics(self, rows):
        """Write metrics.csv anew from the rows of all epochs so far."""
        self.rows = rows
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        writer.writerows([_number_text(row.get(column)) for column in _COLUMNS] for row in rows)
        self._write("metrics.csv", text.getvalue())

    def write_curves(self, title):
        """Draw the learning curves of the epochs so far."""
        self._write("curves.png", curves(self.rows, title).png())

    def write_confusion(self, counts, classes, title):
        """Draw which class was taken for which."""
        self._write("confusion.png", confusion_matrix(counts, classes, title).png())

    def write_predictions(self, groups, classes, title):
        """Draw pictures with their likeliest classes."""
        self._write("predictions.png", predictions(groups, classes, title).png())

    def write_result(self, result):
        """Write how the test went."""
        self._write("result.toml", toml_text({"test": result}))

    def written_files(self):
        """Return the names of the files in the folder."""
        return sorted(name for name in os.listdir(self.path) if name[0] != ".")


def _number_text(value):
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
