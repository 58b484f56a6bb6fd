"""BytePlan: what a transform does to pictures of bytes, where it treats each pixel by itself."""

import numbers
from typing import NamedTuple

import lampas
from lampas import nn
from lampas.vision.transforms.composition import Compose
from lampas.vision.transforms.conversion import ConvertImageDtype, Normalize, ToTensor
from lampas.vision.transforms.functional.geometry import four_paddings
from lampas.vision.transforms.geometry import Pad


class BytePlan(NamedTuple):
    """A border around each picture, and what becomes of each byte."""

    table: lampas.Tensor  # (channels, 256)
    pad: list  # pixels on the left, right, top and bottom
    fill: int  # the byte that these are


def _has_hooks(step):
    return isinstance(step, nn.Module) and bool(step._forward_hooks or step._forward_pre_hooks)


def _border(step):
    """Return (pad, fill) of a Pad, or None where it does more than add pixels of one byte."""
    left, top, right, bottom = four_paddings(step.padding)
    is_plain = step.padding_mode == "constant" and isinstance(step.fill, numbers.Integral)
    if not is_plain or not 0 <= step.fill <= 255 or min(left, top, right, bottom) < 0:
        return None
    return [left, right, top, bottom], int(step.fill)


def byte_plan(transform, channels):
    """Return the plan of a transform of pictures with so many channels, or None where there is none.

    There is one for ToTensor, with Pad before it, Normalize and ConvertImageDtype behind it. Only these very
    classes are known to treat each pixel by itself; a subclass may do anything.
    """
    steps = list(transform.transforms) if type(transform) is Compose else [transform]
    if any(_has_hooks(step) for step in steps):
        return None
    border = ([0, 0, 0, 0], 0)
    if steps and type(steps[0]) is Pad:
        border = _border(steps.pop(0))
    if border is None or not steps or type(steps[0]) is not ToTensor:
        return None
    if any(type(step) not in (Normalize, ConvertImageDtype) for step in steps[1:]):
        return None
    import numpy

    every_byte = numpy.arange(256, dtype=numpy.uint8)[:, None, None].repeat(channels, axis=2)
    try:
        table = Compose(steps)(every_byte)
    except Exception:  # the transform of a picture will say the same
        return None
    if table.shape != (channels, 256, 1) or not table.is_floating_point():
        return None
    return BytePlan(table.view(channels, 256), *border)
