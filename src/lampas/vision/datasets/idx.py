"""Reads idx files, the format of MNIST: a header of sizes, then numbers. Source: the MNIST page."""

import gzip
import math
import os
import zlib

import numpy

import lampas

_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def find_idx(path):
    """Return the path of an idx file as it lies there, extracted or with ".gz", or None."""
    for candidate in (path, path + ".gz"):
        if os.path.isfile(candidate):
            return candidate
    return None


def _corrupt(path, problem):
    return RuntimeError(f"{path} is corrupt: {problem}; delete it and load the data set with download=True")


def _contents(path):
    try:
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
            return bytearray(file.read())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _corrupt(path, f"it does not decompress ({error})") from error


def read_idx(path):
    """Return the tensor in an idx file.

    Args:
        path (str): the file, compressed if the name ends in ".gz".

    Raises:
        RuntimeError: naming the file, where the header or the length is not right.
    """
    contents = _contents(path)
    if len(contents) < 4 or contents[0] or contents[1] or contents[2] not in _DTYPES:
        raise _corrupt(path, f"its first bytes {bytes(contents[:4]).hex(' ')!r} do not begin an idx file")
    dtype, dimensions = numpy.dtype(_DTYPES[contents[2]]), contents[3]
    header_size = 4 + 4 * dimensions
    if len(contents) < header_size:
        raise _corrupt(path, "it ends within the header")
    shape = tuple(int(size) for size in numpy.frombuffer(contents, ">i4", dimensions, offset=4))
    expected = header_size + math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(contents) != expected:
        raise _corrupt(path, f"it has {len(contents)} bytes where its header, shape {shape}, says {expected}")
    try:
        array = numpy.frombuffer(contents, dtype, offset=header_size).reshape(shape)
    except ValueError as error:  # more dims than NumPy has, or sizes beyond memory beside a size of 0
        raise _corrupt(path, f"its header, shape {shape}, is not possible ({error})") from None
    return lampas.from_numpy(array.astype(dtype.newbyteorder("="), copy=False))


def write_idx(path, array):
    """Write a NumPy array of bytes as a compressed idx file; the same array always gives the same bytes."""
    header = bytes([0, 0, 0x08, array.ndim]) + numpy.array(array.shape, ">i4").tobytes()
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as compressed:
        compressed.write(header + array.astype("u1").tobytes())
