#!/bin/sh
# Makes a virtual environment, once for each state of its requirements:
#   make_environment.sh FOLDER REQUIREMENTS...
# A requirement `build` stands for CMake and Ninja, which are installed only where the machine has none.
set -eu

folder=$1
shift
here=$(dirname "$0")
root=$(cd "$here/.." && pwd)

if [ ! -x "$folder/bin/python" ]; then
  python=$("$here/find_tool.sh" python)
  "$python" -m venv "$folder"
fi

# The source tree is importable from the environment, and `lampas` is its command.
packages=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$root/src" > "$packages/lampas_sources.pth"
cat > "$folder/bin/lampas" <<LAUNCHER
#!/bin/sh
exec "\$(dirname "\$0")/python" -c 'import sys; from lampas.train.command_line import main; sys.exit(main())' "\$@"
LAUNCHER
chmod +x "$folder/bin/lampas"

install() {
  "$folder/bin/python" -m pip install -qq --disable-pip-version-check "$@"
}

cmake_is_new_enough() {
  cmake --version 2>/dev/null | awk 'NR == 1 { split($3, part, "."); exit !(part[1] > 3 || (part[1] == 3 && part[2] >= 18)) }
                                     END { if (NR == 0) exit 1 }'
}

for requirement in "$@"; do
  stamp="$folder/.installed-$requirement"
  if [ "$requirement" = build ]; then
    [ -f "$stamp" ] && continue
    cmake_is_new_enough || install cmake
    command -v ninja > /dev/null 2>&1 || install ninja
  else
    list="$root/requirements/$requirement.txt"
    [ -f "$stamp" ] && [ ! "$list" -nt "$stamp" ] && continue
    install -r "$list"
  fi
  touch "$stamp"
done
