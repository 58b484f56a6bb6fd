"""Run in a worker process before its own work: enables the drop-in there, wherever Lampas lies."""

import pathlib
import sys

if __name__ == "<run_path>":
    sources = str(pathlib.Path(__file__).parents[2])
    if sources not in sys.path:
        sys.path.append(sources)
    from lampas.drop_in import enable

    enable()
