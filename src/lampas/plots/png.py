"""Pictures as PNG files. Source: the PNG specification (ISO/IEC 15948), sections 5 and 11."""

import struct
import zlib


def _chunk(kind, contents):
    checksum = zlib.crc32(kind + contents)
    return struct.pack(">I", len(contents)) + kind + contents + struct.pack(">I", checksum)


def encode_png(pixels):
    """Return a picture as the bytes of a PNG file.

    Args:
        pixels (NumPy array): uint8, (height, width, channels): red, green, blue, and opacity if four.
    """
    height, width, channels = pixels.shape
    # 8 bits a channel, colour type 2 (RGB) or 6 (RGBA), then compression, filter and interlacing, all 0.
    header = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)  # each row begins with its filter: none
    contents = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + contents
