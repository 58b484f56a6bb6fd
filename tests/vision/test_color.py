"""Checks transforms that change values: by hand, PIL images against tensors, hues against colorsys."""

import colorsys
import math

import numpy
import pytest
from transform_checks import draw, picture, replayed, uniform

import lampas
from lampas.vision.transforms import (
    ColorJitter,
    GaussianBlur,
    Grayscale,
    PILToTensor,
    RandomErasing,
    RandomGrayscale,
    ToPILImage,
    functional,
)

pytest.importorskip("PIL")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "transform, within",
    [
        (Grayscale(), 1),
        (Grayscale(3), 1),
        (lambda img: functional.adjust_brightness(img, 0.3), 1),
        (lambda img: functional.adjust_brightness(img, 1.7), 1),
        (lambda img: functional.adjust_contrast(img, 0.3), 1),
        (lambda img: functional.adjust_contrast(img, 1.7), 2),
        (lambda img: functional.adjust_saturation(img, 0.3), 1),
        (lambda img: functional.adjust_saturation(img, 1.7), 2),
        (GaussianBlur(3, 1.5), 0),
    ],
)
def test_tensors_and_pil_images_agree(transform, within, channels):
    tensor = picture(channels)
    ours, theirs = transform(tensor), PILToTensor()(transform(ToPILImage()(tensor)))
    assert ours.shape == theirs.shape and ours.dtype == lampas.uint8
    assert int((ours.to(lampas.int64) - theirs.to(lampas.int64)).abs().max()) <= within


def test_grey_by_hand():
    pixel = lampas.tensor([100, 50, 200], dtype=lampas.uint8).view(3, 1, 1)
    expected = int(0.2989 * 100 + 0.587 * 50 + 0.114 * 200)
    assert functional.rgb_to_grayscale(pixel).tolist() == [[[expected]]]
    assert functional.rgb_to_grayscale(pixel, 3).tolist() == [[[expected]]] * 3


@pytest.mark.parametrize("factor", [-0.5, -0.2, 0.0, 0.1, 0.5])
def test_hue_of_tensors_is_colorsys(factor):
    tensor = lampas.from_numpy(numpy.random.default_rng(1).random((3, 5, 6)))
    tensor[:, 0, 0] = 0.3  # grey
    tensor[:, 0, 1] = 0.0
    turned = functional.adjust_hue(tensor, factor)
    for y in range(5):
        for x in range(6):
            hue, saturation, value = colorsys.rgb_to_hsv(*tensor[:, y, x].tolist())
            expected = colorsys.hsv_to_rgb((hue + factor) % 1.0, saturation, value)
            assert turned[:, y, x].tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("factor", [-0.5, 0.13, 0.5])
def test_hue_of_pil_images(factor):
    from PIL import Image

    image = ToPILImage()(picture())
    hue, saturation, value = image.convert("HSV").split()
    turned = functional.adjust_hue(image, factor).convert("RGB")
    expected = [(each + int(factor * 255)) % 256 for each in hue.tobytes()]
    merged = Image.merge("HSV", (Image.frombytes("L", image.size, bytes(expected)), saturation, value))
    assert turned.tobytes() == merged.convert("RGB").tobytes()
    grey = image.convert("L")
    assert functional.adjust_hue(grey, factor) is grey


def test_blur_by_hand():
    """Against a sum over all pixels, with mirrored borders."""
    tensor = picture(2, 5, 6).to(lampas.float64)
    blurred = functional.gaussian_blur(tensor, [5, 3], [1.2, 0.7])
    weights_x = [math.exp(-0.5 * (i / 1.2) ** 2) for i in range(-2, 3)]
    weights_y = [math.exp(-0.5 * (i / 0.7) ** 2) for i in range(-1, 2)]
    padded = numpy.pad(tensor.numpy(), ((0, 0), (1, 1), (2, 2)), mode="reflect")
    for c, y, x in [(0, 0, 0), (1, 2, 3), (1, 4, 5)]:
        total = sum(padded[c, y + i, x + j] * weights_y[i] * weights_x[j] for i in range(3) for j in range(5))
        expected = total / sum(weights_x) / sum(weights_y)
        assert float(blurred[c, y, x]) == pytest.approx(expected, rel=1e-6)
    default = functional.gaussian_blur(tensor, 3)
    assert default.tolist() == functional.gaussian_blur(tensor, 3, 3 * 0.15 + 0.35).tolist()


def test_erase():
    tensor = lampas.zeros(2, 3, 4)
    erased = functional.erase(tensor, 1, 2, 2, 1, lampas.tensor([5.0, 6.0]).view(2, 1, 1))
    assert erased[0].tolist() == [[0, 0, 0, 0], [0, 0, 5, 0], [0, 0, 5, 0]] and float(tensor.sum()) == 0
    assert functional.erase(tensor, 0, 0, 1, 1, 1, inplace=True) is tensor and float(tensor.sum()) == 2


