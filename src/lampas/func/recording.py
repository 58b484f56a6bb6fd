"""The recorder: the ops of a function, written down as it runs, to run again on other inputs."""

from lampas import _core
from lampas.func.structure import flatten


class Recorded:
    """A recorded function: calling it replays the ops, without running the Python code again.

    Other inputs must have the shapes and dtypes of the recorded ones. What the function decided by looking
    at values is fixed as it was.
    """

    def __init__(self, program, rebuild):
        self._program = program
        self._rebuild = rebuild

    @property
    def ops(self):
        """The names of the recorded ops, in order."""
        return self._program.ops

    def __call__(self, *inputs):
        return self._rebuild(list(self._program.replay(*inputs)))


def record(func):
    """Return a function that runs `func` on example tensors and gives what replays its ops.

    Args:
        func (callable): takes tensors, returns tensors.

    Example:
        >>> replay = lampas.func.record(lambda x: x * 2 + 1)(lampas.ones(2))
        >>> replay(lampas.zeros(2))
        tensor([1., 1.])
    """

    def run(*inputs):
        with _core._Recorder(*inputs) as recorder:
            outputs, rebuild = flatten(func(*inputs))
            return Recorded(recorder.finish(*outputs), rebuild)

    return run
