"""Fourier transforms, and the real part that their gradients take."""

import numpy as np

from ops.case import OpCase
from ops.cases.view import samples_of
from ops.sample import ALL_DTYPES, COMPLEX, FLOATS, INTEGERS


def transform(name, path, calls, wrong_calls, dtypes=FLOATS + COMPLEX + INTEGERS, **properties):
    """A row of lampas.fft; NumPy has the same names and parameters but for `dim`."""

    def reference(input, size=None, dim=None, norm=None):
        single = path.split(".")[1] in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
        if dim is None:
            dim = -1 if single else tuple(range(input.ndim))[-len(size) if size else 0 :]
        place = {"axis" if single else "axes": dim}
        return getattr(np.fft, path.split(".")[1])(input, size, norm=norm, **place)

    return OpCase(
        name,
        samples_of(*calls),
        reference,
        "function out",
        function=path,
        dtypes=dtypes,
        tolerance=30,
        errors=samples_of(*wrong_calls),
        **properties,
    )


ONE_DIM = [((5,),), ((2, 4), 6), ((2, 4), 3, 0, "ortho"), ((2, 4), None, -1, "forward")]
WRONG = [((5,), 0), ((5,), None, 1), ((5,), None, 0, "none"), ((0,),)]
SEVERAL = [((2, 4),), ((2, 4), (3, 5)), ((2, 3, 4), None, (0, 2), "ortho"), ((2, 3), (2,), (1,), "forward")]

CASES = [
    transform("_fft_c2c", "fft.fft", ONE_DIM, WRONG, covers=("_fft_r2c",)),
    transform("_fft_c2r", "fft.irfft", [((5,),), ((2, 4), 5), ((2, 4), 6, 1, "ortho")], WRONG),
    transform(
        "fftn", "fft.fftn", SEVERAL, [((2, 3), (1, 2, 3)), ((2, 3), None, (0, 0)), ((2, 3), (1,), (0, 1))]
    ),
    OpCase("real", samples_of(((3,),), ((),)), np.real, "function", dtypes=ALL_DTYPES, view=True),
]
