"""DataLoader: goes over a data set in batches."""

import itertools
import math
import os
import warnings
from types import GenericAlias

from lampas.utils.data.batches import InProcessBatches
from lampas.utils.data.collate import default_collate, default_convert
from lampas.utils.data.dataset import IterableDataset
from lampas.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from lampas.utils.data.worker_info import get_worker_info

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]


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
        num_workers (int): processes that make batches ahead; 0 makes them in this process.
        collate_fn (callable): makes a batch of a list of samples.
        pin_memory (bool): has no effect without a GPU.
        drop_last (bool): leave out a last batch that would be smaller.
        timeout (float): seconds to wait for a worker's batch; 0 to wait as long as it takes.
        worker_init_fn (callable): called in each worker with its number.
        multiprocessing_context (str or context): how workers are started: "fork", "spawn", "forkserver".
        generator (Generator): where the random order comes from; None for the default one.
        prefetch_factor (int): batches that each worker makes ahead; None for 2.
        persistent_workers (bool): keep the workers for the next pass.
        pin_memory_device (str): has no effect.
        in_order (bool): give batches in the sampler's order, not as they become ready.

    A worker's exception is raised here, with the worker's traceback in its message.

    Raises:
        ValueError: for options that exclude each other.
        RuntimeError: while iterating, where a worker ended unexpectedly or the timeout is over.

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
        _check_worker_options(num_workers, timeout, prefetch_factor, persistent_workers)
        if num_workers > 0 and prefetch_factor is None:
            prefetch_factor = 2
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
        self._iterator = None  # of workers that stay
        self._initialized = True
        self.check_worker_number_rationality()

    @property
    def multiprocessing_context(self):
        """How workers are started: a context of the module multiprocessing, or None for its default."""
        return self._multiprocessing_context

    @multiprocessing_context.setter
    def multiprocessing_context(self, context):
        if context is not None:
            import multiprocessing

            if self.num_workers == 0:
                raise ValueError(
                    "multiprocessing_context can only be used with multi-process loading (num_workers > 0), "
                    f"but got num_workers={self.num_workers}"
                )
            if isinstance(context, str):
                methods = multiprocessing.get_all_start_methods()
                if context not in methods:
                    raise ValueError(
                        "multiprocessing_context option should specify a valid start method in "
                        f"{methods!r}, but got multiprocessing_context={context!r}"
                    )
                context = multiprocessing.get_context(context)
            if not isinstance(context, multiprocessing.context.BaseContext):
                raise TypeError(
                    "multiprocessing_context option should be a valid context object or a string specifying "
                    f"the start method, but got multiprocessing_context={context}"
                )
        self._multiprocessing_context = context

    def check_worker_number_rationality(self):
        """Warn where there are more workers than this process may use CPUs."""
        cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        if self.num_workers > cpus:
            warnings.warn(
                f"This DataLoader will create {self.num_workers} worker processes in total. Our suggested "
                f"max number of worker in current system is {cpus}, which is smaller than what this "
                "DataLoader is going to create. Please be aware that excessive worker creation might get "
                "DataLoader running slow or even freeze, lower the worker number to avoid potential "
                "slowness/freeze if necessary.",
                stacklevel=3,
            )

    def __setattr__(self, name, value):
        fixed = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")
        if self._initialized and name in fixed:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    def __iter__(self):
        if self.num_workers == 0:
            return InProcessBatches(self)
        from lampas.utils.data.worker_batches import WorkerBatches

        if not self.persistent_workers:
            self.check_worker_number_rationality()
            return WorkerBatches(self)
        if self._iterator is None or not self._iterator.has_workers:
            self._iterator = WorkerBatches(self)
        else:
            self._iterator.restart(self)
        return self._iterator

    def __len__(self):
        if not self._is_iterable:
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        length = self._reported_length = len(self.dataset)
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else math.ceil(length / self.batch_size)


def _check_worker_options(num_workers, timeout, prefetch_factor, persistent_workers):
    if num_workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if num_workers == 0 and prefetch_factor is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing."
            "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if persistent_workers and num_workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")


def _check_options_of_iterable(shuffle, sampler, batch_sampler):
    options = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in options.items():
        if value is not None:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
            )
