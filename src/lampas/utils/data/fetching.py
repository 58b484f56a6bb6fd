"""Makes batches of a data set's samples, in the main process or in a worker."""

import itertools

from lampas.utils.data.collate import default_collate
from lampas.utils.data.dataset import Dataset, IterableDataset


class _IndexedFetcher:
    """Makes batches of the samples that indices name."""

    def __init__(self, dataset, is_batched, collate):
        self._dataset = dataset
        self._is_batched = is_batched
        self._collate = collate
        can_gather = is_batched and isinstance(dataset, Dataset) and collate is default_collate
        self._gather = dataset._gatherer() if can_gather else None
        fetch_many = getattr(dataset, "__getitems__", None)
        self._fetch_many = fetch_many if callable(fetch_many) else None

    def __call__(self, indices):
        if not self._is_batched:
            return self._collate(self._dataset[indices])
        if self._gather is not None:
            return self._gather(indices)
        if self._fetch_many is not None:
            return self._collate(self._fetch_many(indices))
        dataset = self._dataset
        return self._collate([dataset[index] for index in indices])


class _IterableFetcher:
    """Makes batches of the samples that come next; of the indices only their number counts."""

    def __init__(self, dataset, is_batched, collate, drop_last):
        self._samples = iter(dataset)
        self._is_batched = is_batched
        self._collate = collate
        self._drop_last = drop_last
        self._has_ended = False

    def __call__(self, indices):
        if self._has_ended:
            raise StopIteration
        if not self._is_batched:
            return self._collate(next(self._samples))
        samples = list(itertools.islice(self._samples, len(indices)))
        self._has_ended = len(samples) < len(indices)
        if not samples or (self._drop_last and self._has_ended):
            raise StopIteration
        return self._collate(samples)


def make_fetcher(dataset, is_batched, collate, drop_last):
    """Return a function of what a sampler gives that returns the batch, or raises StopIteration at the end.

    Args:
        dataset (Dataset): the samples.
        is_batched (bool): whether the sampler gives lists of indices; otherwise single ones.
        collate (callable): makes a batch of the list of samples.
        drop_last (bool): leave out a last batch that is smaller; of iterable data sets only.
    """
    if isinstance(dataset, IterableDataset):
        return _IterableFetcher(dataset, is_batched, collate, drop_last)
    return _IndexedFetcher(dataset, is_batched, collate)
