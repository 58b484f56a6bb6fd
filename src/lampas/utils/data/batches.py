"""Iterates over the batches of a DataLoader that are made in this process."""

import warnings

import lampas
from lampas.utils.data.fetching import make_fetcher


class Batches:
    """One pass of a loader over its data set; subclasses say where a batch comes from."""

    def __init__(self, loader):
        if loader.pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, "
                "then device pinned memory won't be used.",
                stacklevel=4,
            )
        self._dataset = loader.dataset
        self._is_batched = loader.batch_sampler is not None
        self._sampler = loader.batch_sampler if self._is_batched else loader.sampler
        self._timeout = loader.timeout
        self._num_workers = loader.num_workers
        self._begin(loader)
        # Without workers nobody needs this seed, but later random numbers are to be PyTorch's.
        seed = lampas.empty((), dtype=lampas.int64).random_(generator=loader.generator)
        self._base_seed = int(seed.item())

    def _begin(self, loader):
        """Begin to go over the sampler."""
        self._indices = iter(self._sampler)
        self._yielded = 0
        self._reported_length = loader._reported_length

    def _next_batch(self):
        raise NotImplementedError

    def __iter__(self):
        return self

    def __next__(self):
        batch = self._next_batch()
        self._yielded += 1
        if self._reported_length is not None and self._yielded > self._reported_length:
            self._warn_of_length()
        return batch

    def _warn_of_length(self):
        message = (
            f"Length of IterableDataset {self._dataset} was reported to be {self._reported_length}"
            f"(when accessing len(dataloader)), but {self._yielded} samples have been fetched. "
        )
        if self._num_workers > 0:
            message += (
                "For multiprocessing data-loading, this could be caused by not properly configuring the "
                "IterableDataset replica at each worker. Please see "
                "https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples."
            )
        warnings.warn(message, stacklevel=3)

    def next(self):
        """Return the next batch, as `next(iterator)` does; old tutorials write it so."""
        warnings.warn("iterator.next() is deprecated; write next(iterator)", DeprecationWarning, stacklevel=2)
        return self.__next__()

    def __len__(self):
        return len(self._sampler)

    def __getstate__(self):
        raise NotImplementedError("{} cannot be pickled", type(self).__name__)


class InProcessBatches(Batches):
    """A pass whose batches are made in this process when they are asked for."""

    def __init__(self, loader):
        super().__init__(loader)
        if self._timeout != 0:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0")
        self._fetch = make_fetcher(loader.dataset, self._is_batched, loader.collate_fn, loader.drop_last)

    def _next_batch(self):
        return self._fetch(next(self._indices))
