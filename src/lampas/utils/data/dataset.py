"""Data sets: sources of samples by index or in order, and ways to combine them."""

import bisect
import itertools
import math
import warnings
from types import GenericAlias

import lampas


class Dataset:
    """Base class of data sets whose samples are reached by index: define `__getitem__` and `__len__`."""

    __class_getitem__: classmethod = classmethod(GenericAlias)  # lets one write Dataset[int]

    def __getitem__(self, index):
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other):
        return ConcatDataset([self, other])

    def _gatherer(self):
        """Return a function of a list of indices that gives their samples collated, or None.

        DataLoader asks for it at the start of a pass: one call a batch is many times faster than one a
        sample. What it gives must equal what collating single samples gives.
        """
        return None


class IterableDataset(Dataset):
    """Base class of data sets whose samples only come in order: define `__iter__`."""

    def __add__(self, other):
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Tensors in memory whose first dimension counts the samples.

    Args:
        *tensors (Tensor): of the same size in the first dimension.

    Example:
        >>> pairs = TensorDataset(lampas.arange(3), lampas.arange(3) * 10)
        >>> pairs[2]
        (tensor(2), tensor(20))
    """

    def __init__(self, *tensors):
        if any(tensors[0].size(0) != tensor.size(0) for tensor in tensors):
            raise AssertionError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self):
        return self.tensors[0].size(0)

    def _gatherer(self):
        if type(self).__getitem__ is not TensorDataset.__getitem__:
            return None

        def gather(indices):
            indices = lampas.tensor(indices)
            return [tensor[indices] for tensor in self.tensors]

        return gather


def _sample_by_sample(dataset, indices):
    """Return the list of samples of these indices, in one call if the data set can do that."""
    if callable(getattr(dataset, "__getitems__", None)):
        return dataset.__getitems__(indices)
    return [dataset[index] for index in indices]


class StackDataset(Dataset):
    """Several data sets of one length; a sample is the tuple (or dict) of their samples.

    Args:
        *args (Dataset): gives tuples.
        **kwargs (Dataset): gives dicts; only one of both ways may be used.
    """

    def __init__(self, *args, **kwargs):
        if args and kwargs:
            raise ValueError(
                "Supported either ``tuple``- (via ``args``) or"
                "``dict``- (via ``kwargs``) like input/output, but both types are given."
            )
        if not args and not kwargs:
            raise ValueError("At least one dataset should be passed")
        datasets = list(args or kwargs.values())
        self._length = len(datasets[0])
        if any(len(dataset) != self._length for dataset in datasets):
            raise ValueError("Size mismatch between datasets")
        self.datasets = args or kwargs

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __getitems__(self, indices):
        """Return the samples of several indices."""
        names = list(self.datasets) if isinstance(self.datasets, dict) else None
        columns = []
        for dataset in self.datasets.values() if isinstance(self.datasets, dict) else self.datasets:
            column = _sample_by_sample(dataset, indices)
            if len(column) != len(indices):
                raise ValueError(
                    f"Nested dataset's output size mismatch. Expected {len(indices)}, got {len(column)}"
                )
            columns.append(column)
        rows = zip(*columns, strict=True)
        return list(rows) if names is None else [dict(zip(names, row, strict=True)) for row in rows]

    def __len__(self):
        return self._length


class ConcatDataset(Dataset):
    """Data sets one after the other.

    Args:
        datasets (iterable of Dataset): at least one.
    """

    @staticmethod
    def cumsum(sequence):
        """Return the lengths of the data sets, summed up from the left."""
        return list(itertools.accumulate(len(dataset) for dataset in sequence))

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = self.cumsum(self.datasets)

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        if index < 0:
            if -index > len(self):
                raise ValueError("absolute value of index should not exceed dataset length")
            index += len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]


class ChainDataset(IterableDataset):
    """Iterable data sets one after the other."""

    def __init__(self, datasets):
        self.datasets = datasets

    def _checked(self):
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError("ChainDataset only supports IterableDataset")
            yield dataset

    def __iter__(self):
        for dataset in self._checked():
            yield from dataset

    def __len__(self):
        return sum(len(dataset) for dataset in self._checked())


class Subset(Dataset):
    """The samples of another data set at the given indices.

    Example:
        >>> Subset([10, 20, 30, 40], [3, 0])[0]
        40
    """

    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices
        overrides = type(self).__getitem__ is not Subset.__getitem__
        if overrides and type(self).__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{type(self).__name__} overrides __getitem__ but not __getitems__. When subclassing Subset "
                "and overriding __getitem__, you must also override __getitems__ to ensure DataLoader works "
                "correctly with your custom logic. A simple implementation:\n\n"
                "def __getitems__(self, indices):\n    return [self.__getitem__(idx) for idx in indices]"
            )

    def __getitem__(self, index):
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices):
        """Return the samples of several indices."""
        return _sample_by_sample(self.dataset, [self.indices[i] for i in indices])

    def __len__(self):
        return len(self.indices)

    def _gatherer(self):
        if type(self).__getitems__ is not Subset.__getitems__ or not isinstance(self.dataset, Dataset):
            return None
        gather = self.dataset._gatherer()
        if gather is None:
            return None
        return lambda indices: gather([self.indices[i] for i in indices])


def _lengths_of_fractions(fractions, total):
    """Return whole lengths for fractions that sum to 1; what rounding left over goes round, one each."""
    lengths = []
    for i, fraction in enumerate(fractions):
        if fraction < 0 or fraction > 1:
            raise ValueError(f"Fraction at index {i} is not between 0 and 1")
        lengths.append(math.floor(total * fraction))
    for i in range(total - sum(lengths)):
        lengths[i % len(lengths)] += 1
    for i, length in enumerate(lengths):
        if length == 0:
            warnings.warn(
                f"Length of split at index {i} is 0. This might result in an empty dataset.", stacklevel=3
            )
    return lengths


def random_split(dataset, lengths, generator=None):
    """Split a data set at random into subsets that share no sample.

    Args:
        dataset (Dataset): what to split.
        lengths (sequence): whole lengths that sum to the data set's, or fractions that sum to 1.
        generator (Generator): where random numbers come from; None for the default one.

    Example:
        >>> [len(part) for part in random_split(range(10), [0.7, 0.3])]
        [7, 3]
    """
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        lengths = _lengths_of_fractions(lengths, len(dataset))
    if sum(lengths) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    options = {} if generator is None else {"generator": generator}
    indices = lampas.randperm(len(dataset), **options).tolist()
    ends = itertools.accumulate(lengths)
    return [Subset(dataset, indices[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
