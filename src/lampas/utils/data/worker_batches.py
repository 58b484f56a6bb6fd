"""Iterates over batches that worker processes make: who makes which, when they end, what went wrong."""

import contextlib
import itertools
import multiprocessing
import os
import select
import signal
import socket
import time

from lampas.utils.data.batches import Batches
from lampas.utils.data.transport import BatchReceiver, inline_limit
from lampas.utils.data.worker import RESUME, CaughtException, EndOfIterable, WorkerTask, run_worker

_MOST_OUTSTANDING = 128  # requests of all workers: more would not fit into a socket
_SECONDS_TO_END = 5


class _WorkerProcess:
    """A worker as the main process sees it."""

    def __init__(self, context, task):
        ours, theirs = multiprocessing.Pipe()
        self._connection = ours
        self._receiver = BatchReceiver(ours)
        self.process = context.Process(target=run_worker, args=(task, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.has_ended = False  # its iterable data set, in this pass
        self.is_gone = False  # the process, which only matters as long as there is something to ask it
        self.poll = None  # waits for its answer

    @property
    def descriptor(self):
        return self._connection.fileno()

    def request(self, number, indices):
        """Ask for a batch. A worker that is gone is noticed where its answer is waited for."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._connection.send((number, indices, self._receiver.taken_back()))

    def receive(self):
        """Return (number, value), or None where the worker is gone."""
        try:
            return self._receiver.receive()
        except (EOFError, ConnectionResetError):
            return None

    def hang_up(self):
        """Close the connection for all processes that have it; an idle worker ends at once."""
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.descriptor)) as end:
            end.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def end(self, deadline):
        """Wait until the process ends, which is forced after the deadline."""
        self.process.join(max(0, deadline - time.monotonic()))
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(1)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


def _cause_of_death(process):
    process.join(1)
    if process.exitcode is not None and process.exitcode < 0:
        name = signal.strsignal(-process.exitcode)
        message = f"DataLoader worker (pid {process.pid}) is killed by signal: {name}. "
        if -process.exitcode == signal.SIGBUS:
            message += (
                "It is possible that dataloader's workers are out of shared memory. "
                "Please try to raise your shared memory limit."
            )
        return RuntimeError(message)
    return RuntimeError(
        f"DataLoader worker (pid {process.pid}) exited unexpectedly with exit code {process.exitcode}. "
        "Details are lost due to multiprocessing. Rerunning with num_workers=0 may give better error trace."
    )


class WorkerBatches(Batches):
    """A pass over a data set whose batches are made by worker processes, in the order of the sampler."""

    def __init__(self, loader):
        self._workers = []
        self._owner = os.getpid()
        self._in_order = loader.in_order
        self._persistent = loader.persistent_workers
        super().__init__(loader)
        if loader.prefetch_factor <= 0:
            raise AssertionError("prefetch_factor must be greater than 0 for MultiProcessingDataLoaderIter")
        self._outstanding_at_most = min(loader.prefetch_factor * loader.num_workers, _MOST_OUTSTANDING)
        self._outstanding_at_most = max(self._outstanding_at_most, loader.num_workers)
        import numpy.random  # noqa: F401  (every worker seeds it: loaded here, forked workers have it)

        context = loader.multiprocessing_context or multiprocessing.get_context()
        try:
            for worker_id in range(loader.num_workers):
                task = WorkerTask(
                    worker_id=worker_id,
                    num_workers=loader.num_workers,
                    dataset=loader.dataset,
                    is_batched=self._is_batched,
                    collate=loader.collate_fn,
                    drop_last=loader.drop_last,
                    init_function=loader.worker_init_fn,
                    base_seed=self._base_seed,
                    inline_limit=inline_limit(self._outstanding_at_most),
                )
                self._workers.append(_WorkerProcess(context, task))
        except BaseException:
            self._end_workers()
            raise
        self._make_polls()
        self._start_requests()

    def _make_polls(self):
        self._poll_of_all = self._poll_of(self._workers)
        for worker in self._workers:
            worker.poll = self._poll_of([worker])

    def _poll_of(self, workers):
        """Return what waits for one of these workers' answers, or for the end of any worker."""
        poll = select.poll()
        for worker in self._workers:
            if worker.is_gone:
                continue
            poll.register(worker.process.sentinel, select.POLLIN)
            if worker in workers:
                poll.register(worker.descriptor, select.POLLIN)
        return poll

    def _start_requests(self):
        self._requested = 0  # the number of the next request
        self._wanted = 0  # the number of the next batch to give out
        self._tasks = {}  # the worker by the number of each request that is not answered
        self._turns = itertools.cycle(self._workers)
        for worker in self._workers:
            worker.has_ended = False
        for _ in range(self._outstanding_at_most):
            self._request_next()

    @property
    def has_workers(self):
        """Whether another pass can begin."""
        return bool(self._workers)

    def restart(self, loader):
        """Begin another pass with the same workers.

        Raises:
            RuntimeError: where one of them has ended meanwhile.
        """
        self._begin(loader)
        for worker in self._workers:
            worker.has_ended = False
        self._look_for_dead_workers()
        for worker in self._workers:
            worker.request(RESUME, None)
        for worker in self._workers:
            while self._answer(worker)[0] != RESUME:  # what an abandoned pass left comes first
                pass
        self._start_requests()

    def _request_next(self):
        if all(worker.has_ended for worker in self._workers):
            return
        try:
            indices = next(self._indices)
        except StopIteration:
            return
        worker = next(worker for worker in self._turns if not worker.has_ended)
        worker.request(self._requested, indices)
        self._tasks[self._requested] = worker
        self._requested += 1

    def _answer(self, worker=None):
        """Wait for an answer of this worker, or of any, and return its (number, value).

        Raises:
            RuntimeError: where a worker that is still needed has ended, or after the loader's timeout.
        """
        poll = self._poll_of_all if worker is None else worker.poll
        deadline = time.monotonic() + self._timeout if self._timeout else None
        while True:
            patience = None if deadline is None else max(0, deadline - time.monotonic()) * 1000
            ready = {descriptor for descriptor, _ in poll.poll(patience)}
            if not ready:
                raise RuntimeError(f"DataLoader timed out after {self._timeout} seconds")
            for each in self._workers if worker is None else [worker]:
                if each.descriptor in ready:
                    answer = each.receive()
                    if answer is not None:
                        return answer
                    each.is_gone = True
            for each in self._workers:
                each.is_gone = each.is_gone or each.process.sentinel in ready
            self._look_for_dead_workers()

    def _look_for_dead_workers(self):
        dead = [worker.process for worker in self._workers if worker.is_gone and not worker.has_ended]
        if dead:
            pids = ", ".join(str(process.pid) for process in dead)
            cause = _cause_of_death(dead[0])
            self._end_workers()
            raise RuntimeError(f"DataLoader worker (pid(s) {pids}) exited unexpectedly") from cause
        self._make_polls()

    def _next_batch(self):
        while True:
            while self._wanted < self._requested and self._wanted not in self._tasks:
                self._wanted += 1
            if not self._tasks:
                if not self._persistent:
                    self._end_workers()
                raise StopIteration
            number, value = self._answer(self._tasks[self._wanted] if self._in_order else None)
            worker = self._tasks.pop(number, None)
            if worker is None:
                continue  # a worker's further answer that its data set has ended
            if isinstance(value, EndOfIterable):
                worker.has_ended = True
                self._tasks = {task: each for task, each in self._tasks.items() if each is not worker}
            self._request_next()
            if isinstance(value, CaughtException):
                raise value.exception()
            if not isinstance(value, EndOfIterable):
                return value

    def _end_workers(self):
        workers, self._workers, self._tasks = self._workers, [], {}
        for worker in workers:
            worker.hang_up()
        deadline = time.monotonic() + _SECONDS_TO_END
        for worker in workers:
            worker.end(deadline)

    def __del__(self):
        # A forked child has a copy of this object, but the workers are its parent's.
        if os.getpid() == self._owner:
            self._end_workers()
