"""Pictures of other sizes: interpolation, borders, sliding blocks."""

import itertools

import numpy as np

from ops.case import OpCase
from ops.sample import COMPLEX, FLOATS, NUMBERS, REAL_FLOATS, Sample


def apply_along(input, matrices):
    """Multiply each of the last dims by a matrix (out, in)."""
    first = input.ndim - len(matrices)
    for dim, matrix in enumerate(matrices, first):
        input = np.moveaxis(np.tensordot(matrix, input, axes=(1, dim)), 0, dim)
    return input


def place_of(output, size, count, align_corners, scale):
    """Where an element of the result lies in the input."""
    if align_corners:
        return output * ((size - 1) / (count - 1) if count > 1 else 0.0)
    return (output + 0.5) * (1 / scale if scale else size / count) - 0.5


def keys(distance, a):
    """The cubic convolution kernel of R. Keys."""
    x = abs(distance)
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else 0.0


def nearest(size, count, align_corners, scale, shift=0.0):
    matrix = np.zeros((count, size))
    for output in range(count):
        matrix[output, min(int((output + shift) * (1 / scale if scale else size / count)), size - 1)] = 1
    return matrix


def nearest_exact(size, count, align_corners, scale):
    return nearest(size, count, align_corners, scale, 0.5)


def linear(size, count, align_corners, scale):
    matrix = np.zeros((count, size))
    for output in range(count):
        place = min(max(place_of(output, size, count, align_corners, scale), 0.0), size - 1)
        for column in range(size):
            matrix[output, column] = max(0.0, 1 - abs(place - column))
    return matrix


def cubic(size, count, align_corners, scale):
    matrix = np.zeros((count, size))
    for output in range(count):
        place = place_of(output, size, count, align_corners, scale)
        for column in range(int(np.floor(place)) - 1, int(np.floor(place)) + 3):
            matrix[output, min(max(column, 0), size - 1)] += keys(place - column, -0.75)
    return matrix


def antialiased(reach):
    def matrix_of(size, count, align_corners, scale):
        aligned = (size - 1) / (count - 1) if count > 1 else 0.0
        step = aligned if align_corners else (1 / scale if scale else size / count)
        wide = max(step, 1.0)
        matrix = np.zeros((count, size))
        for output in range(count):
            center = step * (output + 0.5)
            begin = max(int(center - reach * wide + 0.5), 0)
            for column in range(begin, min(int(center + reach * wide + 0.5), size)):
                distance = (column - center + 0.5) / wide
                matrix[output, column] = max(0.0, 1 - abs(distance)) if reach == 1 else keys(distance, -0.5)
        return matrix / matrix.sum(axis=1, keepdims=True)

    return matrix_of


def resized(matrix_of, aligns):
    def reference(input, output_size, *options):
        align_corners, scales = (options[0], options[1:]) if aligns else (False, options)
        scales = list(scales) + [None] * (len(output_size) - len(scales))
        sizes = input.shape[2:]
        matrices = [
            matrix_of(size, count, align_corners, scale)
            for size, count, scale in zip(sizes, output_size, scales, strict=True)
        ]
        return apply_along(input, matrices)

    return reference


def resize_samples(dims, aligns):
    shape = [2, 3, 4, 5, 3][: dims + 2]

    def samples(values):
        for sizes in ([7, 3, 6], [4, 5, 3], [1, 9, 2]):
            for align_corners in (False, True) if aligns else (None,):
                options = () if align_corners is None else (align_corners,)
                yield Sample(values.tensor(*shape), sizes[:dims], *options)
        options = (False,) if aligns else ()
        yield Sample(values.tensor(*shape), [9, 7, 7][:dims], *options, *[2.3, 1.5, 2.4][:dims])

    return samples


def wrong_resize(dims, aligns):
    shape = [2, 3, 4, 5, 3][: dims + 2]
    options = (False,) if aligns else ()

    def errors(values):
        yield Sample(values.tensor(*shape), [2] * (dims + 1), *options)
        yield Sample(values.tensor(*shape[1:]), [2] * dims, *options)
        yield Sample(values.tensor(*shape), [0] * dims, *options)
        yield Sample(values.tensor(2, 0, *shape[2:]), [2] * dims, *options)

    return errors


def resize_row(name, matrix_of, dims, aligns, dtypes=REAL_FLOATS):
    return OpCase(
        name,
        resize_samples(dims, aligns),
        resized(matrix_of, aligns),
        "function",
        dtypes=dtypes,
        errors=wrong_resize(dims, aligns),
        tolerance=30,
    )


