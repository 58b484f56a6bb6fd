"""Checks grids of pictures and picture files by values worked out by hand."""

import io
import os
import pathlib

import numpy
import pytest

import lampas
from lampas.vision.utils import make_grid, save_image


def test_grid_by_hand():
    pictures = lampas.arange(1, 4).float().view(3, 1, 1, 1).expand(3, 3, 1, 2)
    grid = make_grid(pictures, nrow=2, padding=1, pad_value=9)
    one_channel = [
        [9, 9, 9, 9, 9, 9, 9],
        [9, 1, 1, 9, 2, 2, 9],
        [9, 9, 9, 9, 9, 9, 9],
        [9, 3, 3, 9, 9, 9, 9],
        [9, 9, 9, 9, 9, 9, 9],
    ]
    assert grid.tolist() == [one_channel] * 3


@pytest.mark.parametrize(
    "shape, grid_shape",
    [
        ((5, 7), (3, 5, 7)),
        ((1, 5, 7), (3, 5, 7)),
        ((3, 5, 7), (3, 5, 7)),
        ((1, 1, 5, 7), (3, 5, 7)),
        ((2, 1, 5, 7), (3, 9, 20)),
        ((2, 2, 5, 7), (2, 9, 20)),
        ((17, 3, 5, 7), (3, 23, 74)),
    ],
)
def test_shapes(shape, grid_shape):
    assert make_grid(lampas.rand(*shape)).shape == grid_shape


def test_list_of_pictures():
    pictures = [lampas.rand(3, 4, 4) for _ in range(3)]
    assert make_grid(pictures).tolist() == make_grid(lampas.stack(pictures)).tolist()


def test_normalize_leaves_the_pictures_alone():
    pictures = lampas.tensor([[[[1.0, 3.0]]], [[[5.0, 9.0]]]]).expand(2, 3, 1, 2).clone()
    before = pictures.tolist()
    whole = make_grid(pictures, padding=0, normalize=True)
    assert whole[0].tolist() == [[0.0, 0.25, 0.5, 1.0]]
    each = make_grid(pictures, padding=0, normalize=True, scale_each=True)
    assert each[0].tolist() == [[0.0, 1.0, 0.0, 1.0]]
    ranged = make_grid(pictures, padding=0, normalize=True, value_range=(1, 5))
    assert ranged[0].tolist() == [[0.0, 0.5, 1.0, 1.0]]
    assert pictures.tolist() == before


def test_pictures_of_a_network(tmp_path):
    """What a network made still has its graph; the grid has none."""
    made = lampas.rand(2, 3, 4, 4, requires_grad=True) * 0.5
    assert not make_grid(made).requires_grad
    save_image(made, tmp_path / "made.png")
    assert made.requires_grad


def test_refuses():
    with pytest.raises(TypeError, match="tensor or list of tensors expected, got <class 'int'>"):
        make_grid(3)
    with pytest.raises(TypeError, match="got a list containing <class 'int'>"):
        make_grid([lampas.rand(3, 2, 2), 3])
    with pytest.raises(TypeError, match="value_range has to be a tuple"):
        make_grid(lampas.rand(2, 3, 2, 2), normalize=True, value_range=[0, 1])


def test_saved_png_is_what_pillow_reads(tmp_path):
    image = pytest.importorskip("PIL.Image")
    pictures = lampas.rand(3, 3, 5, 6)
    save_image(pictures, tmp_path / "grid.png")
    expected = (make_grid(pictures).numpy() * 255 + 0.5).clip(0, 255).astype(numpy.uint8).transpose(1, 2, 0)
    with image.open(tmp_path / "grid.png") as opened:
        assert numpy.asarray(opened).tolist() == expected.tolist()
    stream = io.BytesIO()
    save_image(pictures, stream)
    assert stream.getvalue() == (tmp_path / "grid.png").read_bytes()


def test_other_formats(tmp_path):
    image = pytest.importorskip("PIL.Image")
    save_image(lampas.rand(3, 5, 6), str(tmp_path / "picture.jpg"))
    save_image(lampas.rand(3, 5, 6), tmp_path / "picture", format="BMP")
    for name, format in [("picture.jpg", "JPEG"), ("picture", "BMP")]:
        with image.open(tmp_path / name) as opened:
            assert opened.format == format


def test_failed_save_leaves_the_old_file(tmp_path):
    pytest.importorskip("PIL.Image")
    path = tmp_path / "picture.xyz"
    path.write_text("old")
    with pytest.raises((KeyError, ValueError)):
        save_image(lampas.rand(3, 5, 6), path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["picture.xyz"]
    with pytest.raises(FileNotFoundError):
        save_image(lampas.rand(3, 5, 6), pathlib.Path(tmp_path / "missing" / "picture.png"))


def test_a_format_that_pillow_does_not_know(tmp_path):
    pytest.importorskip("PIL.Image")
    with pytest.raises(ValueError, match="unknown file extension: .abc"):
        save_image(lampas.rand(3, 4, 4), tmp_path / "picture.abc")
    assert not list(tmp_path.iterdir())
