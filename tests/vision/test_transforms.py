"""Checks transforms of pictures by values worked out by hand."""

import numpy
import pytest

import lampas
from lampas.vision.transforms import Compose, Lambda, Normalize, ToTensor, functional


def test_to_tensor_of_bytes():
    grey = numpy.array([[0, 51], [255, 102]], numpy.uint8)
    tensor = ToTensor()(grey)
    assert tensor.dtype == lampas.float32
    assert tensor.tolist() == [[[0.0, numpy.float32(0.2)], [1.0, numpy.float32(0.4)]]]


def test_to_tensor_puts_channels_first():
    colour = numpy.arange(24, dtype=numpy.uint8).reshape(2, 4, 3)
    tensor = ToTensor()(colour)
    assert tensor.shape == (3, 2, 4)
    assert float(tensor[1, 0, 2]) == pytest.approx(7 / 255)


def test_to_tensor_keeps_other_numbers():
    tensor = ToTensor()(numpy.array([[300.0, -1.0]]))
    assert tensor.dtype == lampas.float64 and tensor.tolist() == [[[300.0, -1.0]]]


@pytest.mark.parametrize("mode", ["L", "RGB", "1"])
def test_to_tensor_of_pil_images(mode):
    image_module = pytest.importorskip("PIL.Image")
    image = image_module.new(mode, (4, 3), 1 if mode == "1" else None)
    tensor = ToTensor()(image)
    assert tensor.shape == (3 if mode == "RGB" else 1, 3, 4)
    assert float(tensor.max()) == (1.0 if mode == "1" else 0.0)


def test_to_tensor_refuses():
    with pytest.raises(TypeError, match="pic should be PIL Image or ndarray. Got <class 'list'>"):
        ToTensor()([1])
    with pytest.raises(ValueError, match="pic should be 2/3 dimensional. Got 1 dimensions."):
        ToTensor()(numpy.zeros(3))


def test_normalize():
    picture = lampas.tensor([[[1.0, 2.0]], [[3.0, 4.0]]])
    result = Normalize([1.0, 2.0], [0.5, 4.0])(picture)
    assert result.tolist() == [[[0.0, 2.0]], [[0.25, 0.5]]]
    assert picture.tolist() == [[[1.0, 2.0]], [[3.0, 4.0]]]
    assert Normalize(1.0, 2.0)(picture).tolist() == [[[0.0, 0.5]], [[1.0, 1.5]]]


def test_normalize_in_place():
    picture = lampas.tensor([[[1.0, 3.0]]])
    assert Normalize((1.0,), (2.0,), inplace=True)(picture) is picture
    assert picture.tolist() == [[[0.0, 1.0]]]


def test_normalize_refuses():
    with pytest.raises(TypeError, match="img should be Tensor Image. Got <class 'int'>"):
        functional.normalize(3, [0.5], [0.5])
    with pytest.raises(TypeError, match="Input tensor should be a float tensor. Got torch.int64."):
        functional.normalize(lampas.zeros(1, 2, 2, dtype=lampas.int64), [0.5], [0.5])
    with pytest.raises(ValueError, match="Expected tensor to be a tensor image of size"):
        functional.normalize(lampas.zeros(2, 2), [0.5], [0.5])
    with pytest.raises(ValueError, match="std evaluated to zero after conversion to torch.float32"):
        functional.normalize(lampas.zeros(1, 2, 2), [0.5], [0.0])


def test_compose_and_lambda():
    assert Compose([Lambda(lambda x: x + 1), Lambda(lambda x: x * 2)])(3) == 8
    with pytest.raises(TypeError, match="Argument lambd should be callable, got 'int'"):
        Lambda(3)
    assert repr(Compose([ToTensor(), Lambda(abs)])) == "Compose(\n    ToTensor()\n    Lambda()\n)"
