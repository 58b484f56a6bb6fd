"""A font of strokes: each character is a few lines and arcs, drawn at any size.

A glyph is written as commands: `m x y` moves, `l x y` draws a line, `a x y rx ry from to` draws an arc of the
ellipse around (x, y) between two angles in degrees. Capitals are 7 units high, small letters 5; y points up.
A letter with marks, as Vietnamese and other languages have them, is drawn as the letter and its marks.
"""

import math
import unicodedata

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
    '"': "m .3 7 l .3 5.4 m 1.8 7 l 1.8 5.4",
    "!": "m .3 7 l .3 2 m .3 0 l .3 .1",
    "?": "a 1.7 5.3 1.7 1.7 170 -60 l 1.7 2.2 m 1.7 0 l 1.7 .1",
    ";": "m .6 .1 l .1 -1.2 m .6 4 l .6 4.1",
    "#": "m 1 0 l 2 7 m 3.2 0 l 4.2 7 m 0 2.3 l 5 2.3 m .3 4.7 l 5.3 4.7",
    "$": "a 2.2 5 2 1.6 40 270 a 2.2 1.8 2.2 1.6 90 -140 m 2.2 7.4 l 2.2 -.6",
    "&": "m 5 0 l 1.3 4.6 a 2.2 5.5 1.3 1.5 220 -60 l 1.2 3.4 a 2 1.8 2 1.8 120 330 l 4.8 3",
    "*": "m 1.8 6.8 l 1.8 3.8 m .4 6 l 3.2 4.6 m 3.2 6 l .4 4.6",
    "<": "m 3.6 5.4 l 0 3.2 l 3.6 1",
    ">": "m 0 5.4 l 3.6 3.2 l 0 1",
    "@": "a 3.3 2.6 1.4 1.8 0 360 m 4.7 4.4 l 4.7 1.6 a 5.6 1.8 .9 .9 190 360 a 3.3 2.8 3.3 3.9 0 300",
    "[": "m 1.6 7.5 l 0 7.5 l 0 -1 l 1.6 -1",
    "]": "m 0 7.5 l 1.6 7.5 l 1.6 -1 l 0 -1",
    "{": "a 1.8 6.3 .9 1.2 90 180 l .9 4.4 l .1 3.25 l .9 2.1 l .9 .2 a 1.8 .2 .9 1.2 180 270",
    "}": "a .1 6.3 .9 1.2 90 0 l 1 4.4 l 1.8 3.25 l 1 2.1 l 1 .2 a .1 .2 .9 1.2 0 -90",
    "\\": "m 0 7.5 l 2.8 -1",
    "|": "m .3 7.5 l .3 -1",
    "^": "m 0 4.6 l 1.7 7 l 3.4 4.6",
    "`": "m 0 7.2 l 1.2 5.8",
    "~": "m 0 2.8 l 1.1 3.6 l 2.9 2.8 l 4 3.6",
    "\u0131": "m .3 5 l .3 0",  # i without its dot, below a mark
    "\u0237": "m 1 5 l 1 -.6 a 0 -.6 1 1.4 0 -90",  # j without its dot
    "\u0111": "a 1.9 2.5 1.9 2.5 0 360 m 3.8 7.2 l 3.8 0 m 2.2 6.2 l 5 6.2",  # Vietnamese d with a bar
    "\u0110": "m 1 0 l 1 7 l 2.6 7 a 2.6 3.5 3.4 3.5 90 -90 l 1 0 m 0 3.5 l 3 3.5",
}
_DOTLESS = {"i": "\u0131", "j": "\u0237"}
# Marks around x = 0, by Unicode's combining characters. Those above begin a little over the letter's top ...
_MARKS_ABOVE = {
    "\u0300": "m -.7 1.6 l .5 .3",  # grave
    "\u0301": "m .7 1.6 l -.5 .3",  # acute
    "\u0302": "m -1.2 .2 l 0 1.3 l 1.2 .2",  # circumflex
    "\u0303": "m -1.4 .4 l -.6 1.1 l .6 .5 l 1.4 1.2",  # tilde
    "\u0304": "m -1.2 .7 l 1.2 .7",  # macron
    "\u0306": "a 0 1.3 1.2 1.1 180 360",  # breve
    "\u0307": "m 0 .7 l 0 .8",  # dot
    "\u0308": "m -.9 .7 l -.9 .8 m .9 .7 l .9 .8",  # diaeresis
    "\u0309": "a 0 1.4 .7 .6 170 -60 l 0 .2",  # hook
    "\u030a": "a 0 .9 .7 .7 0 360",  # ring
    "\u030c": "m -1.2 1.3 l 0 .2 l 1.2 1.3",  # caron
}
# ... those below at the base line, and the horn at the letter's upper right corner.
_MARKS_BELOW = {
    "\u0323": "m 0 -1.5 l 0 -1.4",  # dot
    "\u0327": "m 0 0 l 0 -.6 a -.2 -1.2 .7 .6 60 -150",  # cedilla
}
_HORN, _HORN_MARK = "\u031b", "m -.7 -.5 a .1 .6 .9 1 270 380"
# A second mark above: a tone stands beside the circumflex or breve, any other on top of it.
_SECOND_MARK = {"\u0300": (-1.7, 0.6), "\u0301": (1.7, 0.6), "\u0309": (1.9, 0.6)}
_ON_TOP = (0.0, 1.5)
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


