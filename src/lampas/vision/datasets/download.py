"""Downloads a file from the first mirror that gives it whole, as its md5 sum tells."""

import hashlib
import os
import sys
import urllib.error
import urllib.request

_BLOCK_SIZE = 1 << 18
_TIMEOUT_SECONDS = 30


def file_md5(path):
    """Return the md5 sum of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def check_integrity(path, md5=None):
    """Whether there is a file at `path` and, if `md5` is given, it has this sum."""
    return os.path.isfile(path) and (md5 is None or file_md5(path) == md5)


def _show_progress(name, done, total):
    if sys.stderr.isatty():
        share = f"{100 * done // total:3d} %" if total else f"{done >> 10} kB"
        print(f"\r{name} {share}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _fetch(url, path):
    """Write what a URL gives to `path`."""
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response, open(path, "wb") as file:
        total = int(response.headers.get("Content-Length") or 0)
        done = 0
        while block := response.read(_BLOCK_SIZE):
            file.write(block)
            done += len(block)
            _show_progress(os.path.basename(url), done, total)


def download(name, mirrors, folder, md5):
    """Download a file, unless it is there already and whole.

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
    # A download that breaks off must not leave a file under the final name.
    unfinished = f"{path}.{os.getpid()}.part"
    problems = []
    try:
        for mirror in mirrors:
            url = mirror.rstrip("/") + "/" + name
            try:
                _fetch(url, unfinished)
                found = file_md5(unfinished)
            except (OSError, ValueError, urllib.error.URLError) as error:
                problems.append(f"{url}: {error}")
                continue
            if found == md5:
                os.replace(unfinished, path)
                return
            problems.append(f"{url}: md5 is {found}, expected {md5}")
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)
    raise RuntimeError(f"Error downloading {name}: " + "; ".join(problems))
