"""Samplers: the order in which samples are taken, and how they are put into batches."""

import itertools
from types import GenericAlias

import lampas


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


class Sampler:
    """Base class of samplers: define `__iter__` over indices (or over lists of them, for batches)."""

    __class_getitem__: classmethod = classmethod(GenericAlias)

    def __iter__(self):
        raise NotImplementedError


class SequentialSampler(Sampler):
    """Take the samples in order."""

    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler):
    """Take the samples in random order, anew each time.

    Args:
        data_source (sized): what the indices are for.
        replacement (bool): draw every index from all, instead of each once.
        num_samples (int): how many to draw; None for as many as there are.
        generator (Generator): where random numbers come from; None seeds one from the default generator.
    """

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(
                f"num_samples should be a positive integer value, but got num_samples={self.num_samples}"
            )

    @property
    def num_samples(self):
        """How many indices one pass gives; a data set's length may change between passes."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self):
        generator = self.generator
        if generator is None:
            generator = lampas.Generator()
            generator.manual_seed(int(lampas.empty((), dtype=lampas.int64).random_().item()))
        size = len(self.data_source)
        if self.replacement:
            # Draws of 32, as PyTorch makes them: the order of random numbers must be the same.
            for start in range(0, self.num_samples + 1, 32):
                count = min(32, self.num_samples - start)
                yield from lampas.randint(size, (count,), dtype=lampas.int64, generator=generator).tolist()
        else:
            for _ in range(self.num_samples // size):
                yield from lampas.randperm(size, generator=generator).tolist()
            # Drawn even when nothing is taken from it, as PyTorch does.
            yield from lampas.randperm(size, generator=generator).tolist()[: self.num_samples % size]

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Take the given indices in random order.

    Args:
        indices (sequence): the indices.
        generator (Generator): where random numbers come from; None for the default one.
    """

    def __init__(self, indices, generator=None):
        self.indices = indices
        self.generator = generator

    def __iter__(self):
        options = {} if self.generator is None else {"generator": self.generator}
        for i in lampas.randperm(len(self.indices), **options).tolist():
            yield self.indices[i]

    def __len__(self):
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Take indices from 0 to len(weights) - 1 with probabilities in proportion to `weights`.

    Args:
        weights (sequence of float): one per index; need not sum to 1.
        num_samples (int): how many to draw.
        replacement (bool): whether an index may come more than once.
        generator (Generator): where random numbers come from; None for the default one.
    """

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        if not _is_count(num_samples):
            raise ValueError(
                f"num_samples should be a positive integer value, but got num_samples={num_samples}"
            )
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement should be a boolean value, but got replacement={replacement}")
        weights = lampas.as_tensor(weights, dtype=lampas.float64)
        if weights.dim() != 1:
            raise ValueError(
                f"weights should be a 1d sequence but given weights have shape {tuple(weights.shape)}"
            )
        self.weights = weights
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self):
        drawn = lampas.multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self):
        return self.num_samples


class BatchSampler(Sampler):
    """Put the indices of another sampler into lists of `batch_size`.

    Args:
        sampler (Sampler or iterable): gives the indices.
        batch_size (int): how many indices a list has.
        drop_last (bool): leave out a last list that would be shorter.

    Example:
        >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler, batch_size, drop_last):
        if not _is_count(batch_size):
            raise ValueError(
                f"batch_size should be a positive integer value, but got batch_size={batch_size}"
            )
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self):
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                return
            yield batch

    def __len__(self):
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)
