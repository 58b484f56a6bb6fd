"""Checks conversion, normalisation and composition of transforms by values worked out by hand."""

import random

import numpy
import pytest

import lampas
from lampas.vision.transforms import (
    Compose,
    ConvertImageDtype,
    Lambda,
    Normalize,
    PILToTensor,
    RandomApply,
    RandomChoice,
    RandomOrder,
    ToPILImage,
    ToTensor,
    functional,
)


def test_to_tensor_of_bytes():
    grey = numpy.array([[0, 51], [255, 102]], numpy.uint8)
    tensor = ToTensor()(grey)
    assert tensor.dtype == lampas.float32
    assert tensor.tolist() == [[[0.0, numpy.float32(0.2)], [1.0, numpy.float32(0.4)]]]


def test_normalize_does_not_make_channels():
    """A picture of one channel with three means: the mistake of those who come from colour pictures."""
    message = r"output with shape \[1, 4, 4\] doesn't match the broadcast shape \[3, 4, 4\]"
    with pytest.raises(RuntimeError, match=message) as raised:
        Normalize([0.5] * 3, [0.5] * 3)(lampas.rand(1, 4, 4))
    assert raised.value.__notes__[0].startswith(
        "in Normalize: 3 means and 3 deviations for a picture of 1 channel;"
    )
    assert Normalize([0.5], [0.5])(lampas.rand(3, 4, 4)).shape == (3, 4, 4)


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


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "I", "F", "CMYK", "HSV", "YCbCr"])
def test_pil_images_survive_the_way_through_tensors(mode):
    image_module = pytest.importorskip("PIL.Image")
    dtype = {"I": numpy.int32, "F": numpy.float32}.get(mode, numpy.uint8)
    bands = len(image_module.new(mode, (1, 1)).getbands())
    values = numpy.random.default_rng(0).integers(0, 256, (3, 4, bands)).astype(dtype)
    image = image_module.frombytes(mode, (4, 3), values.tobytes())
    tensor = PILToTensor()(image)
    assert tensor.shape == (bands, 3, 4) and tensor.numpy().dtype == dtype
    assert tensor.tolist() == values.transpose(2, 0, 1).tolist()
    again = ToPILImage(mode)(tensor)
    assert (again.mode, again.size, again.tobytes()) == (image.mode, image.size, image.tobytes())
    with pytest.raises(TypeError, match="pic should be PIL Image. Got <class 'int'>"):
        PILToTensor()(3)


def test_to_pil_image_of_floats():
    pytest.importorskip("PIL")
    picture = lampas.tensor([[[0.0, 0.5, 1.0]]])
    assert list(ToPILImage()(picture).tobytes()) == [0, 127, 255]
    assert ToPILImage()(picture).mode == "L" and ToPILImage("F")(picture).mode == "F"
    assert ToPILImage()(picture[0]).size == (3, 1)
    assert ToPILImage()(picture.expand(3, 1, 3)).mode == "RGB"
    assert ToPILImage()(numpy.zeros((2, 3, 4), numpy.uint8)).mode == "RGBA"
    assert ToPILImage()(numpy.zeros((2, 3), numpy.int16)).mode == "I;16"