def test_draws_of_color_jitter():
    image = ToPILImage()(picture())
    names = ["brightness", "contrast", "saturation", "hue"]
    ranges = [(0.6, 1.4), (0.5, 1.5), (0.0, 3.0), (-0.1, 0.1)]
    order, *amounts = replayed(lambda: [lampas.randperm(4).tolist(), *(uniform(*each) for each in ranges)])
    expected = image
    for number in order:
        expected = getattr(functional, f"adjust_{names[number]}")(expected, amounts[number])
    assert ColorJitter(0.4, 0.5, 2, 0.1)(image).tobytes() == expected.tobytes()
    # What does not change draws nothing.
    _, amount = replayed(lambda: (lampas.randperm(4), uniform(0.5, 1.5)))
    expected = functional.adjust_contrast(image, amount)
    assert ColorJitter(contrast=(0.5, 1.5))(image).tobytes() == expected.tobytes()


def test_draws_of_random_grayscale():
    tensor = picture()
    draws = replayed(lambda: [float(lampas.rand(1)) < 0.5 for _ in range(8)])
    transform = RandomGrayscale(0.5)
    for is_grey in draws:
        expected = functional.rgb_to_grayscale(tensor, 3) if is_grey else tensor
        assert transform(tensor).tolist() == expected.tolist()


def test_draws_of_gaussian_blur():
    tensor = picture()
    sigma = replayed(lambda: uniform(0.1, 2.0))
    assert GaussianBlur((3, 5))(tensor).tolist() == functional.gaussian_blur(tensor, [3, 5], sigma).tolist()


@pytest.mark.parametrize("value", [0, 0.5, (1.0, 2.0, 3.0), "random"])
def test_draws_of_random_erasing(value):
    tensor = lampas.full((3, 20, 30), 7.0)

    def erased():
        assert float(lampas.rand(1)) < 0.9
        low, high = lampas.log(lampas.tensor((0.3, 3.3))).tolist()
        for _ in range(10):
            area, aspect = 600 * uniform(0.02, 0.33), math.exp(uniform(low, high))
            height, width = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if height < 20 and width < 30:
                break
        if value == "random":
            values = lampas.empty([3, height, width]).normal_()
        else:
            values = lampas.tensor(value if isinstance(value, tuple) else [value]).float().view(-1, 1, 1)
        top = draw(20 - height + 1)
        left = draw(30 - width + 1)
        result = tensor.clone()
        result[:, top : top + height, left : left + width] = values
        return result

    expected = replayed(erased)
    assert RandomErasing(0.9, value=value)(tensor).tolist() == expected.tolist()


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: Grayscale(2)(picture()), ValueError, "num_output_channels should be either 1 or 3"),
        (
            lambda: Grayscale()(picture(2)),
            TypeError,
            "Input image tensor permitted channel values are [1, 3]",
        ),
        (lambda: functional.to_grayscale(picture()), TypeError, "Input should be PIL Image"),
        (lambda: ColorJitter(-1), ValueError, "If brightness is a single number, it must be non negative."),
        (lambda: ColorJitter(hue=0.6), ValueError, "hue values should be between (-0.5, 0.5), but got [-0.6"),
        (
            lambda: ColorJitter("x"),
            TypeError,
            "brightness should be a single number or a list/tuple with leng",
        ),
        (
            lambda: functional.adjust_hue(picture(), 0.6),
            ValueError,
            "hue_factor (0.6) is not in [-0.5, 0.5].",
        ),
        (
            lambda: functional.adjust_contrast(picture(), -1),
            ValueError,
            "contrast_factor (-1) is not non-negative.",
        ),
        (lambda: GaussianBlur(2), ValueError, "Kernel size value should be an odd and positive number."),
        (lambda: GaussianBlur(3, 0), ValueError, "If sigma is a single number, it must be positive."),
        (lambda: GaussianBlur(3, (2, 1)), ValueError, "sigma values should be positive and of the form (min"),
        (
            lambda: GaussianBlur(3, "x"),
            ValueError,
            "sigma should be a single number or a list/tuple with len",
        ),
        (
            lambda: functional.gaussian_blur(picture(), 4),
            ValueError,
            "kernel_size should have odd and positive",
        ),
        (lambda: functional.gaussian_blur(picture(), 3, 0), ValueError, "sigma should have positive values."),
        (lambda: RandomErasing(2), ValueError, "Random erasing probability should be between 0 and 1"),
        (lambda: RandomErasing(scale=(0, 2)), ValueError, "Scale should be between 0 and 1"),
        (lambda: RandomErasing(value="x"), ValueError, "If value is str, it should be 'random'"),
        (
            lambda: RandomErasing(value=None),
            TypeError,
            "Argument value should be either a number or str or a",
        ),
        (
            lambda: RandomErasing(1, value=(1, 2))(lampas.zeros(3, 4, 4)),
            ValueError,
            "If value is a sequence, it should have either a single value or 3 (number of input channels)",
        ),
    ],
)
def test_refuses(make, error, message):
    with pytest.raises(error) as raised:
        make()
    assert str(raised.value).startswith(message)


def test_printed_forms():
    expected = [
        "Grayscale(num_output_channels=3)",
        "RandomGrayscale(p=0.1)",
        "ColorJitter(brightness=(0.5, 1.5), contrast=None, saturation=(0.0, 3.0), hue=(-0.25, 0.25))",
        "GaussianBlur(kernel_size=(3, 3), sigma=(0.1, 2.0))",
        "RandomErasing(p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False)",
    ]
    transforms = [
        Grayscale(3),
        RandomGrayscale(),
        ColorJitter(0.5, 0, 2, 0.25),
        GaussianBlur(3),
        RandomErasing(),
    ]
    assert [repr(transform) for transform in transforms] == expected
