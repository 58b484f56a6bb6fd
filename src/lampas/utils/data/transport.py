"""Carries batches from a worker to the main process: small ones through the socket, others in shared memory.

A segment of shared memory is mapped once by both sides and used again as soon as the tensors of its batch
are gone, so that no page is cleared or faulted in twice.
"""

import collections
import io
import mmap
import os
import pickle
import tempfile
import weakref
from multiprocessing import reduction

import lampas
from lampas import Tensor

_ALIGNMENT = 64
_SMALLEST_SEGMENT = 1 << 16
_SOCKET_BUDGET = 96 << 10  # bytes: less than half of what a socket holds
_LARGEST_INLINE = 16 << 10
_MOST_SEGMENTS = 128  # of one worker; who keeps more batches gets copies, for each segment holds a descriptor


def inline_limit(outstanding):
    """Return how many bytes a message may have so that `outstanding` unread ones never block their sender."""
    return min(_LARGEST_INLINE, _SOCKET_BUDGET // outstanding)


def _rebuild_tensor(contents, dtype, shape, requires_grad):
    import numpy

    tensor = lampas.from_numpy(numpy.frombuffer(contents, numpy.uint8)).view(dtype).view(shape)
    return tensor.requires_grad_() if requires_grad else tensor


class _BatchPickler(pickle.Pickler):
    """Hands the memory of tensors and arrays to `buffers` instead of writing it into the pickle."""

    def __init__(self, stream, buffers):
        super().__init__(stream, 5, buffer_callback=lambda buffer: buffers.append(buffer.raw()))

    def reducer_override(self, obj):
        if type(obj) is not Tensor or obj.device.type != "cpu":
            return NotImplemented
        if obj.requires_grad and not obj.is_leaf:
            raise RuntimeError(
                "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not "
                "support crossing process boundaries.  If you just want to transfer the data, call detach() "
                "on the tensor before serializing (e.g., putting it on the queue)."
            )
        contents = obj.detach().contiguous().view(-1).view(lampas.uint8).numpy()
        return _rebuild_tensor, (pickle.PickleBuffer(contents), obj.dtype, obj.shape, obj.requires_grad)


def _aligned(size):
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _total(lengths):
    """Return how many bytes parts of these lengths take, one behind the other."""
    return sum(_aligned(length) for length in lengths)


def _anonymous_file(size):
    """Return the descriptor of a file of this size that lies in memory and has no name."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("lampas-batch", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class BatchSender:
    """A worker's end: sends (number, value).

    Args:
        connection (Connection): to the main process.
        inline_limit (int): more bytes than this go by shared memory.
    """

    def __init__(self, connection, inline_limit):
        self._connection = connection
        self._inline_limit = inline_limit
        self._segments = {}  # mapped memory by number
        self._free = []  # numbers of segments that no tensor of the main process uses
        self._made = 0

    def take_back(self, numbers):
        """Note that segments may be written again."""
        self._free += numbers

    def send(self, number, value):
        """Send a value with the number of its task."""
        buffers = []
        stream = io.BytesIO()
        _BatchPickler(stream, buffers).dump(value)
        parts = [stream.getbuffer(), *buffers]
        lengths = [len(part) for part in parts]
        size = _total(lengths)
        if size <= self._inline_limit:
            contents = bytearray(size)
            self._copy(parts, contents)
            self._send_message((number, lengths, contents, None, None))
            return
        segment, descriptor = self._segment_of(size)
        self._copy(parts, self._segments[segment])
        new_size = None if descriptor is None else len(self._segments[segment])
        self._send_message((number, lengths, None, segment, new_size))
        if descriptor is not None:
            reduction.send_handle(self._connection, descriptor, None)
            os.close(descriptor)

    def _send_message(self, message):
        self._connection.send_bytes(pickle.dumps(message, 5))

    @staticmethod
    def _copy(parts, target):
        target = memoryview(target)
        start = 0
        for part in parts:
            target[start : start + len(part)] = part
            start += _aligned(len(part))

    def _segment_of(self, size):
        """Return the number of a free segment, and the descriptor of its file if it is new."""
        for place, segment in enumerate(self._free):
            if len(self._segments[segment]) >= size:
                del self._free[place]
                return segment, None
        capacity = max(_SMALLEST_SEGMENT, 1 << (size - 1).bit_length())
        descriptor = _anonymous_file(capacity)
        self._made += 1
        self._segments[self._made] = mmap.mmap(descriptor, capacity)
        return self._made, descriptor


class BatchReceiver:
    """The main process's end of one worker's connection."""

    def __init__(self, connection):
        self._connection = connection
        self._segments = {}  # mapped memory by number
        self._free = collections.deque()

    def taken_back(self):
        """Return the numbers of segments that have become free since the last call."""
        # Tensors may die in other threads meanwhile: each number is taken by itself.
        return [self._free.popleft() for _ in range(len(self._free))]

    def receive(self):
        """Wait for a message and return its (number, value)."""
        number, lengths, contents, segment, new_size = pickle.loads(self._connection.recv_bytes())
        if contents is not None:
            return number, _unpack(contents, lengths)
        if new_size is not None:
            descriptor = reduction.recv_handle(self._connection)
            self._segments[segment] = mmap.mmap(descriptor, new_size)
            os.close(descriptor)
        return number, _unpack(self._memory_of(segment, _total(lengths)), lengths)

    def _memory_of(self, segment, size):
        """Return a segment's memory, or a copy of its first bytes."""
        import numpy

        memory = self._segments[segment]
        if len(self._segments) > _MOST_SEGMENTS:
            copied = bytearray(memoryview(memory)[:size])
            self._free.append(segment)
            return copied
        # All that is made of it keeps this array; once that is gone, the segment is free.
        array = numpy.frombuffer(memory, numpy.uint8)
        weakref.finalize(array, self._free.append, segment).atexit = False
        return array


def _unpack(memory, lengths):
    memory = memoryview(memory)
    parts = []
    start = 0
    for length in lengths:
        parts.append(memory[start : start + length])
        start += _aligned(length)
    return pickle.loads(parts[0], buffers=parts[1:])
