"""Checks charts by their numbers and by the pixels that they paint."""

import math
import struct
import unicodedata
import zlib

import numpy
import pytest

import lampas
from lampas.plots import Panel, Series, confusion_matrix, curves, draw_chart, filters, graph
from lampas.plots.canvas import Canvas
from lampas.plots.chart import COLORS, nice_ticks, tick_label
from lampas.plots.font import _GLYPHS, fitted_text, text_strokes
from lampas.plots.png import encode_png


def read_png(path):
    """Decode a PNG file as the specification says, checking every checksum; rows must be unfiltered."""
    contents = path.read_bytes()
    assert contents[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, position = {}, 8
    while position < len(contents):
        (length,) = struct.unpack(">I", contents[position : position + 4])
        kind = contents[position + 4 : position + 8]
        body = contents[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack(">I", contents[position + 8 + length : position + 12 + length])
        assert checksum == zlib.crc32(kind + body)
        chunks[kind] = body
        position += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, bits, color_type, *methods = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (bits, color_type, methods) == (8, 2, [0, 0, 0])
    rows = numpy.frombuffer(zlib.decompress(chunks[b"IDAT"]), numpy.uint8).reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(height, width, 3)


def count_color(pixels, color):
    """Return how many pixels have exactly this colour."""
    return int((pixels == numpy.rint(numpy.array(color) * 255)).all(axis=2).sum())


def test_png_holds_the_pixels(tmp_path):
    pixels = numpy.random.default_rng(0).integers(0, 256, (7, 5, 3)).astype(numpy.uint8)
    (tmp_path / "picture.png").write_bytes(encode_png(pixels))
    assert (read_png(tmp_path / "picture.png") == pixels).all()


def test_png_opens_in_pillow(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    pixels = numpy.random.default_rng(0).integers(0, 256, (7, 5, 3)).astype(numpy.uint8)
    (tmp_path / "picture.png").write_bytes(encode_png(pixels))
    assert (numpy.asarray(image_module.open(tmp_path / "picture.png")) == pixels).all()


def test_line_covers_what_it_should():
    canvas = Canvas(40, 20)
    canvas.line([(5.0, 10.0), (35.0, 10.0)], (0.0, 0.0, 0.0), width=4.0)
    darkness = 1 - canvas.pixels[:, :, 0]
    assert darkness[8:12, 6:34].min() == 1 and darkness[:7].max() == 0 and darkness[13:].max() == 0
    # Area of a line with round ends: length times width and a full circle.
    assert darkness.sum() == pytest.approx(30 * 4 + math.pi * 2**2, rel=0.03)


def test_slanted_line_and_dot_have_their_area():
    canvas = Canvas(60, 60)
    canvas.line([(10.0, 10.0), (45.0, 33.0)], (0.0, 0.0, 0.0), width=3.0)
    expected = math.hypot(35, 23) * 3 + math.pi * 1.5**2
    assert (1 - canvas.pixels[:, :, 0]).sum() == pytest.approx(expected, rel=0.03)
    canvas = Canvas(60, 60)
    canvas.dot(30.3, 29.8, 12, (0.0, 0.0, 0.0))
    assert (1 - canvas.pixels[:, :, 0]).sum() == pytest.approx(math.pi * 12**2, rel=0.02)


def test_drawing_over_the_edge_is_cut_off():
    canvas = Canvas(20, 20)
    canvas.line([(-50.0, 10.0), (70.0, 10.0)], (0.0, 0.0, 0.0), 2.0)
    canvas.dot(-100, -100, 5, (0.0, 0.0, 0.0))
    canvas.dot(20, 20, 5, (0.0, 0.0, 0.0))
    canvas.text(15, 5, "far too long", 20, (0.0, 0.0, 0.0))
    assert canvas.pixels[10].max() < 1


def test_crossing_strokes_are_not_darker():
    canvas = Canvas(20, 20)
    canvas.strokes([[(0, 10.5), (20, 10.5)], [(10.5, 0), (10.5, 20)]], (0.5, 0.5, 0.5), 1.0)
    assert canvas.pixels[10, 10, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("character", list(_GLYPHS))
def test_every_glyph_stays_in_its_line(character):
    strokes, width = text_strokes(character, 10)
    points = [point for stroke in strokes for point in stroke]
    assert points and all(len(stroke) >= 2 for stroke in strokes)
    assert all(-0.01 <= x <= 7.5 and -2.2 <= y <= 7.6 for x, y in points)
    assert 0.2 < width <= 7.5


def test_unknown_characters_show_a_box():
    assert text_strokes("ж", 10)[0] == text_strokes("漢", 10)[0] != []


VIETNAMESE = "ăâđêôơư" + "".join(
    unicodedata.normalize("NFC", letter + tone)
    for letter in "aăâeêioôơuưy"
    for tone in "\u0300\u0301\u0303\u0309\u0323"
)


def test_every_vietnamese_letter_is_drawn():
    box = text_strokes("漢", 10)[0]
    letters = VIETNAMESE + VIETNAMESE.upper()
    drawn = [text_strokes(letter, 10)[0] for letter in letters]
    assert len(letters) == 2 * 67 and all(strokes != box for strokes in drawn)
    # No two look the same, and each is the letter without marks and something besides.
    assert len({str(strokes) for strokes in drawn}) == len(letters)
    points = [point for strokes in drawn for stroke in strokes for point in stroke]
    assert all(-0.01 <= x <= 7.5 and -2.2 <= y <= 10.4 for x, y in points)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_look_the_same(form):
    assert text_strokes(unicodedata.normalize(form, "Tiếng Việt"), 10) == text_strokes("Tiếng Việt", 10)


def test_printable_ascii_is_drawn():
    box = text_strokes("漢", 10)[0]
    assert [c for c in map(chr, range(33, 127)) if text_strokes(c, 10)[0] == box] == []


def test_a_label_that_is_too_wide_ends_in_dots():
    assert fitted_text("mèo", 12, 100) == "mèo"
    short = fitted_text("voi rừng châu Á", 12, 60)
    assert short.startswith("voi") and short.endswith("...") and text_strokes(short, 12)[1] <= 60


def test_slanted_text_rises():
    canvas = Canvas(100, 100)
    canvas.text(10, 90, "-------", 20, (0.0, 0.0, 0.0), angle=45)
    rows, columns = numpy.nonzero(canvas.pixels[:, :, 0] < 0.5)
    assert numpy.corrcoef(rows, columns)[0, 1] < -0.99


def test_long_names_of_columns_stand_whole_above_the_confusion_matrix():
    counts = numpy.eye(2)
    short, long = (
        confusion_matrix(counts, ["air", "auto"]),
        confusion_matrix(counts, ["airplane", "automobile"]),
    )
    assert long.pixels.shape[0] > short.pixels.shape[0]
    # A head that is cut to the width of its column would look the same for both.
    other = confusion_matrix(counts, ["airplane", "automobiel"])
    assert (long.pixels != other.pixels).any(axis=2)[: long.pixels.shape[0] - 2 * 52 - 40].any()


def test_text_width_and_alignment():
    assert text_strokes("1234", 10)[1] == text_strokes("8070", 10)[1]
    assert text_strokes("ab", 20)[1] == pytest.approx(2 * text_strokes("ab", 10)[1])

    def columns(align):
        canvas = Canvas(200, 40)
        canvas.text(100, 30, "mmm", 20, (0.0, 0.0, 0.0), align=align)
        dark = numpy.flatnonzero(canvas.pixels.min(axis=(0, 2)) < 0.5)
        return dark.min(), dark.max()

    assert columns("left")[0] >= 99 and columns("right")[1] <= 101
    assert sum(columns("center")) / 2 == pytest.approx(100, abs=1.5)


@pytest.mark.parametrize("low", [0.0, -3.7, 1e-7, 12345.6])
@pytest.mark.parametrize("span", [1e-9, 0.013, 1.0, 7.77, 1e6])
def test_ticks_enclose_and_are_round(low, span):
    high = low + span
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low + 1e-6 * span and ticks[-1] >= high - 1e-6 * span
    assert 3 <= len(ticks) <= 9
    steps = numpy.diff(ticks)
    assert steps == pytest.approx(numpy.full(len(steps), steps[0]), rel=1e-3)
    mantissa = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-6)
    assert min(abs(mantissa - round_one) for round_one in (1, 2, 5)) < 1e-3


def test_ticks_of_a_single_value():
    for value in (0.0, 3.0, -2.0):
        ticks = nice_ticks(value, value)
        assert ticks[0] < value < ticks[-1]


@pytest.mark.parametrize(
    "value, step, is_percent, text",
    [
        (0.5, 0.5, False, "0.5"),
        (2.0, 1.0, False, "2"),
        (0.25, 0.05, False, "0.25"),
        (0.3, 0.1, False, "0.3"),
        (2e6, 1e6, False, "2.0e+06"),
        (0.9, 0.1, True, "90 %"),
        (0.955, 0.005, True, "95.5 %"),
    ],
)
def test_tick_labels(value, step, is_percent, text):
    assert tick_label(value, step, is_percent) == text


def rows_of(losses):
    return [{"epoch": i + 1, "train_loss": loss, "validation_accuracy": 0.5} for i, loss in enumerate(losses)]


def test_curves_paint_each_series_in_its_colour(tmp_path):
    curves(rows_of([2.0, 1.0, 0.5]), "digits").save(tmp_path / "curves.png")
    pixels = read_png(tmp_path / "curves.png")
    assert pixels.shape == (512, 1240, 3)
    assert count_color(pixels[:, :620], COLORS[0]) > 300  # the loss
    assert count_color(pixels[:, 620:], COLORS[0]) > 300  # the accuracy, alone in its panel
    assert count_color(pixels, COLORS[1]) == 0


def test_higher_values_lie_higher(tmp_path):
    def line_rows(losses):
        curves(rows_of(losses)).save(tmp_path / "curves.png")
        pixels = read_png(tmp_path / "curves.png")[90:, :620]
        rows, _ = numpy.nonzero((pixels == numpy.rint(numpy.array(COLORS[0]) * 255)).all(axis=2))
        return rows.mean()

    assert line_rows([2.0, 2.0, 2.0, 0.1]) < line_rows([2.0, 0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    "losses",
    [
        [1.0],
        [1.0, 1.0],
        [0.0],
        [math.nan, math.nan],
        [1.0, math.nan, 2.0],
        [math.inf, 1.0],
        [1e30, 1e-30],
        [1.0] * 300,
    ],
    ids=str,
)
def test_odd_curves_can_be_drawn(tmp_path, losses):
    curves(rows_of(losses)).save(tmp_path / "curves.png")
    assert (read_png(tmp_path / "curves.png") < 255).any()


def test_a_gap_stays_open(tmp_path):
    panel = Panel(
        "t", "x", [Series("s", [(1, 1.0), (2, 1.0), (3, math.nan), (4, 1.0), (5, 1.0)])], (0.0, 2.0)
    )
    draw_chart([panel]).save(tmp_path / "chart.png")
    pixels = read_png(tmp_path / "chart.png")[90:]
    columns = numpy.flatnonzero((pixels == numpy.rint(numpy.array(COLORS[0]) * 255)).all(axis=2).any(axis=0))
    assert numpy.diff(columns).max() > 100


def test_too_many_series(tmp_path):
    panel = Panel("t", "x", [Series(str(i), [(1, 1.0)]) for i in range(5)])
    with pytest.raises(ValueError, match="at most 4 series, but got 5"):
        draw_chart([panel]).save(tmp_path / "chart.png")


def test_what_cannot_be_drawn_is_named():
    layer = lampas.nn.Conv2d(1, 2, 3)
    with pytest.raises(TypeError, match="a Conv2d is no array of numbers; its weight can be drawn"):
        filters(layer)
    with pytest.raises(TypeError, match="a tensor that was computed, not of a Conv2d"):
        graph(layer)
    with pytest.raises(ValueError, match="1 names for 2 classes"):
        confusion_matrix([[1, 2], [3, 4]], ["a"])