def mirrored(size, before, behind):
    places = [abs(place) for place in range(-before, size + behind)]
    return [place if place < size else 2 * (size - 1) - place for place in places]


def repeated(size, before, behind):
    return [min(max(place, 0), size - 1) for place in range(-before, size + behind)]


def from_other_side(size, before, behind):
    kept = list(range(max(-before, 0), size - max(-behind, 0)))
    before, behind = max(before, 0), max(behind, 0)
    return kept[len(kept) - before :] + kept + kept[:behind]


def bordered(input, padding, places_of):
    for i in range(len(padding) // 2):
        dim = input.ndim - 1 - i
        input = np.take(input, places_of(input.shape[dim], *padding[2 * i : 2 * i + 2]), axis=dim)
    return input


def border(places_of):
    return lambda input, padding: bordered(input, padding, places_of)


def padded(input, pad, mode="constant", value=None):
    if mode != "constant":
        places = {"reflect": mirrored, "replicate": repeated, "circular": from_other_side}[mode]
        return bordered(input, pad, places)
    for i in range(len(pad) // 2):
        dim, (before, behind) = input.ndim - 1 - i, pad[2 * i : 2 * i + 2]
        size = input.shape[dim]
        input = np.take(input, range(max(-before, 0), size - max(-behind, 0)), axis=dim)
        widths = [(0, 0)] * input.ndim
        widths[dim] = (max(before, 0), max(behind, 0))
        input = np.pad(input, widths, constant_values=value or 0)
    return input


def border_samples(dims):
    shape = [2, 3, 4, 5, 3][: dims + 2]

    def samples(values):
        yield Sample(values.tensor(*shape), [1, 2, 2, 1, 3, 0][: 2 * dims])
        yield Sample(values.tensor(*shape[1:]), [2] * (2 * dims))
        yield Sample(values.tensor(*shape), [-1, 2, 0, -1, 1, 1][: 2 * dims])

    return samples


def wrong_border(dims):
    shape = [2, 3, 4, 5, 3][: dims + 2]

    def errors(values):
        yield Sample(values.tensor(*shape), [1] * (2 * dims + 1))
        yield Sample(values.tensor(4), [1] * (2 * dims))
        yield Sample(values.tensor(2, 3, *[0] * dims), [1] * (2 * dims))

    return errors


def pad_samples(values):
    yield Sample(values.tensor(2, 3), [1, 2])
    yield Sample(values.tensor(2, 3), [1, -1, -1, 2], value=2.0)
    for mode in ("reflect", "replicate", "circular"):
        yield Sample(values.tensor(2, 3, 4), [1, 2], mode=mode)
        yield Sample(values.tensor(3, 4, 5), [1, 2, 2, -1], mode=mode)
        yield Sample(values.tensor(1, 2, 4, 5, 3), [1, 2, 2, 1, 3, 1], mode=mode)


def wrong_pad(values):
    yield Sample(values.tensor(2, 3, 4), [1, 2, 3])
    yield Sample(values.tensor(4), [1, 2, 3, 4])
    yield Sample(values.tensor(2, 3, 4), [1, 2], mode="nonsense")
    yield Sample(values.tensor(2, 3, 4), [1, 2], mode="reflect", value=1.0)
    yield Sample(values.tensor(2, 3, 4), [5, 2], mode="reflect")
    yield Sample(values.tensor(2, 3, 4), [5, 2], mode="circular")
    yield Sample(values.tensor(2, 3, 4), [-5, -1], mode="circular")
    yield Sample(values.tensor(3, 4), [1, 1, 1, 1], mode="replicate")


def blocks_of(height, width, kernel_size, dilation, padding, stride):
    """For each place in the kernel, the rows and columns that it sees in the picture with its padding."""
    counts = [
        (size + 2 * border - apart * (length - 1) - 1) // step + 1
        for size, length, apart, border, step in zip(
            (height, width), kernel_size, dilation, padding, stride, strict=True
        )
    ]
    for place in itertools.product(*map(range, kernel_size)):
        yield tuple(
            slice(index * apart, index * apart + (count - 1) * step + 1, step)
            for index, apart, count, step in zip(place, dilation, counts, stride, strict=True)
        )


def im2col(input, kernel_size, dilation, padding, stride):
    if input.ndim == 3:
        return im2col(input[None], kernel_size, dilation, padding, stride)[0]
    widths = [(0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2]
    picture = np.pad(input, widths)
    blocks = [
        picture[:, :, rows, columns].reshape(*input.shape[:2], -1)
        for rows, columns in blocks_of(*input.shape[2:], kernel_size, dilation, padding, stride)
    ]
    return np.stack(blocks, axis=2).reshape(input.shape[0], -1, blocks[0].shape[-1])


def col2im(input, output_size, kernel_size, dilation, padding, stride):
    if input.ndim == 2:
        return col2im(input[None], output_size, kernel_size, dilation, padding, stride)[0]
    height, width = output_size
    places = list(blocks_of(height, width, kernel_size, dilation, padding, stride))
    columns = input.reshape(input.shape[0], -1, len(places), input.shape[-1])
    picture = np.zeros(
        (*columns.shape[:2], height + 2 * padding[0], width + 2 * padding[1]), dtype=input.dtype
    )
    for place, (rows, along) in enumerate(places):
        target = picture[:, :, rows, along]
        target += columns[:, :, place].reshape(target.shape)
    return picture[:, :, padding[0] : padding[0] + height, padding[1] : padding[1] + width]


WINDOWS = [
    ((2, 2), (1, 1), (0, 0), (1, 1)),
    ((2, 3), (1, 1), (1, 2), (2, 1)),
    ((3, 2), (2, 1), (1, 0), (1, 2)),
]


def im2col_samples(values):
    for window in WINDOWS:
        yield Sample(values.tensor(2, 3, 6, 5), *window)
    yield Sample(values.tensor(3, 4, 5), *WINDOWS[0])


def col2im_samples(values):
    for kernel_size, *rest in WINDOWS:
        blocks = im2col(np.zeros((2, 3, 6, 5)), kernel_size, *rest)
        yield Sample(values.tensor(*blocks.shape), (6, 5), kernel_size, *rest)
        yield Sample(values.tensor(*blocks.shape[1:]), (6, 5), kernel_size, *rest)


def wrong_im2col(values):
    yield Sample(values.tensor(2, 3, 6, 5), (9, 9), (1, 1), (0, 0), (1, 1))
    yield Sample(values.tensor(2, 3, 6, 5), (0, 2), (1, 1), (0, 0), (1, 1))
    yield Sample(values.tensor(2, 3, 6, 5), (2, 2), (0, 1), (0, 0), (1, 1))
    yield Sample(values.tensor(2, 3, 6, 5), (2, 2), (1, 1), (-1, 0), (1, 1))
    yield Sample(values.tensor(2, 3, 6, 5), (2, 2), (1, 1), (0, 0), (1, 0))
    yield Sample(values.tensor(6, 5), (2, 2), (1, 1), (0, 0), (1, 1))


def wrong_col2im(values):
    yield Sample(values.tensor(7, 20), (6, 5), (2, 2), (1, 1), (0, 0), (1, 1))
    yield Sample(values.tensor(8, 21), (6, 5), (2, 2), (1, 1), (0, 0), (1, 1))
    yield Sample(values.tensor(8), (6, 5), (2, 2), (1, 1), (0, 0), (1, 1))
    yield Sample(values.tensor(8, 20), (6, 5), (0, 2), (1, 1), (0, 0), (1, 1))


def row(name, samples, reference, errors, dtypes, **options):
    return OpCase(name, samples, reference, "function", dtypes=dtypes, errors=errors, tolerance=3, **options)


PIXELS = (*REAL_FLOATS, *COMPLEX)
CASES = [
    *(resize_row(f"upsample_nearest{dims}d", nearest, dims, False) for dims in (1, 2, 3)),
    *(resize_row(f"_upsample_nearest_exact{dims}d", nearest_exact, dims, False) for dims in (1, 2, 3)),
    resize_row("upsample_linear1d", linear, 1, True),
    resize_row("upsample_bilinear2d", linear, 2, True),
    resize_row("upsample_trilinear3d", linear, 3, True),
    resize_row("upsample_bicubic2d", cubic, 2, True),
    resize_row("_upsample_bilinear2d_aa", antialiased(1), 2, True, FLOATS),
    resize_row("_upsample_bicubic2d_aa", antialiased(2), 2, True, FLOATS),
    *(
        row(f"{kind}_pad{dims}d", border_samples(dims), border(places), wrong_border(dims), NUMBERS)
        for kind, places in (("reflection", mirrored), ("replication", repeated))
        for dims in (1, 2, 3)
    ),
    row("pad", pad_samples, padded, wrong_pad, NUMBERS, function="nn.functional.pad"),
    row("im2col", im2col_samples, im2col, wrong_im2col, PIXELS),
    row("col2im", col2im_samples, col2im, wrong_col2im, PIXELS),
]
