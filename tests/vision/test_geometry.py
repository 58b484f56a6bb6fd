"""Checks transforms that move pixels: by hand, PIL images against tensors, draws one by one."""

import math

import numpy
import pytest
from transform_checks import draw, picture, replayed, uniform

import lampas
from lampas.vision.transforms import (
    CenterCrop,
    InterpolationMode,
    Pad,
    PILToTensor,
    RandomCrop,
    RandomHorizontalFlip,
    RandomResizedCrop,
    RandomRotation,
    RandomVerticalFlip,
    Resize,
    ToPILImage,
    functional,
)

pytest.importorskip("PIL")


def smooth_picture(channels=3, height=24, width=36):
    """Return a tensor of bytes without sharp edges, as in a photograph."""
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [128 + 100 * numpy.sin(x / (4 + c) + c) * numpy.cos(y / (5 - c)) for c in range(channels)]
    return lampas.from_numpy(numpy.stack(planes).astype(numpy.uint8))


def assert_same_on_pil(transform, tensor, within=0):
    """Compare a transform of a tensor with that of the same PIL image."""
    ours = transform(tensor)
    theirs = PILToTensor()(transform(ToPILImage()(tensor)))
    assert ours.shape == theirs.shape and ours.dtype == tensor.dtype
    difference = (ours.to(lampas.int64) - theirs.to(lampas.int64)).abs()
    assert int(difference.max()) <= within
    return ours


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    "transform",
    [
        functional.hflip,
        functional.vflip,
        lambda img: functional.crop(img, 1, 2, 4, 5),
        lambda img: functional.crop(img, -2, -1, 4, 20),
        lambda img: functional.crop(img, 3, 8, 9, 9),
        CenterCrop(4),
        CenterCrop((5, 3)),
        CenterCrop((9, 4)),
        CenterCrop((20, 21)),
        CenterCrop((7, 10)),
        Pad(2),
        Pad((1, 3), fill=7),
        Pad((1, 2, 3, 4), fill=200),
        Pad((1, 2, 3, 4), padding_mode="edge"),
        Pad((1, 2, 3, 4), padding_mode="reflect"),
        Pad((1, 2, 3, 4), padding_mode="symmetric"),
        Pad((-1, 2, 0, -2), padding_mode="edge"),
        lambda img: functional.rotate(img, 90, expand=True),
        lambda img: functional.rotate(img, 180),
    ],
)
def test_tensors_and_pil_images_agree(transform, channels):
    assert_same_on_pil(transform, picture(channels))


def test_leading_dimensions():
    """A stack of pictures is transformed picture by picture."""
    stacked = lampas.stack([picture(), picture().flip(-1)])
    for transform in [
        functional.hflip,
        Pad((1, 2), padding_mode="reflect"),
        CenterCrop(12),
        lambda img: functional.rotate(img.float(), 20),
        Resize((5, 5)),
    ]:
        assert transform(stacked).tolist() == [transform(each).tolist() for each in stacked]


