"""Summaries: the protocol buffers that TensorBoard's plug-ins read, one function for each kind."""

import numpy
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.plugins.text.plugin_data_pb2 import TextPluginData

import lampas
from lampas.plots.png import encode_png


def as_array(values):
    """Return a tensor, an array or a number as a NumPy array; a number as one of shape (1,).

    Raises:
        NotImplementedError: for anything else.
    """
    if isinstance(values, numpy.ndarray):
        return values
    if numpy.isscalar(values):
        return numpy.array([values])
    if isinstance(values, lampas.Tensor):
        # NumPy has no bfloat16.
        exact = values.to(lampas.float16) if values.dtype == lampas.bfloat16 else values
        return exact.detach().cpu().numpy()
    raise NotImplementedError(f"Got {type(values)}, but numpy array or torch tensor are expected.")


def _metadata(plugin, content=b""):
    return SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin, content=content))


def scalar(tag, value, new_style=False, double_precision=False):
    """Return the summary of one number: as a simple value, or as a tensor in the new style."""
    array = as_array(value).squeeze()
    if array.ndim != 0:
        raise AssertionError(
            "Tensor should contain one element (0 dimensions)."
            f" Was given size: {array.size} and {array.ndim} dimensions."
        )
    number = float(array)
    if not new_style:
        return Summary(value=[Summary.Value(tag=tag, simple_value=number)])
    if double_precision:
        tensor = TensorProto(double_val=[number], dtype="DT_DOUBLE")
    else:
        tensor = TensorProto(float_val=[number], dtype="DT_FLOAT")
    return Summary(value=[Summary.Value(tag=tag, tensor=tensor, metadata=_metadata("scalars"))])


def default_edges():
    """Return the edges of TensorBoard's buckets: from 1e-12 to 1e20, each 1.1 times the last, and below 0."""
    edges = [1e-12]
    while edges[-1] * 1.1 < 1e20:
        edges.append(edges[-1] * 1.1)
    return [-edge for edge in reversed(edges)] + [0] + edges


def histogram(tag, values, edges, max_bins=None):
    """Return the summary of how values are spread over buckets.

    Args:
        edges: ascending edges of the buckets, or a way that `numpy.histogram` knows.
        max_bins: neighbouring buckets are joined where there are more.

    Raises:
        ValueError: where there are no values.
    """
    values = as_array(values).astype(float).reshape(-1)
    if values.size == 0:
        raise ValueError("The input has no element.")
    counts, edges = numpy.histogram(values, bins=edges)
    if max_bins is not None and len(counts) > max_bins:
        joined = len(counts) // max_bins
        counts = numpy.pad(counts, (0, -len(counts) % joined)).reshape(-1, joined).sum(axis=1)
        edges = numpy.append(edges[:-1:joined], edges[-1])
    filled = numpy.flatnonzero(counts)
    if filled.size == 0:
        raise ValueError("The histogram is empty, please file a bug report.")
    # From one empty bucket before the first that is filled to the last: TensorBoard draws from the left edge.
    first, last = filled[0], filled[-1] + 1
    buckets = counts[first - 1 : last] if first > 0 else numpy.append(0, counts[:last])
    limits = edges[first : last + 1]
    proto = HistogramProto(
        min=values.min(),
        max=values.max(),
        num=values.size,
        sum=values.sum(),
        sum_squares=values.dot(values),
        bucket_limit=limits.tolist(),
        bucket=buckets.tolist(),
    )
    return Summary(value=[Summary.Value(tag=tag, histo=proto)])


def _tiled(pictures, columns=8):
    """Lay pictures (N, C, H, W) out in rows, as one (C, H', W'); missing ones stay black."""
    if pictures.shape[1] == 1:
        pictures = numpy.concatenate([pictures] * 3, axis=1)
    count, channels, height, width = pictures.shape
    if channels != 3:
        raise AssertionError("Input should be a 4D numpy array with 3 channels")
    columns = min(count, columns)
    rows = -(-count // columns)
    cells = numpy.zeros((rows * columns, channels, height, width), pictures.dtype)
    cells[:count] = pictures
    grid = cells.reshape(rows, columns, channels, height, width).transpose(2, 0, 3, 1, 4)
    return grid.reshape(channels, rows * height, columns * width)


def as_height_width_channels(array, dataformats):
    """Return a picture, or several as a grid, with its dimensions in the order H, W, C.

    Args:
        dataformats: the order of the array's dimensions: of the letters N, C, H and W, or of H and W alone.
    """
    if len(set(dataformats)) != len(dataformats):
        raise AssertionError(
            f"You can not use the same dimension shorthand twice. input_format: {dataformats}"
        )
    if array.ndim != len(dataformats):
        raise AssertionError(
            "size of input tensor and input format are different."
            f" tensor shape: {array.shape}, input_format: {dataformats}"
        )
    order = dataformats.upper()
    if len(order) == 4:
        return _tiled(array.transpose([order.index(letter) for letter in "NCHW"])).transpose(1, 2, 0)
    if len(order) == 2:
        return numpy.stack([array.transpose([order.index(letter) for letter in "HW"])] * 3, axis=2)
    picture = array.transpose([order.index(letter) for letter in "HWC"])
    return numpy.concatenate([picture] * 3, axis=2) if picture.shape[2] == 1 else picture


def image(tag, values, dataformats="NCHW"):
    """Return the summary of a picture: bytes as they are, other dtypes from [0, 1]."""
    array = as_array(values)
    scale = 1 if array.dtype == numpy.uint8 else 255
    picture = as_height_width_channels(array, dataformats).astype(numpy.float32) * scale
    picture = picture.clip(0, 255).astype(numpy.uint8)
    height, width, channels = picture.shape
    proto = Summary.Image(
        height=height, width=width, colorspace=channels, encoded_image_string=encode_png(picture)
    )
    return Summary(value=[Summary.Value(tag=tag, image=proto)])


def drawn(figures, close=True):
    """Return Matplotlib figures as bytes: one as (3, H, W), a list of equal size as (N, 3, H, W)."""
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if isinstance(figures, list):
        return numpy.stack([drawn(figure, close) for figure in figures])
    canvas = FigureCanvasAgg(figures)
    canvas.draw()
    picture = numpy.asarray(canvas.buffer_rgba())[:, :, :3].transpose(2, 0, 1).copy()
    if close:
        pyplot.close(figures)
    return picture


def text(tag, words):
    """Return the summary of a text, which TensorBoard reads as Markdown."""
    tensor = TensorProto(
        dtype="DT_STRING",
        string_val=[words.encode()],
        tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
    )
    metadata = _metadata("text", TextPluginData(version=0).SerializeToString())
    return Summary(value=[Summary.Value(tag=f"{tag}/text_summary", metadata=metadata, tensor=tensor)])
