"""DistributedSampler: gives each of several processes its own part of a data set."""

import math

import lampas
from lampas.utils.data.sampler import Sampler


class DistributedSampler(Sampler):
    """Take every num_replicas-th sample, beginning at `rank`; all parts have the same size.

    Args:
        dataset (sized): what the indices are for.
        num_replicas (int): how many processes share it.
        rank (int): which of them this is, from 0.
        shuffle (bool): take the samples in random order, another one after each `set_epoch`.
        seed (int): of the random order; the same in every process.
        drop_last (bool): make sizes equal by leaving out samples, instead of by repeating some.

    Raises:
        RuntimeError: where num_replicas or rank is not given: there are no process groups to ask.
        ValueError: for a rank that is not from 0 to num_replicas - 1.

    Example:
        >>> list(DistributedSampler(range(7), num_replicas=2, rank=1, shuffle=False))
        [1, 3, 5, 0]
    """

    def __init__(self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False):
        if num_replicas is None or rank is None:
            raise RuntimeError("Requires distributed package to be available")
        if rank >= num_replicas or rank < 0:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {num_replicas - 1}]")
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        size = len(dataset)
        self.num_samples = size // num_replicas if drop_last else math.ceil(size / num_replicas)
        self.total_size = self.num_samples * num_replicas
        self.shuffle = shuffle
        self.seed = seed

    def __iter__(self):
        indices = list(range(len(self.dataset)))
        if self.shuffle:
            generator = lampas.Generator()
            generator.manual_seed(self.seed + self.epoch)
            indices = lampas.randperm(len(indices), generator=generator).tolist()
        while indices and len(indices) < self.total_size:
            indices += indices[: self.total_size - len(indices)]
        return iter(indices[self.rank : self.total_size : self.num_replicas])

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch):
        """Choose the random order of the next pass.

        Args:
            epoch (int): any number; the same in every process.
        """
        self.epoch = epoch