def test_padding_by_hand():
    row = lampas.tensor([[[1, 2, 3]]])
    modes = {
        "constant": [0, 0, 1, 2, 3, 0],
        "edge": [1, 1, 1, 2, 3, 3],
        "reflect": [3, 2, 1, 2, 3, 2],
        "symmetric": [2, 1, 1, 2, 3, 3],
    }
    for mode, expected in modes.items():
        assert functional.pad(row, [2, 0, 1, 0], padding_mode=mode).tolist() == [[expected]]
    assert functional.pad(row, [-1, 0, 1, 0], fill=9).tolist() == [[[2, 3, 9]]]
    coloured = Pad(1, fill=(1, 2, 3))(ToPILImage()(picture()))
    assert coloured.getpixel((0, 0)) == (1, 2, 3)


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: Pad("2"), TypeError, "Got inappropriate padding arg"),
        (lambda: Pad(2, fill={}), TypeError, "Got inappropriate fill arg"),
        (lambda: Pad(2, padding_mode="wrap"), ValueError, "Padding mode should be either constant, edge"),
        (lambda: Pad((1, 2, 3)), ValueError, "Padding must be an int or a 1, 2, or 4 element tuple, not a 3"),
        (lambda: Pad(1, fill=(1, 2))(picture()), TypeError, "Got inappropriate fill arg"),
        (
            lambda: Pad(1, fill=(1, 2))(ToPILImage()(picture())),
            ValueError,
            "The number of elements in 'fill' does not match the number of channels of the image (2 != 3)",
        ),
        (lambda: Resize(2.0), TypeError, "Size should be int or sequence. Got <class 'float'>"),
        (lambda: Resize((1, 2, 3)), ValueError, "If size is a sequence, it should have 1 or 2 values"),
        (lambda: Resize(3, interpolation="x"), TypeError, "Argument interpolation should be a Interpolat"),
        (lambda: Resize(3, max_size=3)(picture()), ValueError, "max_size = 3 must be strictly greater than"),
        (lambda: CenterCrop((1, 2, 3)), ValueError, "Please provide only two dimensions (h, w) for size."),
        (
            lambda: RandomCrop(8)(picture()),
            ValueError,
            "Required crop size (8, 8) is larger than input image",
        ),
        (lambda: RandomResizedCrop(8, scale=1), TypeError, "Scale should be a sequence"),
        (lambda: RandomResizedCrop(8, ratio=1), TypeError, "Ratio should be a sequence"),
        (lambda: RandomRotation(-1), ValueError, "If degrees is a single number, it must be positive."),
        (lambda: RandomRotation([1]), ValueError, "degrees should be a sequence of length 2."),
        (lambda: RandomRotation(1, center=3), TypeError, "center should be a sequence of length 2."),
        (
            lambda: RandomRotation(1, fill="x", center=[1]),
            ValueError,
            "center should be a sequence of length",
        ),
        (lambda: RandomRotation(1, fill={}), TypeError, "Fill should be either a sequence or a number."),
        (lambda: functional.hflip(3), TypeError, "img should be PIL Image. Got <class 'int'>"),
        (lambda: functional.hflip(lampas.zeros(3)), TypeError, "Tensor is not a torch image."),
        (lambda: functional.rotate(picture(), "x"), TypeError, "Argument angle should be int or float"),
    ],
)
def test_refuses(make, error, message):
    with pytest.raises(error) as raised:
        make()
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    "size, max_size, expected",
    [
        (14, None, (14, 20)),
        ([14], None, (14, 20)),
        ((3, 4), None, (3, 4)),
        (14, 16, (11, 16)),
        (5, None, (5, 7)),
        (7, None, (7, 10)),
    ],
)
def test_sizes_of_resized_pictures(size, max_size, expected):
    wide = ToPILImage()(picture())
    assert Resize(size, max_size=max_size)(wide).size == expected[::-1]
    if not isinstance(size, tuple):
        assert Resize(size, max_size=max_size)(wide.transpose(4)).size == expected


def test_pil_images_are_resized_by_pillow():
    wide = ToPILImage()(picture())
    for mode, number in [("NEAREST", 0), ("LANCZOS", 1), ("BILINEAR", 2), ("BICUBIC", 3), ("BOX", 4)]:
        expected = wide.resize((5, 4), number).tobytes()
        assert Resize((4, 5), InterpolationMode[mode])(wide).tobytes() == expected
        assert Resize((4, 5), number)(wide).tobytes() == expected
    with pytest.warns(UserWarning, match="Anti-alias option is always applied for PIL Image input"):
        Resize((4, 5), antialias=False)(wide)
    assert Resize((7, 10))(wide) is wide


@pytest.mark.parametrize("mode", ["BILINEAR", "BICUBIC"])
@pytest.mark.parametrize("size", [(12, 18), (11, 30), (40, 50)])
def test_tensors_are_resized_as_pil_images(size, mode):
    assert_same_on_pil(Resize(size, InterpolationMode[mode]), smooth_picture(), within=1)


def test_nearest_resizing_of_tensors():
    row = lampas.arange(6).view(1, 1, 6).float()
    assert Resize((1, 3), InterpolationMode.NEAREST)(row).tolist() == [[[0.0, 2.0, 4.0]]]
    assert Resize((1, 3), InterpolationMode.NEAREST_EXACT)(row).tolist() == [[[1.0, 3.0, 5.0]]]
    with pytest.raises(ValueError, match="unsupported with Tensor input"):
        Resize((1, 3), InterpolationMode.LANCZOS)(row)


@pytest.mark.parametrize("angle", [17, -40, 133.5])
@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("center", [None, (3, 20)])
def test_rotation_of_tensors_and_pil_images(angle, expand, center):
    """Pillow works with fixed-point places, so single pixels may fall to a neighbour."""
    if expand and center:
        return  # Pillow and torchvision differ in where the turned picture then lies
    tensor = smooth_picture()

    def turn(img):
        return functional.rotate(img, angle, expand=expand, center=center, fill=[9] * 3)

    ours, theirs = turn(tensor), PILToTensor()(turn(ToPILImage()(tensor)))
    assert ours.shape == theirs.shape
    assert int((ours != theirs).any(0).sum()) <= 0.02 * ours[0].numel()


def test_bilinear_rotation():
    tensor = smooth_picture()
    turned = functional.rotate(tensor, 30, InterpolationMode.BILINEAR, fill=50)
    back = functional.rotate(turned, -30, InterpolationMode.BILINEAR, fill=50)
    middle = (slice(None), slice(8, 16), slice(12, 24))
    assert int((back[middle].to(lampas.int64) - tensor[middle].to(lampas.int64)).abs().max()) <= 8
    assert turned[:, 0, 0].tolist() == [50, 50, 50]
    assert functional.rotate(tensor, 30)[:, 0, 0].tolist() == [0, 0, 0]


