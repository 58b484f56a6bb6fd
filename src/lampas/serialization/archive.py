"""The zip archives inside .pt files: records without compression, their bytes aligned to 64.

Layout as in PKWARE's APPNOTE.TXT 6.3.9; what PyTorch's writer leaves open (times, versions, flags, padding
in an extra field "FB") is written as PyTorch writes it, so that equal content gives equal files.
"""

import struct
import zlib

ALIGNMENT = 64
_LIMIT_32 = 0xFFFFFFFF  # a field of this value stands for one in the zip64 extra field
_LIMIT_16 = 0xFFFF
_UTF8_NAME = 0x0800
_SIZES_FOLLOW = 0x0008  # in a descriptor behind the data
_ENCRYPTED = 0x0001
_VERSION_MADE_BY, _VERSION_NEEDED = 0x031E, 0x002D
_ZIP64_FIELD = 1
_CHUNK = 1 << 26

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_EXTRA_FIELD = struct.Struct("<2H")


class ArchiveWriter:
    """Writes records one after the other; `close` writes the directory behind them.

    Args:
        write: the `write` method of a binary file.
        name (str): the folder that holds all records inside the archive.
    """

    def __init__(self, write, name):
        self._write_bytes = write
        self._name = name
        self._position = 0
        self._directory = []
        self._checksum_of_all = 0
        self._names = []

    def write(self, record, content):
        """Append a record; `content` is bytes or a view of bytes."""
        content = memoryview(content).cast("B")
        path = f"{self._name}/{record}".encode()
        size, offset = len(content), self._position
        extra = _zip64_field(_zip64_values(size, size, offset))
        extra += _padding(offset + _LOCAL_HEADER.size + len(path) + len(extra))
        self._put(_LOCAL_HEADER.pack(b"PK\3\4", 0, _flags(size), 0, 0, 0, 0, 0, 0, len(path), len(extra)))
        self._put(path + extra)
        checksum = 0
        for start in range(0, size, _CHUNK):
            chunk = content[start : start + _CHUNK]
            checksum = zlib.crc32(chunk, checksum)
            self._put(chunk)
        if size > 0:
            width = "Q" if size >= _LIMIT_32 or offset >= _LIMIT_32 else "L"
            self._put(struct.pack(f"<4sL2{width}", b"PK\7\x08", checksum, size, size))
        self._directory.append((path, checksum, size, offset))
        self._checksum_of_all = zlib.crc32(checksum.to_bytes(4, "little"), self._checksum_of_all)
        self._names.append(record)

    def close(self):
        """Write PyTorch's closing records, the directory, and where it lies."""
        self.write("version", b"3\n")
        names = zlib.crc32("".join(self._names).encode())
        self.write(".data/serialization_id", f"{names:020d}{self._checksum_of_all:020d}".encode())
        start = self._position
        for path, checksum, size, offset in self._directory:
            extra = _zip64_field(_zip64_values(size, size, offset))
            small_size, small_offset = min(size, _LIMIT_32), min(offset, _LIMIT_32)
            self._put(
                _CENTRAL_HEADER.pack(
                    *(b"PK\1\2", 0, 0, _flags(size), 0, 0, 0, checksum, small_size, small_size),
                    *(len(path), len(extra), 0, 0, 0, 0, small_offset),
                )
            )
            self._put(path + extra)
        count, size = len(self._directory), self._position - start
        end_64 = self._position
        versions = (_VERSION_MADE_BY, _VERSION_NEEDED)
        self._put(_END_64.pack(b"PK\6\6", _END_64.size - 12, *versions, 0, 0, count, count, size, start))
        self._put(_END_64_LOCATOR.pack(b"PK\6\7", 0, end_64, 1))
        small_count = min(count, _LIMIT_16)
        ends = (min(size, _LIMIT_32), min(start, _LIMIT_32))
        self._put(_END.pack(b"PK\5\6", 0, 0, small_count, small_count, *ends, 0))

    def _put(self, content):
        self._write_bytes(content)
        self._position += len(content)


def _padding(position):
    """Return the extra field that makes the data behind it begin at a multiple of the alignment."""
    length = -(position + _EXTRA_FIELD.size) % ALIGNMENT
    return b"FB" + length.to_bytes(2, "little") + b"Z" * length


def _flags(size):
    return _UTF8_NAME | _SIZES_FOLLOW if size > 0 else _UTF8_NAME


def _zip64_values(size, compressed_size, offset):
    return [value for value in (size, compressed_size, offset) if value >= _LIMIT_32]


def _zip64_field(values):
    if not values:
        return b""
    return struct.pack(f"<2H{len(values)}Q", _ZIP64_FIELD, 8 * len(values), *values)


def broken(reason):
    """Return the error for a file that cannot be read, in the words of PyTorch's reader."""
    return RuntimeError(f"PytorchStreamReader failed reading zip archive: {reason}")


