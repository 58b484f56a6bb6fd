"""A font of strokes: each character is a few lines and arcs, drawn at any size.

A glyph is written as commands: `m x y` moves, `l x y` draws a line, `a x y rx ry from to` draws an arc of the
ellipse around (x, y) between two angles in degrees. Capitals are 7 units high, small letters 5; y points up.
"""

import math

UNITS_PER_SIZE = 10  # a text of size s has units of s / 10 pixels
_SPACE_BETWEEN = 1.5
_SPACE_WIDTH = 1.6
_ARC_STEP = 15  # degrees

_GLYPHS = {
    "0": "a 2.2 3.5 2.2 3.5 0 360",
    "1": "m .8 5.5 l 2.4 7 l 2.4 0",
    "2": "a 2.2 4.9 2.1 2.1 165 -35 l .1 0 l 4.4 0",
    "3": "a 2.1 5.2 1.9 1.8 150 -90 a 2.1 1.7 2.3 1.7 90 -155",
    "4": "m 3.3 0 l 3.3 7 l 0 2.1 l 4.5 2.1",
    "5": "m 4 7 l .8 7 l .5 3.9 a 2.1 2.25 2.25 2.25 134 -150",
    "6": "a 2.2 2.2 2.2 2.2 0 360 m 0 2.2 a 4.2 2.4 4.2 4.6 180 100",
    "7": "m 0 7 l 4.4 7 l 1.6 0",
    "8": "a 2.2 5.25 1.8 1.75 0 360 a 2.2 1.75 2.2 1.75 0 360",
    "9": "a 2.2 4.8 2.2 2.2 0 360 m 4.4 4.6 a .2 4.6 4.2 4.6 0 -80",
    "A": "m 0 0 l 2.5 7 l 5 0 m .9 2.4 l 4.1 2.4",
    "B": "m 0 0 l 0 7 l 2.3 7 a 2.3 5.25 1.8 1.75 90 -90 l 0 3.5 m 2.3 3.5 a 2.3 1.75 2.1 1.75 90 -90 l 0 0",
    "C": "a 2.9 3.5 2.9 3.5 50 310",
    "D": "m 0 0 l 0 7 l 1.6 7 a 1.6 3.5 3.4 3.5 90 -90 l 0 0",
    "E": "m 4 7 l 0 7 l 0 0 l 4 0 m 0 3.6 l 3.4 3.6",
    "F": "m 4 7 l 0 7 l 0 0 m 0 3.6 l 3.4 3.6",
    "G": "a 2.9 3.5 2.9 3.5 50 360 l 3.4 3.5",
    "H": "m 0 0 l 0 7 m 4.8 0 l 4.8 7 m 0 3.6 l 4.8 3.6",
    "I": "m .3 0 l .3 7",
    "J": "m 3 7 l 3 2 a 1.5 2 1.5 2 0 -170",
    "K": "m 0 0 l 0 7 m 4.3 7 l 0 2.6 m 1.5 4.1 l 4.6 0",
    "L": "m 0 7 l 0 0 l 3.8 0",
    "M": "m 0 0 l 0 7 l 2.9 1.5 l 5.8 7 l 5.8 0",
    "N": "m 0 0 l 0 7 l 4.8 0 l 4.8 7",
    "O": "a 2.9 3.5 2.9 3.5 0 360",
    "P": "m 0 0 l 0 7 l 2.3 7 a 2.3 5.1 2 1.9 90 -90 l 0 3.2",
    "Q": "a 2.9 3.5 2.9 3.5 0 360 m 3.6 1.6 l 5.6 -.5",
    "R": "m 0 0 l 0 7 l 2.3 7 a 2.3 5.1 2 1.9 90 -90 l 0 3.2 m 2.3 3.2 l 4.4 0",
    "S": "a 2.2 5.2 2 1.8 40 270 a 2.2 1.7 2.2 1.7 90 -140",
    "T": "m 0 7 l 4.8 7 m 2.4 7 l 2.4 0",
    "U": "m 0 7 l 0 2.4 a 2.4 2.4 2.4 2.4 180 360 l 4.8 7",
    "V": "m 0 7 l 2.5 0 l 5 7",
    "W": "m 0 7 l 1.7 0 l 3.5 6.6 l 5.3 0 l 7 7",
    "X": "m 0 0 l 4.6 7 m 0 7 l 4.6 0",
    "Y": "m 0 7 l 2.4 3.4 l 4.8 7 m 2.4 3.4 l 2.4 0",
    "Z": "m 0 7 l 4.5 7 l 0 0 l 4.6 0",
    "a": "a 1.9 2.5 1.9 2.5 0 360 m 3.8 5 l 3.8 0",
    "b": "m 0 7.2 l 0 0 a 1.9 2.5 1.9 2.5 0 360",
    "c": "a 2 2.5 2 2.5 50 310",
    "d": "a 1.9 2.5 1.9 2.5 0 360 m 3.8 7.2 l 3.8 0",
    "e": "m .1 2.6 l 3.9 2.6 a 2 2.5 1.95 2.5 0 310",
    "f": "a 2.2 5.7 1.1 1.5 60 180 l 1.1 0 m 0 4.8 l 2.4 4.8",
    "g": "a 1.9 2.5 1.9 2.5 0 360 m 3.8 5 l 3.8 -.4 a 1.9 -.4 1.9 1.7 0 -150",
    "h": "m 0 7.2 l 0 0 m 0 3 a 1.8 3 1.8 2 180 0 l 3.6 0",
    "i": "m .3 5 l .3 0 m .3 6.9 l .3 7",
    "j": "m 1 5 l 1 -.6 a 0 -.6 1 1.4 0 -90 m 1 6.9 l 1 7",
    "k": "m 0 7.2 l 0 0 m 3.2 5 l 0 1.9 m 1.1 3 l 3.5 0",
    "l": "m .3 7.2 l .3 0",
    "m": "m 0 5 l 0 0 m 0 3.2 a 1.5 3.2 1.5 1.8 180 0 l 3 0 m 3 3.2 a 4.5 3.2 1.5 1.8 180 0 l 6 0",
    "n": "m 0 5 l 0 0 m 0 3 a 1.8 3 1.8 2 180 0 l 3.6 0",
    "o": "a 2 2.5 2 2.5 0 360",
    "p": "m 0 5 l 0 -2 a 1.9 2.5 1.9 2.5 0 360",
    "q": "a 1.9 2.5 1.9 2.5 0 360 m 3.8 5 l 3.8 -2",
    "r": "m 0 5 l 0 0 m 0 3 a 1.7 3 1.7 2 180 70",
    "s": "a 1.6 3.75 1.5 1.25 40 270 a 1.6 1.25 1.65 1.25 90 -140",
    "t": "m 1.1 6.6 l 1.1 1.3 a 2.2 1.3 1.1 1.3 180 290 m 0 4.8 l 2.6 4.8",
    "u": "m 0 5 l 0 2 a 1.8 2 1.8 2 180 360 m 3.6 5 l 3.6 0",
    "v": "m 0 5 l 1.8 0 l 3.6 5",
    "w": "m 0 5 l 1.3 0 l 2.7 4.6 l 4.1 0 l 5.4 5",
    "x": "m 0 0 l 3.4 5 m 0 5 l 3.4 0",
    "y": "m 0 5 l 1.8 0 m 3.6 5 l 1.1 -2",
    "z": "m 0 5 l 3.3 5 l 0 0 l 3.4 0",
    ".": "m .3 0 l .3 .1",
    ",": "m .6 .1 l .1 -1.2",
    ":": "m .3 0 l .3 .1 m .3 4 l .3 4.1",
    "-": "m 0 2.7 l 2.6 2.7",
    "+": "m 0 3.2 l 4 3.2 m 2 1.2 l 2 5.2",
    "=": "m 0 2.2 l 4 2.2 m 0 4.2 l 4 4.2",
    "_": "m 0 -1 l 4.4 -1",
    "/": "m 0 -1 l 2.8 7.5",
    "(": "a 3 3 2.6 4.6 130 230",
    ")": "a -1.2 3 2.6 4.6 50 -50",
    "%": "a 1.4 5.4 1.4 1.6 0 360 a 5.4 1.6 1.4 1.6 0 360 m 1.2 0 l 5.6 7",
    "'": "m .3 7 l .3 5.4",
}
_UNKNOWN = "m 0 0 l 3.6 0 l 3.6 7 l 0 7 l 0 0"
_DIGIT_WIDTH = 4.4  # all digits take the same place, so that numbers line up


