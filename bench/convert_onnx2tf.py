"""Compares conversion by tflower with conversion by onnx2tf, process by process, in one interleaved run.

    python bench/convert_onnx2tf.py --zoo DIR --onnx DIR --onnx2tf VENV/bin/onnx2tf --markdown bench/results/convert-onnx2tf.md

onnx2tf reads ONNX files (bench/export_onnx.py makes them); the time of that export, several seconds of torch, is not counted, so the
ratio is to its favour. It writes a float32 and a float16 file, which cannot be asked for apart. Standard library only.
"""

import argparse
import math
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from convert import MODELS, measure

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--zoo", type=Path, required=True, help="folder with the .pt2 files")
parser.add_argument("--onnx", type=Path, required=True, help="folder with the .onnx files")
parser.add_argument("--onnx2tf", required=True, help="command that runs onnx2tf")
parser.add_argument("--cli", default="node packages/tflower/bin/tflower.js", help="command that runs tflower")
parser.add_argument("--models", default=MODELS)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--markdown", type=Path, help="write the table here")
parser.add_argument("--limit", type=float, default=600, help="seconds after which a process is stopped")
parser.add_argument("--assert", dest="check", action="store_true", help="exit 1 when the ratio is below 5")
o = parser.parse_args()

os.environ.setdefault("OMP_NUM_THREADS", "1")
seen: dict[str, dict[str, list[dict]]] = {}
folder = Path(tempfile.mkdtemp(prefix="bench-"))
for _ in range(o.rounds):
    for name in o.models.split():
        if not (o.onnx / f"{name}.onnx").exists():
            continue
        for side in ("tflower", "onnx2tf"):
            target = folder / side
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            command = {
                "tflower": [*shlex.split(o.cli), "convert", str(o.zoo / f"{name}.pt2"), "-o", str(target / "m.tflite"), "--json"],
                "onnx2tf": [*shlex.split(o.onnx2tf), "-i", str(o.onnx / f"{name}.onnx"), "-o", str(target), "-n"],
            }[side]
            result = measure(command, o.limit)
            if "error" not in result and not list(target.rglob("*.tflite")):
                result["error"] = "ended well but wrote no file"
            seen.setdefault(name, {}).setdefault(side, []).append(result)
            print(name, side, result.get("error", f"{result['cpu_s']:.2f} s CPU"), file=sys.stderr, flush=True)
shutil.rmtree(folder, ignore_errors=True)

rows, ratios, memory = [], [], []
for name, sides in seen.items():
    ok = {s: [r for r in runs if "error" not in r] for s, runs in sides.items()}
    if not ok["tflower"] or not ok["onnx2tf"]:
        why = next((r["error"] for runs in sides.values() for r in runs if "error" in r), "")
        rows.append(f"| {name} | - | - | - | - | {why[:60]} |")
        continue
    cpu = {s: median(r["cpu_s"] for r in runs) for s, runs in ok.items()}
    peak = {s: max(r["peak_mb"] for r in runs) for s, runs in ok.items()}
    ratios.append(cpu["onnx2tf"] / cpu["tflower"])
    memory.append(peak["onnx2tf"] / peak["tflower"])
    rows.append(f"| {name} | {cpu['tflower']:.2f} | {cpu['onnx2tf']:.2f} | {ratios[-1]:.1f} | {memory[-1]:.1f} | |")
mean = math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan
lines = [
    "# Conversion, against onnx2tf",
    "",
    "CPU seconds of whole processes, median of an interleaved run; export to ONNX, which onnx2tf needs, is not counted. Written by",
    "`bench/convert_onnx2tf.py`.",
    "",
    "| model | tflower | onnx2tf | ratio | peak memory, ratio | |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    *rows,
    "",
    f"Geometric mean of the ratios: {mean:.1f}, worst {min(ratios, default=math.nan):.1f}.",
]
print("\n".join(lines))
if o.markdown:
    o.markdown.write_text("\n".join(lines) + "\n")
sys.exit(1 if o.check and not mean >= 5 else 0)
