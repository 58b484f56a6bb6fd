"""Checks downloads against a web server on this machine: whole, broken, wrong and missing files."""

import http.server
import pathlib
import sys
import tarfile
import threading

import pytest
from vision_files import md5_of, small_cifar, write_small_mnist

from lampas.vision.datasets import CIFAR10, MNIST
from lampas.vision.datasets.download import check_integrity, download, extract_from_tar


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder in ways that the first part of the path chooses, and notes the ranges asked for.

    broken: promises more than there is. dropping: gives ranges, and breaks off after 100,000 bytes.
    """

    def do_GET(self):
        range_header = self.headers.get("Range")
        self.server.ranges.append(range_header)
        if not self.path.startswith("/dropping/"):
            return super().do_GET()
        contents = pathlib.Path(self.translate_path(self.path)).read_bytes()
        start = int(range_header.removeprefix("bytes=").removesuffix("-")) if range_header else 0
        if start >= len(contents):
            return self.send_error(416)
        self.send_response(206 if range_header else 200)
        self.send_header("Content-Range", f"bytes {start}-{len(contents) - 1}/{len(contents)}")
        self.send_header("Content-Length", str(len(contents) - start))
        self.end_headers()
        self.wfile.write(contents[start : start + 100_000])

    def send_header(self, keyword, value):
        if keyword == "Content-Length" and self.path.startswith("/broken/"):
            value = str(int(value) + 1000)
        super().send_header(keyword, value)

    def translate_path(self, path):
        return super().translate_path(path.replace("/broken/", "/").replace("/dropping/", "/"))

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """Serve tmp_path/served; yields (folder, URL, ranges asked for)."""
    folder = tmp_path / "served"
    folder.mkdir()

    def handler(*args):
        return Handler(*args, directory=str(folder))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.ranges = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}/", server.ranges
        server.shutdown()
        thread.join()


CONTENTS = bytes(range(256)) * 4000


def test_downloads_and_checks(server, tmp_path):
    folder, url, _ = server
    (folder / "file").write_bytes(CONTENTS)
    target = tmp_path / "new" / "folder"
    download("file", [url], str(target), md5_of(CONTENTS))
    assert (target / "file").read_bytes() == CONTENTS
    assert [path.name for path in target.iterdir()] == ["file"]


def test_whole_file_is_not_fetched_again(tmp_path):
    (tmp_path / "file").write_bytes(CONTENTS)
    download("file", ["http://127.0.0.1:1/"], str(tmp_path), md5_of(CONTENTS))


def test_damaged_file_is_fetched_again(server, tmp_path):
    folder, url, _ = server
    (folder / "file").write_bytes(CONTENTS)
    (tmp_path / "file").write_bytes(CONTENTS[:100])
    download("file", [url], str(tmp_path), md5_of(CONTENTS))
    assert (tmp_path / "file").read_bytes() == CONTENTS


def test_second_mirror(server, tmp_path):
    folder, url, _ = server
    (folder / "file").write_bytes(CONTENTS)
    download("file", ["http://127.0.0.1:1/", url + "missing/", url], str(tmp_path / "to"), md5_of(CONTENTS))
    assert (tmp_path / "to" / "file").read_bytes() == CONTENTS


def test_nothing_right_says_why_and_leaves_nothing(server, tmp_path):
    folder, url, _ = server
    (folder / "file").write_bytes(b"other")
    target = tmp_path / "to"
    with pytest.raises(RuntimeError) as raised:
        download("file", [url, url + "missing", url + "broken"], str(target), md5_of(CONTENTS))
    message = str(raised.value)
    assert message.startswith("Error downloading file: ")
    assert f"md5 is {md5_of(b'other')}, expected {md5_of(CONTENTS)}" in message
    assert "404" in message
    assert list(target.iterdir()) == []


def test_connection_that_breaks_off_is_taken_up_again(server, tmp_path):
    folder, url, ranges = server
    contents = CONTENTS[:250_000]
    (folder / "file").write_bytes(contents)
    download("file", [url + "dropping"], str(tmp_path / "to"), md5_of(contents))
    assert (tmp_path / "to" / "file").read_bytes() == contents
    assert ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_a_later_call_goes_on(server, tmp_path):
    folder, url, ranges = server
    contents = CONTENTS[:450_000]
    (folder / "file").write_bytes(contents)
    with pytest.raises(RuntimeError, match="the connection broke off after 300000 of 450000 bytes"):
        download("file", [url + "dropping"], str(tmp_path / "to"), md5_of(contents))
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["file.part"]
    download("file", [url + "dropping"], str(tmp_path / "to"), md5_of(contents))
    assert ranges[3:] == ["bytes=300000-", "bytes=400000-"]
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["file"]
    assert (tmp_path / "to" / "file").read_bytes() == contents


@pytest.mark.parametrize("way", ["", "dropping"])
def test_a_part_of_something_else_is_thrown_away(server, tmp_path, way):
    """Whether the server gives ranges or not, the next call has the file."""
    folder, url, _ = server
    contents = CONTENTS[:90_000]
    (folder / "file").write_bytes(contents)
    (tmp_path / "file.part").write_bytes(b"x" * 95_000)
    download("file", [url + way], str(tmp_path), md5_of(contents))
    assert (tmp_path / "file").read_bytes() == contents


def test_a_wrong_part_is_noticed_by_its_sum(server, tmp_path):
    folder, url, ranges = server
    contents = CONTENTS[:90_000]
    (folder / "file").write_bytes(contents)
    (tmp_path / "file.part").write_bytes(b"x" * 50)
    download("file", [url + "dropping"], str(tmp_path), md5_of(contents))
    assert (tmp_path / "file").read_bytes() == contents
    assert ranges == ["bytes=50-", None]


def test_two_processes_download_at_once(server, tmp_path):
    folder, url, ranges = server
    (folder / "file").write_bytes(CONTENTS)
    threads = [
        threading.Thread(target=download, args=("file", [url], str(tmp_path), md5_of(CONTENTS)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "file").read_bytes() == CONTENTS
    assert ranges == [None] and not (tmp_path / "file.part").exists()


def test_progress_on_a_terminal(server, tmp_path, monkeypatch, capsys):
    folder, url, _ = server
    (folder / "file").write_bytes(CONTENTS)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    download("file", [url], str(tmp_path), md5_of(CONTENTS))
    last = capsys.readouterr().err.split("\r")[-1]
    assert last.startswith("file 100 % ████████████████████████ 1.0/1.0 MB, ") and last.endswith("\n")


def test_integrity(tmp_path):
    path = tmp_path / "file"
    assert not check_integrity(str(path))
    path.write_bytes(CONTENTS)
    assert check_integrity(str(path)) and check_integrity(str(path), md5_of(CONTENTS))
    assert not check_integrity(str(path), md5_of(b""))


def test_mnist_downloads_itself(server, tmp_path):
    folder, url, _ = server
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


@pytest.fixture
def archived_cifar(server, tmp_path):
    """Return (class of a small CIFAR-10 whose archive lies on the server, the archive)."""
    folder, url, _ = server
    cifar = small_cifar(CIFAR10, tmp_path / "source")
    archive = folder / cifar.filename
    with tarfile.open(archive, "w:gz") as file:
        file.add(tmp_path / "source" / cifar.base_folder, cifar.base_folder)
    cifar.url, cifar.tgz_md5 = url + cifar.filename, md5_of(archive.read_bytes())
    return cifar, archive


def test_cifar_downloads_itself(archived_cifar, tmp_path, capsys):
    cifar, _ = archived_cifar
    assert len(cifar(str(tmp_path / "root"), download=True)) == 30
    assert len(cifar(str(tmp_path / "root"), train=False, download=True)) == 6
    assert capsys.readouterr().out == ""


def test_damaged_archive(archived_cifar, tmp_path):
    _, archive = archived_cifar
    archive.write_bytes(archive.read_bytes()[:2000])
    with pytest.raises(RuntimeError, match="cifar-10-python.tar.gz is corrupt"):
        extract_from_tar(str(archive), ["cifar-10-batches-py/data_batch_1"], str(tmp_path / "root"))


def test_archive_without_the_file(archived_cifar, tmp_path):
    _, archive = archived_cifar
    with pytest.raises(RuntimeError, match="corrupt: .*data_batch_9"):
        extract_from_tar(str(archive), ["cifar-10-batches-py/data_batch_9"], str(tmp_path / "root"))
