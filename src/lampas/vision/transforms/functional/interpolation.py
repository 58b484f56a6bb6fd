"""InterpolationMode: how pixels between pixels are made."""

import enum


class InterpolationMode(enum.Enum):
    """The ways to interpolate; box, hamming and lanczos are only for PIL images."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


# Pillow's constants, which may be given instead.
_PILLOW_NUMBERS = {
    InterpolationMode.NEAREST: 0,
    InterpolationMode.LANCZOS: 1,
    InterpolationMode.BILINEAR: 2,
    InterpolationMode.BICUBIC: 3,
    InterpolationMode.BOX: 4,
    InterpolationMode.HAMMING: 5,
}
_MODES = {number: mode for mode, number in _PILLOW_NUMBERS.items()}


def interpolation_mode(interpolation):
    """Return the mode that is given, or that a Pillow constant stands for.

    Raises:
        TypeError: for anything else.
    """
    if isinstance(interpolation, int) and interpolation in _MODES:
        return _MODES[interpolation]
    if not isinstance(interpolation, InterpolationMode):
        raise TypeError(
            "Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant"
        )
    return interpolation


def pillow_number(mode):
    """Return Pillow's constant for a mode."""
    return 0 if mode is InterpolationMode.NEAREST_EXACT else _PILLOW_NUMBERS[mode]
