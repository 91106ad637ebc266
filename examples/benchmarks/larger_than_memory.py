"""Memory and time of a fit on a lazy frame: what the process has of its own, and pages of files.

A Parquet file of 10,000,000 rows of 20 numbers and a target is written, and a process of its own
each trains on it, by polars, duckdb and pyarrow, and predicts it. RssAnon of Linux is the memory
that a process has of its own; pages of the table's file (RssFile) are given back when others need
them. What an epoch takes is beside that of the same rows in an array in memory.

``python examples/benchmarks/larger_than_memory.py`` takes some minutes, ``--rows 300_000`` half of
one. Results go to a CSV file beside this file. It needs Linux.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from speed import write_csv

N_COLUMNS, EPOCHS = 20, 3

#: Runs in a process of its own: the library, the path.
PROGRAM = """
import json, re, sys, threading, time, warnings
import numpy as np

def memory(name):
    with open("/proc/self/status") as status:
        return int(re.search(name + r":\\s+(\\d+)", status.read())[1]) / 1024

peaks = {"RssAnon": 0.0, "RssFile": 0.0}
def watch():
    while True:
        for name in peaks:
            peaks[name] = max(peaks[name], memory(name))
        time.sleep(0.01)

library, path, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3])
if library in ("polars", "array"):
    import polars as pl
    frame = pl.scan_parquet(path)
    X = frame.drop("y")
elif library == "duckdb":
    import duckdb
    frame = duckdb.read_parquet(path)
    X = frame.project(", ".join(name for name in frame.columns if name != "y"))
else:
    import pyarrow.dataset as ds
    frame = ds.dataset(path)
    X = frame.scanner(columns=[name for name in frame.schema.names if name != "y"])
from sknumpynet import NumpyMLPRegressor

warnings.simplefilter("ignore")
y = "y"
if library == "array":
    y = frame.select("y").collect()["y"].to_numpy()
    frame = np.ascontiguousarray(X.collect().to_numpy())
    X = frame
start = {name: memory(name) for name in peaks}
threading.Thread(target=watch, daemon=True).start()
begin, cpu = time.perf_counter(), time.process_time()
model = NumpyMLPRegressor((32,), max_iter=epochs, batch_size=1000, random_state=0).fit(frame, y)
fit, fit_cpu = time.perf_counter() - begin, time.process_time() - cpu
of_fit = dict(peaks)
begin = time.perf_counter()
n = len(model.predict(X))
print(json.dumps({
    "rows": n, "start MB": start["RssAnon"], "fit MB": of_fit["RssAnon"],
    "predict MB": peaks["RssAnon"], "file pages MB": peaks["RssFile"] - start["RssFile"],
    "fit s": fit, "fit cpu s": fit_cpu, "epoch s": min(model.history_["seconds"]),
    "predict s": time.perf_counter() - begin, "loss": model.history_["loss"][-1],
}))
"""


def write_rows(path: Path, n_rows: int) -> None:
    """A Parquet file of normal numbers in float32, and a target made of some."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, writer = np.random.default_rng(0), None
    for start in range(0, n_rows, 250_000):
        x = rng.standard_normal((min(250_000, n_rows - start), N_COLUMNS), dtype=np.float32)
        columns = {f"x{j}": np.ascontiguousarray(x[:, j]) for j in range(N_COLUMNS)}
        table = pa.table(columns | {"y": np.sin(x[:, 0]) + x[:, 1] * x[:, 2]})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def measured(library: str, path: Path) -> dict[str, float]:
    """What the process says."""
    command = [sys.executable, "-c", PROGRAM, library, str(path), str(EPOCHS)]
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode:
        raise RuntimeError(finished.stderr)
    # duckdb shows in front of it how far it is.
    return json.loads(finished.stdout[finished.stdout.rindex("{") :])


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--libraries", nargs="+", default=["polars", "duckdb", "pyarrow", "array"])
    parser.add_argument("--file", type=Path, help="keep the Parquet file here, and use it again")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(""))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "rows.parquet"
        if not path.exists():
            write_rows(path, options.rows)
        found = {library: measured(library, path) for library in options.libraries}
    header = ["library", *next(iter(found.values()))]
    print("".join(f"{name:>15}" for name in header))
    for library, figures in found.items():
        cells = [
            f"{value:>15.4g}" if value < 1e4 else f"{value:>15,.0f}" for value in figures.values()
        ]
        print(f"{library:>15}" + "".join(cells), flush=True)
    write_csv(options.output, header, [[name, *row.values()] for name, row in found.items()])


if __name__ == "__main__":
    main()
