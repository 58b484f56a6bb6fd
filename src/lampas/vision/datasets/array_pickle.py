"""Reads pickles of dictionaries, lists, text, numbers and NumPy arrays of bytes without executing anything.

What such a pickle calls is replaced by stand-ins that only note their arguments.
"""

import math
import pickle

import numpy


class _DType:
    """Stands for numpy.dtype."""

    def __init__(self, name, *_):
        self.name = name.decode() if isinstance(name, bytes) else name

    def __setstate__(self, state):
        pass  # byte order and fields: bytes have neither


class _Array:
    """Stands for the array that numpy's _reconstruct begins and __setstate__ completes."""

    def __init__(self, *_):
        self.values = None

    def __setstate__(self, state):
        _, shape, dtype, is_fortran, contents = state
        if dtype.name != "u1" or is_fortran or not isinstance(contents, bytes):
            raise pickle.UnpicklingError("only arrays of bytes in C order are read")
        if math.prod(shape) != len(contents) or min(shape, default=0) < 0:
            raise pickle.UnpicklingError(f"an array of shape {shape} has {len(contents)} bytes")
        self.values = numpy.frombuffer(contents, numpy.uint8).reshape(shape)


def _encode(text, encoding):
    return text.encode("latin1")  # how Python 3 writes bytes for Python 2


_STAND_INS = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _DType,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("_codecs", "encode"): _encode,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) in _STAND_INS:
            return _STAND_INS[module, name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no data set needs")


def load_arrays(path):
    """Return the dictionary in a pickle, with text as keys.

    Args:
        path (str): the file, as Python 2 or 3 wrote it.

    Raises:
        RuntimeError: naming the file, where it is no such pickle or asks for anything else.
    """
    try:
        with open(path, "rb") as file:
            contents = _Unpickler(file, encoding="bytes").load()
        items = contents.items()
    except OSError:
        raise
    except Exception as error:  # a damaged pickle can raise nearly everything
        raise RuntimeError(f"{path} is corrupt: {error}") from error
    return {
        key.decode() if isinstance(key, bytes) else key: value.values if isinstance(value, _Array) else value
        for key, value in items
    }
