"""Files that are replaced whole or not at all."""

import contextlib
import os
import stat
import tempfile


@contextlib.contextmanager
def open_for_replacing(path):
    """Open a binary file that takes the place of `path` when the block ends without an error.

    It is written beside the target and moved there once it is on disk. Pipes and devices are written
    directly. Raises OSError where no file can be made, and where writing fails.

    Args:
        path (str, bytes or os.PathLike): the file; a link is followed.
    """
    target = os.path.realpath(os.fsdecode(path))
    folder = os.path.dirname(target)
    try:
        mode = os.stat(target).st_mode
    except OSError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        with open(target, "wb") as file:
            yield file
        return
    descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)[:100]}.", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fchmod(descriptor, _new_mode() if mode is None else stat.S_IMODE(mode))
            os.fsync(descriptor)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _synchronize(folder)


def _new_mode():
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _synchronize(folder):
    """Make a renaming last; some file systems cannot open folders, and then nothing can be done."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
