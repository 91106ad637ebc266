"""The pictures of the gallery
============================

Runs the examples, or those that are named, and keeps of each its figure, small, in ``images``. What
they print is shown as they go.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
IMAGES = HERE / "images"
#: All that write a figure within a minute or so.
EXAMPLES = [
    "quickstart",
    "raw_frame",
    "tabular",
    "explain",
    "prediction_intervals",
    "imbalanced_classes",
    "inspect_training",
    "tune",
    "larger_than_memory",
    "serve",
    "many_machines",
    "learn/apple_receipt",
    "learn/graph_of_layers",
    "learn/layers_of_any_size",
    "learn/one_sample_at_a_time",
    "learn/two_dense_layers",
]
#: Pixels across: as wide as a page shows it on a screen of high resolution.
WIDTH = 1200


def keep(figure: Path, name: str) -> Path:
    """Write it in 128 colors, which lines and text need no more of, and return where."""
    image = Image.open(figure).convert("RGB")
    height = round(image.height * WIDTH / image.width)
    if image.width > WIDTH:
        image = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    path = IMAGES / f"{name}.png"
    image.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[3])
    parser.add_argument("names", nargs="*", help="of some examples; all where there is none")
    names = parser.parse_args(argv).names
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for example in EXAMPLES:
            name = Path(example).name
            if names and name not in names:
                continue
            figure = Path(folder) / f"{name}.png"
            script = HERE / f"{example}.py"
            subprocess.run([sys.executable, script, "--output", figure], check=True)
            path = keep(figure, name)
            print(f"{path.relative_to(HERE)}: {path.stat().st_size // 1000} kB", flush=True)


if __name__ == "__main__":
    main()
