"""Checks downloads against a web server on this machine: whole, broken, wrong and missing files."""

import hashlib
import http.server
import threading

import pytest
from vision_files import write_small_mnist

from lampas.vision.datasets import MNIST
from lampas.vision.datasets.download import check_integrity, download


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; what lies under /broken/ is promised longer than it is."""

    def send_header(self, keyword, value):
        if keyword == "Content-Length" and self.path.startswith("/broken/"):
            value = str(int(value) + 1000)
        super().send_header(keyword, value)

    def translate_path(self, path):
        return super().translate_path(path.replace("/broken/", "/"))

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """Serve tmp_path/served; yields (folder, URL)."""
    folder = tmp_path / "served"
    folder.mkdir()

    def handler(*args):
        return Handler(*args, directory=str(folder))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def md5_of(contents):
    return hashlib.md5(contents, usedforsecurity=False).hexdigest()


CONTENTS = bytes(range(256)) * 4000


def test_downloads_and_checks(server, tmp_path):
    folder, url = server
    (folder / "file").write_bytes(CONTENTS)
    target = tmp_path / "new" / "folder"
    download("file", [url], str(target), md5_of(CONTENTS))
    assert (target / "file").read_bytes() == CONTENTS
    assert [path.name for path in target.iterdir()] == ["file"]


def test_whole_file_is_not_fetched_again(tmp_path):
    (tmp_path / "file").write_bytes(CONTENTS)
    download("file", ["http://127.0.0.1:1/"], str(tmp_path), md5_of(CONTENTS))


def test_damaged_file_is_fetched_again(server, tmp_path):
    folder, url = server
    (folder / "file").write_bytes(CONTENTS)
    (tmp_path / "file").write_bytes(CONTENTS[:100])
    download("file", [url], str(tmp_path), md5_of(CONTENTS))
    assert (tmp_path / "file").read_bytes() == CONTENTS


def test_second_mirror(server, tmp_path):
    folder, url = server
    (folder / "file").write_bytes(CONTENTS)
    download("file", ["http://127.0.0.1:1/", url + "missing/", url], str(tmp_path / "to"), md5_of(CONTENTS))
    assert (tmp_path / "to" / "file").read_bytes() == CONTENTS


def test_nothing_right_says_why_and_leaves_nothing(server, tmp_path):
    folder, url = server
    (folder / "file").write_bytes(b"other")
    target = tmp_path / "to"
    with pytest.raises(RuntimeError) as raised:
        download("file", [url, url + "missing", url + "broken"], str(target), md5_of(CONTENTS))
    message = str(raised.value)
    assert message.startswith("Error downloading file: ")
    assert f"md5 is {md5_of(b'other')}, expected {md5_of(CONTENTS)}" in message
    assert "404" in message
    assert list(target.iterdir()) == []


def test_connection_that_breaks_off(server, tmp_path):
    folder, url = server
    (folder / "file").write_bytes(CONTENTS)
    with pytest.raises(RuntimeError, match="Error downloading file"):
        download("file", [url + "broken"], str(tmp_path / "to"), md5_of(CONTENTS + b"more"))
    assert list((tmp_path / "to").iterdir()) == []


def test_integrity(tmp_path):
    path = tmp_path / "file"
    assert not check_integrity(str(path))
    path.write_bytes(CONTENTS)
    assert check_integrity(str(path)) and check_integrity(str(path), md5_of(CONTENTS))
    assert not check_integrity(str(path), md5_of(b""))


def test_mnist_downloads_itself(server, tmp_path):
    folder, url = server
    raw = write_small_mnist(tmp_path / "source")
    sums = []
    for path in sorted(raw.iterdir()):
        (folder / path.name).write_bytes(path.read_bytes())
        sums.append((path.name, md5_of(path.read_bytes())))

    class Small(MNIST):
        mirrors = [url]
        resources = [(name, dict(sums)[name]) for name, _ in MNIST.resources]

    dataset = Small(str(tmp_path / "root"), download=True)
    assert len(dataset) == 7
    assert sorted(path.name for path in (tmp_path / "root" / "Small" / "raw").iterdir()) == [
        n for n, _ in sums
    ]