@pytest.mark.parametrize(
    "picture, mode, error, message",
    [
        (3, None, TypeError, "pic should be Tensor or ndarray. Got <class 'int'>."),
        (numpy.zeros(3), None, ValueError, "pic should be 2/3 dimensional. Got 1 dimensions."),
        (lampas.zeros(1, 1, 1, 1), None, ValueError, "pic should be 2/3 dimensional. Got 4 dimensions."),
        (lampas.zeros(5, 2, 2), None, ValueError, "pic should not have > 4 channels. Got 5 channels."),
        (lampas.zeros(1, 2, 2), "RGB", ValueError, "Incorrect mode (RGB) supplied for input type uint8."),
        (lampas.zeros(3, 2, 2), "L", ValueError, "Only modes ['RGB', 'YCbCr', 'HSV'] are supported for 3D"),
        (lampas.zeros(4, 2, 2), "L", ValueError, "Only modes ['RGBA', 'CMYK', 'RGBX'] are supported for 4D"),
        (numpy.zeros((2, 2, 2)), None, TypeError, "Input type float64 is not supported"),
        (lampas.zeros(1, 2, 2, dtype=lampas.int64), None, TypeError, "Input type int64 is not supported"),
    ],
)
def test_to_pil_image_refuses(picture, mode, error, message):
    pytest.importorskip("PIL")
    with pytest.raises(error) as raised:
        ToPILImage(mode)(picture)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    "values, dtype, other, expected",
    [
        ([0, 255], "uint8", "float32", [0.0, 1.0]),
        ([0.0, 0.5, 1.0], "float32", "uint8", [0, 127, 255]),
        ([0.0, 1.0], "float64", "int32", [0, 2147483647]),
        ([0, 127, 255], "uint8", "int16", [0, 127 * 128, 255 * 128]),
        ([0, 128, 32767], "int16", "uint8", [0, 1, 255]),
        ([1.5], "float64", "float32", [1.5]),
        ([7], "int64", "int64", [7]),
    ],
)
def test_convert_image_dtype(values, dtype, other, expected):
    picture = lampas.tensor(values, dtype=getattr(lampas, dtype))
    converted = ConvertImageDtype(getattr(lampas, other))(picture)
    assert converted.dtype == getattr(lampas, other) and converted.tolist() == expected


def test_convert_image_dtype_refuses():
    for dtype, other in [("float32", "int32"), ("float32", "int64"), ("float64", "int64")]:
        message = f"The cast from torch.{dtype} to torch.{other} cannot be performed safely."
        with pytest.raises(RuntimeError, match=message):
            functional.convert_image_dtype(
                lampas.ones(1, dtype=getattr(lampas, dtype)), getattr(lampas, other)
            )
    with pytest.raises(TypeError, match="Input img should be Tensor Image"):
        functional.convert_image_dtype(3)


def test_random_composition_draws_as_pytorch():
    double, add = Lambda(lambda x: 2 * x), Lambda(lambda x: x + 1)
    lampas.manual_seed(0)
    draws = [float(lampas.rand(1)) for _ in range(20)]
    lampas.manual_seed(0)
    apply = RandomApply([double, add], p=0.4)
    assert [apply(3) for _ in range(20)] == [7 if draw <= 0.4 else 3 for draw in draws]
    random.seed(0)
    orders = []
    for _ in range(10):
        order = [0, 1]
        random.shuffle(order)
        orders.append(7 if order == [0, 1] else 8)
    random.seed(0)
    either = RandomOrder([double, add])
    assert [either(3) for _ in range(10)] == orders and len(set(orders)) == 2
    random.seed(0)
    choices = [random.choices([6, 4], weights=[0.3, 0.7])[0] for _ in range(10)]
    random.seed(0)
    choice = RandomChoice([double, add], p=[0.3, 0.7])
    assert [choice(3) for _ in range(10)] == choices
    with pytest.raises(TypeError, match="Argument transforms should be a sequence"):
        RandomOrder(3)
    with pytest.raises(TypeError, match="Argument p should be a sequence"):
        RandomChoice([double], p=1)


def test_printed_forms():
    assert repr(ToPILImage()) == "ToPILImage()" and repr(ToPILImage("L")) == "ToPILImage(mode=L)"
    assert repr(PILToTensor()) == "PILToTensor()"
    assert repr(ConvertImageDtype(lampas.uint8)) == "ConvertImageDtype()"
    assert repr(RandomApply([ToTensor()], p=0.3)) == "RandomApply(\n    p=0.3\n    ToTensor()\n)"
    assert repr(RandomOrder([ToTensor()])) == "RandomOrder(\n    ToTensor()\n)"
    assert repr(RandomChoice([ToTensor()])) == "RandomChoice(\n    ToTensor()\n)(p=None)"


def test_transforms_in_a_sequential():
    model = lampas.nn.Sequential(Normalize([0.5], [0.5]), ConvertImageDtype(lampas.float64))
    assert model(lampas.ones(1, 1, 1)).tolist() == [[[1.0]]]
