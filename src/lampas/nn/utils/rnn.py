"""Sequences of different lengths: padded with a value, or packed without gaps."""

from collections import namedtuple

import lampas
from lampas import Tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


_PackedParts = namedtuple("_PackedParts", ["data", "batch_sizes", "sorted_indices", "unsorted_indices"])


class PackedSequence(_PackedParts):
    """Sequences without padding, step by step, the longest sequence first; made by `pack_sequence`.

    Attributes:
        data (Tensor): (sum of lengths, *): step 0 of all sequences, step 1 of those that have one, ...
        batch_sizes (Tensor): how many sequences have each step.
        sorted_indices (Tensor): which of the original sequences comes where, or None where that is the order.
        unsorted_indices (Tensor): where each of the original sequences is.
    """

    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            data, batch_sizes = data
        if batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be created "
                "manually. They should be instantiated by functions like pack_sequence and "
                "pack_padded_sequences in nn.utils.rnn. "
                "https://pytorch.org/docs/stable/nn.html#torch.nn.utils.rnn.pack_sequence"
            )
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, **kwargs):
        """Return the sequences in another dtype or on another device; self where nothing changes."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        indices = (
            None if each is None else each.to(data.device)
            for each in (self.sorted_indices, self.unsorted_indices)
        )
        return type(self)(data, self.batch_sizes, *indices)

    def cpu(self):
        """Return the sequences on the CPU."""
        return self.to("cpu")

    def cuda(self, *args, **kwargs):
        """Return the sequences on a GPU."""
        return self.to("cuda" if not args else args[0], **kwargs)

    def double(self):
        """Return the sequences in float64."""
        return self.to(dtype=lampas.float64)

    def float(self):
        """Return the sequences in float32."""
        return self.to(dtype=lampas.float32)

    def half(self):
        """Return the sequences in float16."""
        return self.to(dtype=lampas.float16)

    def long(self):
        """Return the sequences in int64."""
        return self.to(dtype=lampas.int64)

    def int(self):
        """Return the sequences in int32."""
        return self.to(dtype=lampas.int32)

    def short(self):
        """Return the sequences in int16."""
        return self.to(dtype=lampas.int16)

    def char(self):
        """Return the sequences in int8."""
        return self.to(dtype=lampas.int8)

    def byte(self):
        """Return the sequences in uint8."""
        return self.to(dtype=lampas.uint8)

    @property
    def is_cuda(self):
        """Whether the data are on a GPU."""
        return self.data.is_cuda


def invert_permutation(permutation):
    """Return where each number of a permutation stands, None for None.

    Example:
        >>> nn.utils.rnn.invert_permutation(lampas.tensor([2, 0, 1]))
        tensor([1, 2, 0])
    """
    if permutation is None:
        return None
    places = lampas.arange(permutation.numel(), device=permutation.device)
    return lampas.empty_like(permutation).scatter_(0, permutation, places)


def _present(lengths, steps):
    """Return (steps, batch): whether a sequence has a step."""
    return lampas.arange(steps).unsqueeze(1) < lengths.unsqueeze(0)


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """Pack padded sequences.

    Args:
        input (Tensor): (steps, batch, *), or (batch, steps, *) with `batch_first`.
        lengths (Tensor or list): of each sequence, all above 0.
        enforce_sorted (bool): the longest comes first, RuntimeError otherwise; else they are sorted.

    Example:
        >>> padded = lampas.tensor([[1, 2, 3], [4, 0, 0]])
        >>> nn.utils.rnn.pack_padded_sequence(padded, [3, 1], batch_first=True).data
        tensor([1, 4, 2, 3])
    """
    lengths = lampas.as_tensor(lengths, dtype=lampas.int64)
    batch_dim = 0 if batch_first else 1
    counts = lengths.tolist()
    sorted_indices = None
    if not enforce_sorted:
        order = sorted(range(len(counts)), key=lambda i: -counts[i])
        counts = [counts[i] for i in order]
        sorted_indices = lampas.tensor(order, dtype=lampas.int64, device=input.device)
        input = input.index_select(batch_dim, sorted_indices)
        lengths = lampas.tensor(counts, dtype=lampas.int64)
    if input.numel() == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    if len(counts) != input.shape[batch_dim]:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(counts)} "
            f"(batch_size={input.shape[batch_dim]})"
        )
    if counts[-1] <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if any(left < right for left, right in zip(counts, counts[1:], strict=False)):
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
            "requirement if you do not need ONNX exportability."
        )
    present = _present(lengths, counts[0])
    steps_first = input.transpose(0, 1) if batch_first else input
    if counts[0] > steps_first.shape[0]:
        raise RuntimeError(
            f"Expected all lengths to be at most {steps_first.shape[0]}, the number of steps, "
            f"but got {counts[0]}"
        )
    return PackedSequence(steps_first[: counts[0]][present], present.sum(1), sorted_indices)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """Undo `pack_padded_sequence`: return the padded sequences and their lengths.

    Args:
        sequence (PackedSequence): what to pad.
        batch_first (bool): return (batch, steps, *) instead of (steps, batch, *).
        padding_value (float): what fills the gaps.
        total_length (int): pad up to so many steps; ValueError where a sequence is longer.

    Example:
        >>> packed = nn.utils.rnn.pack_sequence([lampas.tensor([1, 2]), lampas.tensor([3])])
        >>> nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        (tensor([[1, 2],
                [3, 0]]), tensor([2, 1]))
    """
    data, batch_sizes = sequence.data, sequence.batch_sizes
    steps = longest = batch_sizes.shape[0]
    if total_length is not None:
        if total_length < longest:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {longest}"
            )
        steps = total_length
    batch = int(batch_sizes[0])
    lengths = (batch_sizes.unsqueeze(1) > lampas.arange(batch)).sum(0)
    padded = data.new_full((steps, batch, *data.shape[1:]), padding_value)
    padded[_present(lengths, steps)] = data
    if batch_first:
        padded = padded.transpose(0, 1)
    unsorted_indices = sequence.unsorted_indices
    if unsorted_indices is None:
        return padded, lengths
    return padded.index_select(0 if batch_first else 1, unsorted_indices), lengths[unsorted_indices.cpu()]


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Stack sequences, filling up shorter ones.

    Args:
        sequences (list): tensors (length, *).
        batch_first (bool): return (batch, steps, *) instead of (steps, batch, *).
        padding_value (float): what fills the gaps.
        padding_side (str): "right", or "left" to fill before the sequence.

    Example:
        >>> nn.utils.rnn.pad_sequence([lampas.tensor([1, 2]), lampas.tensor([3])], batch_first=True)
        tensor([[1, 2],
                [3, 0]])
    """
    if isinstance(sequences, Tensor):
        sequences = sequences.unbind(0)
    if not isinstance(sequences, (list, tuple)):
        raise TypeError(
            "pad_sequence(): argument 'sequences' (position 1) must be tuple of Tensors, not "
            + type(sequences).__name__
        )
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    steps = max(sequence.shape[0] for sequence in sequences)
    first = sequences[0]
    rows = []
    for sequence in sequences:
        missing = steps - sequence.shape[0]
        if missing:
            gap = first.new_full((missing, *sequence.shape[1:]), padding_value)
            sequence = lampas.cat([sequence, gap] if padding_side == "right" else [gap, sequence])
        rows.append(sequence)
    return lampas.stack(rows, 0 if batch_first else 1)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """Return the list of sequences without what `pad_sequence` has added on the right.

    Example:
        >>> nn.utils.rnn.unpad_sequence(lampas.tensor([[1, 2], [3, 0]]), lampas.tensor([2, 1]), True)
        [tensor([1, 2]), tensor([3])]
    """
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [sequence[:length] for sequence, length in zip(padded_sequences, lengths.tolist(), strict=True)]


def pack_sequence(sequences, enforce_sorted=True):
    """Pack a list of sequences.

    Args:
        sequences (list): tensors (length, *).
        enforce_sorted (bool): the longest comes first, RuntimeError otherwise; else they are sorted.

    Example:
        >>> nn.utils.rnn.pack_sequence([lampas.tensor([1, 2, 3]), lampas.tensor([4])]).batch_sizes
        tensor([2, 1, 1])
    """
    lengths = [sequence.shape[0] for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    """Undo `pack_sequence`: return the list of sequences in their original order."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
