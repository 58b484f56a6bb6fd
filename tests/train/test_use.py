"""A trained network is tested, shown pictures, summed up; networks come from files."""

import os
import pathlib

import numpy
import pytest

import lampas
from lampas.data import Digits
from lampas.train.command_line import main
from lampas.train.models import MODELS
from lampas.train.summary import layer_rows

MODEL_FILE = """
import torch
from torch import nn


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(torch.flatten(x, 1))


class Wrong(nn.Module):
    def forward(self, x):
        return x
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a LeNet that has seen the embedded digits four times."""
    out = tmp_path_factory.mktemp("runs")
    assert main(["train", "--epochs", "4", "--out", str(out), "--name", "lenet"]) == 0
    return str(out / "lenet")


def test_testing_again_gives_the_same(trained, capsys):
    assert main(["test", trained]) == 0
    lines = capsys.readouterr().out.splitlines()
    accuracy = float(lines[-1].split("accuracy ")[1].split(" %")[0])
    assert accuracy > 93
    result = pathlib.Path(trained, "result.toml").read_text()
    assert f"correct = {round(accuracy * 25)}" in result
    assert len(lines) == 12 and lines[1].split()[0] == "0"
    assert main(["test", os.path.join(trained, "last.pt")]) == 0


def photograph(path, index, size, box, corner, ink, paper, slope=0.0):
    """Write a picture of a test digit: larger, in colour, somewhere on uneven paper; return its class."""
    image = pytest.importorskip("PIL.Image")
    digits = Digits(train=False)
    shape = numpy.asarray(image.fromarray(digits.data[index].numpy()).resize(box, image.Resampling.BICUBIC))
    mask = numpy.zeros((size[1], size[0], 1))
    mask[corner[1] : corner[1] + box[1], corner[0] : corner[0] + box[0], 0] = shape / 255
    picture = numpy.array(paper) * (1 - mask) + numpy.array(ink) * mask
    picture += numpy.linspace(-slope, slope, size[0])[None, :, None]
    picture += numpy.random.default_rng(0).normal(0, 4, picture.shape)
    image.fromarray(picture.clip(0, 255).astype(numpy.uint8)).save(path)
    return int(digits.targets[index])


