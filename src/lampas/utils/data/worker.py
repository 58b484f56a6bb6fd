"""The worker process of a DataLoader: makes the batches it is asked for until the main process has enough."""

import dataclasses
import os
import pickle
import random
import select
import traceback
from collections.abc import Callable

import lampas
from lampas.utils.data.dataset import IterableDataset
from lampas.utils.data.fetching import make_fetcher
from lampas.utils.data.transport import BatchSender
from lampas.utils.data.worker_info import WorkerInfo, set_worker_info

RESUME = -1  # the number of the request that begins another pass of workers that stay

_ORPHAN_CHECK_MILLISECONDS = 1000


class _LongMessage(str):
    """Text whose repr is the text: KeyError shows its argument's repr."""

    def __repr__(self):
        return str(self)


class CaughtException:
    """An exception of a worker, as type and text: tracebacks cannot be sent."""

    def __init__(self, error, worker_id):
        self._type = type(error)
        place = f"in DataLoader worker process {worker_id}"
        trace = "".join(traceback.format_exception(error))
        self._message = f"Caught {self._type.__name__} {place}.\nOriginal {trace}"

    def __reduce__(self):
        try:
            pickle.dumps(self._type)
        except Exception:  # a class that the main process could not find
            self._type = RuntimeError
        return _rebuild_caught, (self._type, self._message)

    def exception(self):
        """Return an exception of the same type whose message holds the worker's traceback."""
        if self._type is KeyError:
            return KeyError(_LongMessage(self._message))
        try:
            if getattr(self._type, "message", None):
                return self._type(message=self._message)
            return self._type(self._message)
        except Exception:  # it takes other arguments
            return RuntimeError(self._message)


def _rebuild_caught(type_, message):
    caught = CaughtException.__new__(CaughtException)
    caught._type, caught._message = type_, message
    return caught


class EndOfIterable:
    """Sent instead of a batch by a worker whose iterable data set has ended."""


@dataclasses.dataclass
class WorkerTask:
    """What a worker process is started with; see DataLoader for most of it."""

    worker_id: int
    num_workers: int
    dataset: object
    is_batched: bool
    collate: object
    drop_last: bool
    init_function: object
    base_seed: int
    inline_limit: int

    @property
    def is_iterable(self):
        return isinstance(self.dataset, IterableDataset)

    def seed_everything(self):
        """Seed each generator of this process, and return the seed, as PyTorch does."""
        import numpy

        seed = self.base_seed + self.worker_id
        random.seed(seed)
        lampas.manual_seed(seed)
        words = [self.worker_id, self.base_seed & 0xFFFFFFFF, self.base_seed >> 32, 0]
        numpy.random.seed(numpy.random.SeedSequence(words).generate_state(4))
        return seed


def _not_prepared(indices):
    raise RuntimeError("this worker could not be set up")


class _Worker:
    def __init__(self, task, connection):
        self._task = task
        self._connection = connection
        self._sender = BatchSender(connection, task.inline_limit)
        self._problem = None
        self._fetch: Callable = _not_prepared
        self._parent = os.getppid()
        self._incoming = select.poll()
        self._incoming.register(connection.fileno(), select.POLLIN)

    def prepare(self):
        """Set this process up; what goes wrong is reported with the first batch."""
        task = self._task
        try:
            lampas.set_num_threads(1)
            seed = task.seed_everything()
            set_worker_info(WorkerInfo(task.worker_id, task.num_workers, seed, task.dataset))
            if task.init_function is not None:
                task.init_function(task.worker_id)
            self._make_fetcher()
        except Exception as error:
            self._problem = CaughtException(error, task.worker_id)

    def _make_fetcher(self):
        task = self._task
        self._fetch = make_fetcher(task.dataset, task.is_batched, task.collate, task.drop_last)

    def serve(self):
        """Answer requests (number, indices, segments to use again) until the main process is gone."""
        while self._has_request():
            number, indices, free_segments = self._connection.recv()
            self._sender.take_back(free_segments)
            self._answer(number, self._resumed() if number == RESUME else self._batch(indices))

    def _has_request(self):
        # Descriptors that other workers inherited keep the connection open when the main process is killed.
        while not self._incoming.poll(_ORPHAN_CHECK_MILLISECONDS):
            if os.getppid() != self._parent:
                return False
        return True

    def _resumed(self):
        try:
            self._make_fetcher()
        except Exception as error:
            self._problem = CaughtException(error, self._task.worker_id)

    def _batch(self, indices):
        """Return the batch, or what stands for it."""
        if self._problem is not None:
            problem, self._problem = self._problem, None
            return problem
        try:
            return self._fetch(indices)
        except StopIteration as error:
            if self._task.is_iterable:
                return EndOfIterable()
            return CaughtException(error, self._task.worker_id)
        except Exception as error:
            return CaughtException(error, self._task.worker_id)

    def _answer(self, number, value):
        try:
            self._sender.send(number, value)
        except ConnectionError:
            raise
        except Exception as error:  # it cannot be pickled, or there is no memory to share
            self._sender.send(number, CaughtException(error, self._task.worker_id))


def run_worker(task, connection):
    """Be a worker: what DataLoader starts processes with."""
    try:
        worker = _Worker(task, connection)
        worker.prepare()
        worker.serve()
    except (KeyboardInterrupt, EOFError, ConnectionError):
        pass  # the main process is interrupted as well, or has closed the connection
