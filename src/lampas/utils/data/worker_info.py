"""What a worker process knows of itself; programs without workers load only this of them."""

from collections import namedtuple

WorkerInfo = namedtuple(
    "WorkerInfo", "id num_workers seed dataset rng worker_method", defaults=(None, "multiprocessing")
)
WorkerInfo.__doc__ = """What a worker process knows of itself.

    Attributes:
        id (int): its number, from 0.
        num_workers (int): how many there are.
        seed (int): what its random generators started from.
        dataset (Dataset): the data set, as it is in this process.
        rng: None; other kinds of workers would have generators of their own.
        worker_method (str): "multiprocessing".
    """

_worker_info = None


def get_worker_info():
    """Return what a worker process knows of itself; None in the main process.

    Example:
        >>> get_worker_info() is None
        True
    """
    return _worker_info


def set_worker_info(info):
    """Make this process the worker that `info` describes."""
    global _worker_info
    _worker_info = info