class ArchiveReader:
    """Reads records of an archive, believing none of its numbers before they are checked.

    Args:
        file: a binary file that can seek; the archive fills it from `start` to its end.

    Raises RuntimeError where it is no whole archive.
    """

    def __init__(self, file, start=0):
        self._file = file
        self._start = start
        self.size = file.seek(0, 2) - start
        self._records = {}  # path to (checksum, size, offset of its local header)
        self._read_directory()
        first = next(iter(self._records), None)
        if first is None or "/" not in first:
            raise broken("file in archive is not in a subdirectory: " + str(first))
        self._folder = first[: first.index("/") + 1]

    def __contains__(self, record):
        return self._folder + record in self._records

    def size_of(self, record):
        """Return the bytes of a record."""
        return self._find(record)[1]

    def read(self, record):
        """Return the content of a record as bytes."""
        content = bytearray(self._find(record)[1])
        self.read_into(record, memoryview(content))
        return bytes(content)

    def read_into(self, record, view):
        """Fill a view of bytes with the content of a record of that size, and compare its checksum."""
        checksum, size, _ = self._find(record)
        if len(view) != size:
            raise broken(f"record {record} has {size} bytes and not {len(view)}")
        self._file.seek(self._start + self.offset_of(record))
        actual = 0
        for start in range(0, size, _CHUNK):
            chunk = view[start : start + _CHUNK]
            self._fill(chunk)
            actual = zlib.crc32(chunk, actual)
        if actual != checksum:
            raise broken(f"record {record} is damaged: its checksum is not the one in the directory")

    def offset_of(self, record):
        """Return where the content of a record begins, counted from the begin of the archive."""
        _, size, header = self._find(record)
        fields = _LOCAL_HEADER.unpack(self._bytes_at(header, _LOCAL_HEADER.size))
        if fields[0] != b"PK\3\4":
            raise broken(f"record {record} has no header")
        offset = header + _LOCAL_HEADER.size + fields[9] + fields[10]
        if offset + size > self.size:
            raise broken(f"record {record} reaches behind the end of the file")
        return offset

    def _find(self, record):
        try:
            return self._records[self._folder + record]
        except KeyError:
            raise broken(f"file not found: {self._folder}{record}") from None

    def _bytes_at(self, offset, count):
        if offset < 0 or count < 0 or offset + count > self.size:
            raise broken("failed finding central directory")
        content = bytearray(count)
        self._file.seek(self._start + offset)
        self._fill(memoryview(content))
        return content

    def _fill(self, view):
        """Read exactly as many bytes as the view has; files may give fewer at a time."""
        read_into = getattr(self._file, "readinto", None)
        while len(view) > 0:
            if read_into is not None:
                count = read_into(view)
            else:
                content = self._file.read(len(view))
                count = len(content)
                view[:count] = content
            if not count:
                raise broken("the file ends early")
            view = view[count:]

    def _read_directory(self):
        count, size, start = self._find_directory()
        directory = self._bytes_at(start, size)
        position, total = 0, 0
        for _ in range(count):
            if position + _CENTRAL_HEADER.size > size:
                raise broken("its directory is cut off")
            fields = _CENTRAL_HEADER.unpack_from(directory, position)
            signature, flags, method, checksum = fields[0], fields[3], fields[4], fields[7]
            compressed, uncompressed, path_length, extra_length, comment_length = fields[8:13]
            offset = fields[16]
            position += _CENTRAL_HEADER.size
            end = position + path_length + extra_length + comment_length
            if signature != b"PK\1\2" or end > size:
                raise broken("its directory is damaged")
            path = bytes(directory[position : position + path_length]).decode("utf-8", "replace")
            extra = bytes(directory[position + path_length : end - comment_length])
            position = end
            uncompressed, compressed, offset = _with_zip64([uncompressed, compressed, offset], extra)
            if method != 0 or compressed != uncompressed or flags & _ENCRYPTED:
                raise broken(f"record {path} is compressed or encrypted, which .pt files never are")
            if offset + uncompressed > self.size:
                raise broken(f"record {path} reaches behind the end of the file")
            total += uncompressed
            self._records[path] = (checksum, uncompressed, offset)
        if total > self.size:
            raise broken("its records overlap")

    def _find_directory(self):
        """Return number of records, size and offset of the directory."""
        tail_start = max(0, self.size - _END.size - _LIMIT_16)
        tail = bytes(self._bytes_at(tail_start, self.size - tail_start))
        position = tail.rfind(b"PK\5\6", 0, max(0, len(tail) - _END.size + 4))
        if position < 0:
            raise broken("failed finding central directory")
        fields = _END.unpack_from(tail, position)
        count, size, start = fields[4:7]
        locator_offset = tail_start + position - _END_64_LOCATOR.size
        if locator_offset >= 0:
            locator = _END_64_LOCATOR.unpack(self._bytes_at(locator_offset, _END_64_LOCATOR.size))
            if locator[0] == b"PK\6\7":
                fields = _END_64.unpack(self._bytes_at(locator[2], _END_64.size))
                if fields[0] != b"PK\6\6":
                    raise broken("failed finding central directory")
                count, size, start = fields[7:10]
        if count > size // _CENTRAL_HEADER.size:
            raise broken("its directory is damaged")
        return count, size, start


def _with_zip64(values, extra):
    """Replace the values that are too large for 32 bits by those of the zip64 extra field, in order."""
    large = []
    while len(extra) >= _EXTRA_FIELD.size:
        kind, length = _EXTRA_FIELD.unpack_from(extra)
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _ZIP64_FIELD:
            large = list(struct.unpack(f"<{len(content) // 8}Q", content[: len(content) // 8 * 8]))
    for position, value in enumerate(values):
        if value == _LIMIT_32:
            if not large:
                raise broken("its directory is damaged")
            values[position] = large.pop(0)
    return values
