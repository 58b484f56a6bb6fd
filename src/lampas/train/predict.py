"""`lampas predict`: what a trained network sees in pictures, shown in the terminal."""

import os
import shutil
import sys

import lampas
from lampas.plots.pixels import as_pixels
from lampas.train import checkpoint
from lampas.train.photograph import digit_of, picture_of, read_picture
from lampas.train.problem import Problem

_BAR_WIDTH = 30
_SHADES = " .:-=+*#%@"
_MOST_CLASSES = 10


def _takes(text):
    """Whether standard output can write these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _fitted(pixels, columns):
    """Return pixels thinned out so that they fit so many columns."""
    step = -(-pixels.shape[1] // columns)
    return pixels[::step, ::step]


def picture_lines(image, columns=64):
    """Return a picture as lines of text: half blocks in colour on a terminal, else shades of ten characters.

    Args:
        image (Tensor): (C, H, W) from 0 to 1.
        columns (int): the most characters of a line.
    """
    pixels = as_pixels(image)
    if sys.stdout.isatty() and _takes("\u2580") and not os.environ.get("NO_COLOR"):
        small = (_fitted(pixels, columns) * 255).astype(int)
        lines = []
        for row in range(0, len(small) - 1, 2):
            cells = zip(small[row], small[row + 1], strict=True)
            text = "".join(
                f"\x1b[38;2;{a[0]};{a[1]};{a[2]}m\x1b[48;2;{b[0]};{b[1]};{b[2]}m\u2580" for a, b in cells
            )
            lines.append(text + "\x1b[0m")
        return lines
    small = _fitted(pixels, columns // 2).mean(axis=2)
    return ["".join(2 * _SHADES[min(9, int(10 * value))] for value in row).rstrip() for row in small]


def probability_lines(values, names):
    """Return a line with a bar for each class, the ten likeliest at most; the likeliest is marked."""
    order = range(len(values))
    best = max(order, key=lambda i: values[i])
    if len(values) > _MOST_CLASSES:
        order = sorted(order, key=lambda i: -values[i])[:_MOST_CLASSES]
    width = max(len(names[i]) for i in order)
    full = "\u2588" if _takes("\u2588") else "#"
    return [
        f"{'>' if i == best else ' '} {names[i]:>{width}}  "
        f"{full * round(_BAR_WIDTH * values[i]):{_BAR_WIDTH}} {100 * values[i]:5.1f} %"
        for i in order
    ]


def predict(options):
    """Show each picture, what the run's network takes it for, and the probabilities.

    Args:
        options (Namespace): run (a run's folder or a checkpoint), pictures (paths).
    """
    state = checkpoint.read(options.run)
    model = checkpoint.model_of(state).eval()
    settings = state["settings"]
    mean, deviation = (lampas.tensor(part).view(-1, 1, 1) for part in settings["spread"])
    names = settings["classes"]
    columns = min(64, shutil.get_terminal_size().columns)
    for path in options.pictures:
        image = read_picture(path)
        try:
            picture = digit_of(image) if settings["handwriting"] else picture_of(image, settings["shape"])
        except Problem as problem:
            raise Problem(f"{path} {problem}") from None
        with lampas.no_grad():
            chances = model(((picture - mean) / deviation).unsqueeze(0)).softmax(1)[0].tolist()
        best = max(range(len(names)), key=lambda i: chances[i])
        print(f"{path}: {names[best]} ({100 * chances[best]:.1f} %)")
        for line in picture_lines(picture, columns):
            print(f"  {line}")
        for line in probability_lines(chances, names):
            print(f"  {line}")
