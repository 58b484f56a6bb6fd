"""Seeds and states of the default random number generator."""

import contextlib

from lampas import _core

default_generator = _core.default_generator


def manual_seed(seed):
    """Seed the generator behind every draw that names none.

    Args:
        seed (int): from -2**63 to 2**64 - 1; negative ones wrap around.

    Example:
        >>> generator = lampas.manual_seed(0)
        >>> generator.initial_seed()
        0
    """
    return default_generator.manual_seed(int(seed))


def seed():
    """Seed the default generator from the system's randomness and return that seed."""
    return default_generator.seed()


def initial_seed():
    """Return the seed from which the default generator started.

    Example:
        >>> generator = lampas.manual_seed(7)
        >>> lampas.initial_seed()
        7
    """
    return default_generator.initial_seed()


def get_rng_state():
    """Return the default generator's state as a tensor of bytes.

    Example:
        >>> lampas.get_rng_state().shape
        torch.Size([5056])
    """
    return default_generator.get_state()


def set_rng_state(new_state):
    """Let the default generator go on from a state that get_rng_state() returned."""
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True, _caller="fork_rng", _devices_kw="devices", device_type="cuda"):
    """Give the default generator back its state after the `with` block.

    Example:
        >>> with lampas.random.fork_rng():
        ...     generator = lampas.manual_seed(3)
    """
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)
