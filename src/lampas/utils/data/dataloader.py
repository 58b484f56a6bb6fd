"""DataLoader: goes over a data set in batches."""

import itertools
import math
import warnings
from types import GenericAlias

import lampas
from lampas.utils.data.collate import default_collate, default_convert
from lampas.utils.data.dataset import Dataset, IterableDataset
from lampas.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler


def get_worker_info():
    """Return what a worker process knows of itself; None in the main process."""
    return None


class _Endless:
    """Stands for the sampler of an iterable data set, whose samples have no index."""

    def __iter__(self):
        return itertools.repeat(None)


class DataLoader:
    """Go over a data set in batches.

    Args:
        dataset (Dataset or any object with `__getitem__` and `__len__`, or IterableDataset): the samples.
        batch_size (int): samples per batch; None gives single samples.
        shuffle (bool): take the samples in random order.
        sampler (Sampler or iterable): the order, instead of `shuffle`.
        batch_sampler (Sampler or iterable): gives lists of indices; replaces the options above.
        num_workers (int): only 0, load in this process; NotImplementedError otherwise.
        collate_fn (callable): makes a batch of a list of samples.
        drop_last (bool): leave out a last batch that would be smaller.
        generator (Generator): where the random order comes from; None for the default one.
        pin_memory, timeout, worker_init_fn, multiprocessing_context, prefetch_factor, persistent_workers,
        pin_memory_device, in_order: as PyTorch checks them; without workers they have no effect.

    Example:
        >>> loader = DataLoader(TensorDataset(lampas.arange(5)), batch_size=2)
        >>> [batch.tolist() for (batch,) in loader]
        [[0, 1], [2, 3], [4]]
    """

    __class_getitem__: classmethod = classmethod(GenericAlias)
    _initialized = False

    def __init__(
        self,
        dataset,
        batch_size=1,
        shuffle=None,
        sampler=None,
        batch_sampler=None,
        num_workers=0,
        collate_fn=None,
        pin_memory=False,
        drop_last=False,
        timeout=0,
        worker_init_fn=None,
        multiprocessing_context=None,
        generator=None,
        *,
        prefetch_factor=None,
        persistent_workers=False,
        pin_memory_device="",
        in_order=True,
    ):
        _check_worker_options(
            num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context
        )
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self.persistent_workers = persistent_workers
        self.generator = generator

        self._is_iterable = isinstance(dataset, IterableDataset)
        if self._is_iterable:
            _check_options_of_iterable(shuffle, sampler, batch_sampler)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and "
                    "drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with drop_last"
            )
        if sampler is None:
            if self._is_iterable:
                sampler = _Endless()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        if collate_fn is None:
            collate_fn = default_convert if batch_sampler is None else default_collate
        self.collate_fn = collate_fn
        self._reported_length = None  # what len() last said of an iterable data set
        self._initialized = True

    def __setattr__(self, name, value):
        fixed = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
        if self._initialized and name in fixed:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    def __iter__(self):
        if self._is_iterable:
            return _IterableBatches(self)
        return _IndexedBatches(self)

    def __len__(self):
        if not self._is_iterable:
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        length = self._reported_length = len(self.dataset)
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else math.ceil(length / self.batch_size)


def _check_worker_options(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context):
    if num_workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers > 0:
        raise NotImplementedError(
            f"DataLoader with num_workers={num_workers} is not implemented in Lampas; use num_workers=0, "
            "which loads in this process"
        )
    if prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing."
            "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if persistent_workers:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if multiprocessing_context is not None:
        raise ValueError(
            "multiprocessing_context can only be used with multi-process loading (num_workers > 0), "
            f"but got num_workers={num_workers}"
        )


def _check_options_of_iterable(shuffle, sampler, batch_sampler):
    options = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in options.items():
        if value is not None:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
            )


class _Batches:
    """One pass of a loader over its data set."""

    def __init__(self, loader):
        if loader.pin_memory:
            warnings.warn(
                "'pin_memory' argument is set as true but no accelerator is found, "
                "then device pinned memory won't be used.",
                stacklevel=3,
            )
        self._loader = loader
        self._dataset = loader.dataset
        self._collate = loader.collate_fn
        self._is_batched = loader.batch_sampler is not None
        self._indices = iter(loader.batch_sampler if self._is_batched else loader.sampler)
        # PyTorch draws this seed for its workers in every pass: drawn too, later random numbers are the same.
        lampas.empty((), dtype=lampas.int64).random_(generator=loader.generator)

    def __iter__(self):
        return self

    def __next__(self):
        raise NotImplementedError

    def next(self):
        """Return the next batch, as `next(iterator)` does; old tutorials write it so."""
        warnings.warn("iterator.next() is deprecated; write next(iterator)", DeprecationWarning, stacklevel=2)
        return self.__next__()

    def __len__(self):
        return len(self._loader.batch_sampler if self._is_batched else self._loader.sampler)

    def __getstate__(self):
        raise NotImplementedError("{} cannot be pickled", type(self).__name__)


class _IndexedBatches(_Batches):
    def __init__(self, loader):
        super().__init__(loader)
        can_gather = isinstance(loader.dataset, Dataset) and self._collate is default_collate
        self._gather = loader.dataset._gather if self._is_batched and can_gather else None
        fetch_many = getattr(loader.dataset, "__getitems__", None)
        self._fetch_many = fetch_many if callable(fetch_many) else None

    def __next__(self):
        indices = next(self._indices)
        if not self._is_batched:
            return self._collate(self._dataset[indices])
        if self._gather is not None:
            batch = self._gather(indices)
            if batch is not None:
                return batch
        if self._fetch_many is not None:
            return self._collate(self._fetch_many(indices))
        dataset = self._dataset
        return self._collate([dataset[index] for index in indices])


class _IterableBatches(_Batches):
    def __init__(self, loader):
        super().__init__(loader)
        self._samples = iter(loader.dataset)
        self._yielded = 0
        self._reported_length = loader._reported_length

    def __next__(self):
        indices = next(self._indices)
        if self._is_batched:
            batch = list(itertools.islice(self._samples, len(indices)))
            if not batch or (self._loader.drop_last and len(batch) < len(indices)):
                raise StopIteration
        else:
            batch = next(self._samples)
        self._yielded += 1
        reported = self._reported_length
        if reported is not None and self._yielded > reported:
            warnings.warn(
                f"Length of IterableDataset {self._dataset} was reported to be {reported}(when accessing "
                f"len(dataloader)), but {self._yielded} samples have been fetched. ",
                stacklevel=2,
            )
        return self._collate(batch)
