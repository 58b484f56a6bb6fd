"""Downloads a file from the first mirror that gives it whole, as its md5 sum tells, in parts if need be."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib

from lampas.serialization.atomic_file import open_for_replacing

_BLOCK_SIZE = 1 << 18
_TIMEOUT_SECONDS = 30
_ATTEMPTS = 3  # at one mirror, each going on where the one before broke off
_BAR_WIDTH = 24


def file_md5(path):
    """Return the md5 sum of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def check_integrity(path, md5=None):
    """Whether there is a file at `path` and, if `md5` is given, it has this sum."""
    return os.path.isfile(path) and (md5 is None or file_md5(path) == md5)


class _ProgressBar:
    """Shows on a terminal how much of a file has come, ten times a second at most."""

    def __init__(self, name):
        self._name = name
        self._start = self._shown = time.monotonic()
        self._is_visible = sys.stderr.isatty()

    def show(self, done, total):
        now = time.monotonic()
        is_complete = done == total
        if not self._is_visible or (now - self._shown < 0.1 and not is_complete):
            return
        self._shown = now
        megabytes = f"{done / 1e6:.1f} MB"
        if total:
            filled = _BAR_WIDTH * done // total
            bar = "█" * filled + "·" * (_BAR_WIDTH - filled)
            megabytes = f"{100 * done // total:3d} % {bar} {done / 1e6:.1f}/{total / 1e6:.1f} MB"
        speed = done / 1e6 / max(now - self._start, 1e-3)
        line = f"\r{self._name} {megabytes}, {speed:.1f} MB/s "
        print(line, end="\n" if is_complete else "", file=sys.stderr, flush=True)


def _open_from(url, start):
    """Return (response, where its bytes begin in the file): `start` if the server can begin there, else 0."""
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        response = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=_TIMEOUT_SECONDS
        )
    except urllib.error.HTTPError as error:
        if error.code != 416 or not start:  # 416: what lies here is as long as the file, or longer
            raise
        error.close()
        return _open_from(url, 0)
    continues = response.status == 206 and response.headers.get("Content-Range", "").startswith(
        f"bytes {start}-"
    )
    return response, start if continues else 0


def _fetch(url, file):
    """Write what a URL gives to an open file, after the part of it that is there already."""
    response, done = _open_from(url, file.seek(0, os.SEEK_END))
    with response:
        file.truncate(done)
        file.seek(done)
        length = response.headers.get("Content-Length")
        total = done + int(length) if length is not None else 0
        bar = _ProgressBar(os.path.basename(url))
        while block := response.read(_BLOCK_SIZE):
            file.write(block)
            done += len(block)
            bar.show(done, total)
    if total and done < total:
        raise ConnectionError(f"the connection broke off after {done} of {total} bytes")


def _fetch_in_attempts(url, file):
    """Complete an open file from a URL and return its md5 sum."""
    for attempt in range(_ATTEMPTS):
        try:
            _fetch(url, file)
            file.flush()
            return file_md5(file.name)
        except (ConnectionError, TimeoutError):
            if attempt == _ATTEMPTS - 1:
                raise


def _same_source(path, file):
    """Whether `file`, which was just locked, is still what lies under `path`."""
    return os.path.exists(path) and os.path.samestat(os.stat(path), os.fstat(file.fileno()))


@contextlib.contextmanager
def _locked(path):
    """Open a file for reading and writing that no other process downloads to at the same time."""
    while True:
        with open(path, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _same_source(path, file):
                yield file
                return


def download(name, mirrors, folder, md5):
    """Download a file, unless it is there already and whole.

    What came before a connection broke off stays under another name, and the next call goes on from there.

    Args:
        name (str): the file's name.
        mirrors (list of str): URLs it may lie under, tried in order.
        folder (str): where it goes; made if it does not exist.
        md5 (str): its md5 sum.

    Raises:
        RuntimeError: where no mirror gave it, saying of each why.
    """
    path = os.path.join(folder, name)
    if check_integrity(path, md5):
        return
    os.makedirs(folder, exist_ok=True)
    unfinished = f"{path}.part"
    problems = []
    with _locked(unfinished) as file:
        if check_integrity(path, md5):  # another process was faster
            os.remove(unfinished)
            return
        for mirror in mirrors:
            url = mirror.rstrip("/") + "/" + name
            found = None
            try:
                if os.path.getsize(unfinished) > 0:
                    found = _fetch_in_attempts(url, file)
                if found != md5:  # nothing was there to go on from, or it was of another file
                    file.truncate(0)
                    found = _fetch_in_attempts(url, file)
            except (OSError, ValueError, urllib.error.URLError) as error:
                problems.append(f"{url}: {error}")
                continue
            if found == md5:
                os.fsync(file.fileno())
                os.replace(unfinished, path)
                return
            problems.append(f"{url}: md5 is {found}, expected {md5}")
            file.truncate(0)
        if os.path.getsize(unfinished) == 0:
            os.remove(unfinished)
    raise RuntimeError(f"Error downloading {name}: " + "; ".join(problems))


def extract_from_tar(path, members, folder):
    """Extract the named files of an archive; nothing else in it is looked at.

    Args:
        path (str): the archive.
        members (list of str): names in the archive, with "/".
        folder (str): where they go, under the same names.

    Raises:
        RuntimeError: naming the archive, where a file is missing in it or it is damaged.
    """
    try:
        with tarfile.open(path) as archive:
            for member in members:
                contents = archive.extractfile(member)
                if contents is None:
                    raise KeyError(f"{member} is no file")
                target = os.path.join(folder, *member.split("/"))
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with contents, open_for_replacing(target) as file:
                    shutil.copyfileobj(contents, file)
    except (tarfile.TarError, EOFError, KeyError, zlib.error) as error:
        raise RuntimeError(f"{path} is corrupt: {error}") from error