def _moved(strokes, x, y):
    return [[(px + x, py + y) for px, py in stroke] for stroke in strokes]


def _marked(letter, marks):
    """Return the strokes of a letter and of the combining marks on it, None where one is unknown."""
    above = [mark for mark in marks if mark in _MARKS_ABOVE]
    known = {*above, *_MARKS_BELOW, _HORN}
    base = _DOTLESS.get(letter, letter) if above else letter
    if base not in _GLYPHS or not known.issuperset(marks):
        return None
    body = _strokes(_GLYPHS[base])
    right = max(x for stroke in body for x, _ in stroke)
    top = 7.0 if letter.isupper() or letter in "bdfhklt" else 5.0
    strokes = list(body)
    for mark in marks:
        if mark == _HORN:
            strokes += _moved(_strokes(_HORN_MARK), right, top)
        elif mark in _MARKS_BELOW:
            strokes += _moved(_strokes(_MARKS_BELOW[mark]), right / 2, 0.0)
    for i, mark in enumerate(above):
        x, y = (0.0, 0.0) if i == 0 else _SECOND_MARK.get(mark, _ON_TOP)
        strokes += _moved(_strokes(_MARKS_ABOVE[mark]), right / 2 + x, top + 0.6 + y)
    return _moved(strokes, max(0.0, -min(x for stroke in strokes for x, _ in stroke)), 0.0)


def _characters(text):
    """Return (character, strokes) for each letter with its marks; a space has no strokes."""
    characters = []
    for character in unicodedata.normalize("NFC", text):
        letter, *marks = list(unicodedata.normalize("NFD", character))
        if character.isspace():
            strokes = []
        else:
            strokes = _marked(letter, marks) or _strokes(_UNKNOWN)
        characters.append((character, strokes))
    return characters


def _advance(character, strokes):
    if character.isdigit():
        return _DIGIT_WIDTH + _SPACE_BETWEEN
    return max(x for stroke in strokes for x, _ in stroke) + _SPACE_BETWEEN


def text_strokes(text, size):
    """Return the strokes and the width of a line of text; its base line begins at (0, 0), y points up."""
    unit = size / UNITS_PER_SIZE
    placed, x = [], 0.0
    for character, strokes in _characters(text):
        if not strokes:
            x += _SPACE_WIDTH + _SPACE_BETWEEN
            continue
        placed += [[((x + px) * unit, py * unit) for px, py in stroke] for stroke in strokes]
        x += _advance(character, strokes)
    return placed, max(0.0, x - _SPACE_BETWEEN) * unit


def fitted_text(text, size, width):
    """Return a text, cut short with three dots where it is wider than `width`.

    Example:
        >>> fitted_text("aeroplane", 10, 100), fitted_text("aeroplane", 10, 25)
        ('aeroplane', 'aero...')
    """
    if text_strokes(text, size)[1] <= width:
        return text
    kept = len(text)
    while kept > 1 and text_strokes(text[:kept].rstrip() + "...", size)[1] > width:
        kept -= 1
    return text[:kept].rstrip() + "..."
