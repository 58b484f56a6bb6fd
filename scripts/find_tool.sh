#!/bin/sh
# Prints the Python or the C++ compiler to use, or one line that names the package to install.
#   find_tool.sh python | compiler
set -eu

fail() {
  echo "$1" >&2
  exit 1
}

# 0 when the Python can run Lampas.
python_is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    path=$(command -v "$candidate" 2>/dev/null) || continue
    if python_is_new_enough "$path"; then
      version=$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
      "$path" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "Python's venv module is missing: install the package python$version-venv"
      header=$("$path" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h
      [ -f "$header" ] || fail "Python's headers are missing: install the package python$version-dev"
      echo "$path"
      return
    fi
  done
  found=$(python3 --version 2>/dev/null || echo none)
  fail "Lampas needs Python 3.11 or newer (found: $found): install the package python3.11, or set PYTHON"
}

# The compiler's major version, or nothing where it is no GNU compiler.
gnu_major_version() {
  "$1" -dM -E -x c++ /dev/null 2>/dev/null |
    awk '$2 == "__clang__" { clang = 1 } $2 == "__GNUC__" { version = $3 } END { if (!clang) print version }'
}

find_compiler() {
  found=none
  for candidate in "${CXX:-}" g++ g++-15 g++-14 g++-13 g++-12; do
    [ -n "$candidate" ] || continue
    path=$(command -v "$candidate" 2>/dev/null) || continue
    major=$(gnu_major_version "$path")
    [ -n "$major" ] || continue
    if [ "$major" -ge 12 ]; then
      echo "$path"
      return
    fi
    found="g++ $major"
  done
  fail "Lampas needs g++ 12 or newer (found: $found): install the package g++-12, or set CXX"
}

case "${1:-}" in
  python) find_python ;;
  compiler) find_compiler ;;
  *) fail "usage: find_tool.sh python | compiler" ;;
esac