def _arc(x, y, radius_x, radius_y, start, end):
    """Return points along an ellipse between two angles in degrees, which may run either way."""
    steps = max(1, round(abs(end - start) / _ARC_STEP))
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + radius_x * math.cos(angle), y + radius_y * math.sin(angle)) for angle in angles]


def _strokes(commands):
    """Return the strokes of a glyph, each a list of points."""
    words = iter(commands.split())
    strokes = []
    for command in words:
        count = 6 if command == "a" else 2
        numbers = [float(next(words)) for _ in range(count)]
        if command == "m":
            strokes.append([tuple(numbers)])
        elif command == "l":
            strokes[-1].append(tuple(numbers))
        else:
            points = _arc(*numbers)
            if strokes and math.dist(strokes[-1][-1], points[0]) < 0.3:
                strokes[-1] += points
            else:
                strokes.append(points)
    return strokes


def _advance(character, strokes):
    if character.isdigit():
        return _DIGIT_WIDTH + _SPACE_BETWEEN
    return max(x for stroke in strokes for x, _ in stroke) + _SPACE_BETWEEN


def text_strokes(text, size):
    """Return the strokes and the width of a line of text; its base line begins at (0, 0), y points up."""
    unit = size / UNITS_PER_SIZE
    placed, x = [], 0.0
    for character in text:
        if character == " ":
            x += _SPACE_WIDTH + _SPACE_BETWEEN
            continue
        strokes = _strokes(_GLYPHS.get(character, _UNKNOWN))
        placed += [[((x + px) * unit, py * unit) for px, py in stroke] for stroke in strokes]
        x += _advance(character, strokes)
    return placed, max(0.0, x - _SPACE_BETWEEN) * unit