def test_draws_of_random_crop():
    tensor = picture()
    top, left = replayed(lambda: (draw(7 - 3 + 1), draw(10 - 4 + 1)))
    assert RandomCrop((3, 4))(tensor).tolist() == tensor[:, top : top + 3, left : left + 4].tolist()
    padded = functional.pad(tensor, [2, 2])
    top, left = replayed(lambda: (draw(11 - 7 + 1), draw(14 - 7 + 1)))
    cropped = RandomCrop(7, padding=2)(tensor)
    assert cropped.tolist() == padded[:, top : top + 7, left : left + 7].tolist()
    assert RandomCrop((9, 11), pad_if_needed=True, fill=3)(tensor).shape == (3, 9, 11)
    state = lampas.get_rng_state()
    assert RandomCrop((7, 10))(tensor).tolist() == tensor.tolist()
    assert lampas.get_rng_state().tolist() == state.tolist()  # nothing to draw


def test_draws_of_flips():
    tensor = picture()
    for transform, flip in [(RandomHorizontalFlip(0.6), -1), (RandomVerticalFlip(0.6), -2)]:
        draws = replayed(lambda: [float(lampas.rand(1)) < 0.6 for _ in range(8)])
        assert len(set(draws)) == 2
        for flipped in draws:
            assert transform(tensor).tolist() == (tensor.flip(flip) if flipped else tensor).tolist()


def test_draws_of_random_resized_crop():
    tensor = picture(3, 40, 50)

    def part():
        for _ in range(10):
            area = 40 * 50 * uniform(0.08, 1.0)
            low, high = lampas.log(lampas.tensor((3 / 4, 4 / 3))).tolist()
            aspect = math.exp(uniform(low, high))
            width, height = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if width <= 50 and height <= 40:
                return draw(40 - height + 1), draw(50 - width + 1), height, width

    expected = replayed(lambda: [part() for _ in range(5)])
    parts = [RandomResizedCrop.get_params(tensor, (0.08, 1.0), (3 / 4, 4 / 3)) for _ in range(5)]
    assert parts == expected
    image = ToPILImage()(tensor)
    (top, left, height, width) = replayed(part)
    cropped = image.crop((left, top, left + width, top + height)).resize((8, 8), 2)
    assert RandomResizedCrop(8)(image).tobytes() == cropped.tobytes()
    # Nothing of this shape fits: the middle is taken.
    assert RandomResizedCrop.get_params(tensor, (2.0, 3.0), (1.0, 1.0)) == (0, 5, 40, 40)
    assert RandomResizedCrop.get_params(tensor, (2.0, 3.0), (2.0, 2.5)) == (7, 0, 25, 50)
    assert RandomResizedCrop.get_params(tensor, (2.0, 3.0), (1.0, 2.0)) == (0, 0, 40, 50)
    with pytest.warns(UserWarning, match="Scale and ratio should be of kind"):
        RandomResizedCrop(8, scale=(1.0, 0.5))


def test_draws_of_random_rotation():
    image = ToPILImage()(picture())
    angle = replayed(lambda: uniform(-25.0, 25.0))
    assert RandomRotation(25, fill=3)(image).tobytes() == image.rotate(angle, fillcolor=(3, 3, 3)).tobytes()


def test_printed_forms():
    expected = [
        "Resize(size=32, interpolation=bilinear, max_size=None, antialias=True)",
        "Pad(padding=(1, 2), fill=3, padding_mode=constant)",
        "CenterCrop(size=(4, 4))",
        "RandomCrop(size=(4, 5), padding=None)",
        "RandomHorizontalFlip(p=0.5)",
        "RandomVerticalFlip(p=0.1)",
        "RandomRotation(degrees=[-10.0, 10.0], interpolation=nearest, expand=False, fill=0)",
        "RandomRotation(degrees=[1.0, 2.0], interpolation=bilinear, expand=True, center=(1, 2), fill=5)",
        "RandomResizedCrop(size=(8, 8), scale=(0.08, 1.0), ratio=(0.75, 1.3333), interpolation=bilinear, "
        "antialias=True)",
    ]
    transforms = [
        Resize(32),
        Pad((1, 2), 3),
        CenterCrop(4),
        RandomCrop((4, 5)),
        RandomHorizontalFlip(),
        RandomVerticalFlip(0.1),
        RandomRotation(10),
        RandomRotation((1, 2), InterpolationMode.BILINEAR, True, (1, 2), 5),
        RandomResizedCrop(8),
    ]
    assert [repr(transform) for transform in transforms] == expected


def test_dimensions():
    image = ToPILImage()(picture())
    for img in (picture(), image):
        assert functional.get_dimensions(img) == [3, 7, 10]
        assert functional.get_image_size(img) == [10, 7]
        assert functional.get_image_num_channels(img) == 3
    assert functional.get_image_num_channels(lampas.zeros(2, 3)) == 1
