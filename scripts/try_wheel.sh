#!/bin/sh
# Builds the wheel, reads its platform tag, and tries it in an empty environment without a compiler:
#   try_wheel.sh TOOLS_ENVIRONMENT EMPTY_ENVIRONMENT
set -eu

tools=$1
empty=$2
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

rm -rf build/wheel build/dist dist "$empty"
CXX=$(scripts/find_tool.sh compiler) "$tools/bin/python" -m build --wheel --outdir build/dist . > build/wheel.log 2>&1 ||
  { tail -n 40 build/wheel.log >&2; exit 1; }
# auditwheel writes the tag that the wheel's symbols allow, and fails where a library is not allowed at all.
"$tools/bin/auditwheel" repair --plat auto --only-plat --wheel-dir dist build/dist/*.whl
wheel=$(echo dist/*.whl)
echo "wheel: $wheel, $(wc -c < "$wheel") bytes"

"$("$root/scripts/find_tool.sh" python)" -m venv "$empty"
PYTHON_PATH=$(cd "$empty" && pwd)/bin/python
# Nothing but the environment on the path: no compiler, no CMake; and no source tree to import from.
scratch=$(mktemp -d)
remove=$(command -v rm)
trap '"$remove" -rf "$scratch"' EXIT
cp tests/test_tiny.py "$scratch/"
cd "$scratch"
export PATH="$(dirname "$PYTHON_PATH")"
"$PYTHON_PATH" -m pip install -qq --disable-pip-version-check --only-binary :all: "$root/$wheel" "pytest>=8,<10"
lampas info
"$PYTHON_PATH" -m pytest -q -p no:cacheprovider test_tiny.py