@pytest.mark.parametrize(
    ("index", "size", "box", "corner", "ink", "paper", "slope"),
    [
        (0, (900, 700), (300, 320), (500, 60), (20, 30, 120), (235, 225, 200), 25),
        (3, (400, 500), (120, 130), (40, 300), (250, 250, 240), (30, 60, 40), 10),
        (9, (64, 64), (28, 28), (18, 18), (200, 20, 20), (255, 255, 255), 0),
        (21, (1200, 1600), (500, 520), (300, 700), (90, 90, 90), (180, 180, 180), 30),
        (5, (300, 300), (200, 200), (50, 40), (30, 147, 60), (200, 60, 60), 0),
    ],
    ids=["ink on paper", "chalk on a board", "small and red", "pale under a lamp", "as light as its paper"],
)
def test_photographs_of_digits(trained, tmp_path, capsys, index, size, box, corner, ink, paper, slope):
    path = str(tmp_path / "photograph.png")
    digit = photograph(path, index, size, box, corner, ink, paper, slope)
    assert main(["predict", trained, path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{path}: {digit} (")
    assert len([line for line in lines if line.endswith(" %")]) == 10
    assert any(line.startswith(f"  > {digit}  ") for line in lines)


def _rgba_of_white(image, values):
    layers = numpy.full((*values.shape, 4), 255, dtype=numpy.uint8)
    layers[..., 3] = values
    return image.fromarray(layers)


@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        ("png", lambda image, values: image.fromarray((255 - values.astype(numpy.uint16)) * 257)),
        ("tif", lambda image, values: image.fromarray(1 - values.astype(numpy.float32) / 255)),
        ("png", _rgba_of_white),
        ("gif", lambda image, values: image.fromarray(values).convert("P")),
        ("jpg", lambda image, values: image.fromarray(255 - values).convert("CMYK")),
        ("png", lambda image, values: image.fromarray(values > 128)),
    ],
    ids=["16 bits", "floating", "white on nothing", "palette", "printer's colours", "one bit"],
)
def test_kinds_of_picture_files(trained, tmp_path, capsys, suffix, make):
    image = pytest.importorskip("PIL.Image")
    digits = Digits(train=False)
    for index in (1, 4, 6):
        values = numpy.asarray(image.fromarray(digits.data[index].numpy()).resize((200, 200)))
        path = str(tmp_path / f"digit{index}.{suffix}")
        make(image, values).save(path)
        assert main(["predict", trained, path]) == 0
        assert capsys.readouterr().out.startswith(f"{path}: {int(digits.targets[index])} (")


@pytest.mark.parametrize(
    ("table", "paper", "ink"),
    [((70, 50, 40), (235, 230, 220), (30, 30, 60)), ((200, 190, 170), (30, 30, 35), (240, 240, 240))],
    ids=["paper on wood", "slate on a light table"],
)
def test_a_sheet_that_lies_on_a_table(trained, tmp_path, capsys, table, paper, ink):
    image = pytest.importorskip("PIL.Image")
    for index in (0, 1, 3, 6):
        path = str(tmp_path / f"sheet{index}.png")
        digit = photograph(path, index, (500, 480), (330, 300), (80, 70), ink, paper)
        sheet = image.open(path).convert("RGBA").rotate(9, expand=True)
        scene = image.new("RGBA", (800, 700), (*table, 255))
        scene.alpha_composite(sheet, (120, 60))
        scene.convert("RGB").save(path)
        assert main(["predict", trained, path]) == 0
        assert capsys.readouterr().out.startswith(f"{path}: {digit} (")


def test_pictures_that_cannot_be_shown(trained, tmp_path, capsys):
    image = pytest.importorskip("PIL.Image")
    blank, broken = str(tmp_path / "blank.png"), tmp_path / "broken.png"
    image.new("RGB", (50, 50), "white").save(blank)
    broken.write_bytes(b"no picture")
    for path, message in (
        (blank, f"{blank} shows no digit: it is of one colour"),
        (str(broken), "no picture that can be read"),
        ("no.png", "no"),
    ):
        assert main(["predict", trained, path]) == 2
        error = capsys.readouterr().err
        assert message in error and len(error.splitlines()) == 1


def test_checkpoints_that_cannot_be_used(trained, tmp_path, capsys):
    other = str(tmp_path / "other.pt")
    lampas.save({"weights": lampas.ones(3)}, other)
    (tmp_path / "empty.pt").write_bytes(b"")
    for path, message in (
        (other, "is no checkpoint of `lampas train`"),
        (str(tmp_path / "empty.pt"), "cannot be read"),
        (str(tmp_path), "there is no"),
    ):
        assert main(["predict", path, "x.png"]) == 2
        error = capsys.readouterr().err
        assert message in error and len(error.splitlines()) == 1


@pytest.mark.parametrize("name", MODELS)
def test_summary(name, capsys):
    assert main(["summary", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    model = MODELS[name]((1, 28, 28), 10)
    count = sum(parameter.numel() for parameter in model.parameters())
    assert lines[-1].startswith(f"{count:,} parameters, {count:,} of them trained")
    rows = layer_rows(model, (1, 28, 28))
    assert len(lines) == len(rows) + 3 and rows[-1][2] == "10"
    assert sum(row[3] for row in rows) == count


def test_a_network_from_a_file(few_digits, capsys):
    pathlib.Path("mine.py").write_text(MODEL_FILE)
    arguments = ["train", "--data", few_digits, "--epochs", "1", "--model"]
    assert main([*arguments, "mine.py:Tiny"]) == 0
    assert "model mine.py:Tiny, 7,850 parameters" in capsys.readouterr().out
    assert main(["test", only_run()]) == 0
    assert main(["summary", "mine.py:Tiny"]) == 0
    capsys.readouterr()
    for model, message in (
        ("mine.py:Wrong", "gives (2, 1, 28, 28) for two pictures"),
        ("mine.py:None_", "defines no None_"),
        ("no.py:Net", "there is no file no.py"),
        ("unheard-of", "neither one of lenet, mlp, cnn, nor written as file.py:MyNet"),
    ):
        assert main([*arguments, model]) == 2
        error = capsys.readouterr().err
        assert message in error and len(error.splitlines()) == 1


def only_run():
    (name,) = os.listdir("runs")
    return os.path.join("runs", name)


def test_pictures_too_small_for_a_network(capsys):
    assert main(["summary", "lenet", "--shape", "1x4x4"]) == 2
    error = capsys.readouterr().err
    assert "pictures" in error and len(error.splitlines()) == 1
