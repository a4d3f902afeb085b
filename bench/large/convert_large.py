"""Converts programs of several gigabytes, beside a plain copy: speed, memory, and whether every weight arrived.

    python bench/large/convert_large.py --folder DIR [--sizes 4,12] [--dtypes f32,f16] [--markdown bench/results/large.md] --assert

The archives are written by make-decoder.mjs (no torch), and removed afterwards; DIR needs room for three times the largest size.
The files are checked without running them: LiteRT's own schema reads them, and samples of every weight of 1 MB or more are compared with the archive's.
The interpreter that runs this must have ai-edge-litert.
"""

import argparse
import mmap
import subprocess
import sys
import zipfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from convert import measure  # noqa: E402

MEMORY_MB, COPY_SHARE = 600, 3
SAMPLE, PLACES = 4096, 7


def samples(data, start: int, size: int) -> tuple:
    """What tells a weight from every other: its size and bytes from all over it."""
    step = max(1, (size - SAMPLE) // (PLACES - 1))
    return size, *(bytes(data[start + i * step : start + min(i * step + SAMPLE, size)]) for i in range(PLACES))


def source_weights(path: Path) -> dict:
    """Where each weight of the archive lies, by its samples."""
    found = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for e in archive.infolist():
            # small float16 ones are float32 in the file
            if "/data/weights/weight_" in e.filename and e.file_size >= 1 << 20:
                head = data[e.header_offset : e.header_offset + 30]
                start = e.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
                found[samples(data, start, e.file_size)] = e.filename.rsplit("/", 1)[1]
    return found


def check(source: Path, target: Path) -> str:
    """Compares a file with the archive it came from. Raises when something is missing."""
    from ai_edge_litert import schema_py_generated as schema

    wanted = source_weights(source)
    with target.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        model = schema.Model.GetRootAsModel(data, 0)
        graph = model.Subgraphs(0)
        seen = set()
        for i in range(graph.TensorsLength()):
            buffer = model.Buffers(graph.Tensors(i).Buffer())
            start, size = buffer.Offset(), buffer.Size()
            if size <= 1:  # in the table itself
                size = buffer.DataLength()
                if size == 0:
                    continue
                array = buffer.DataAsNumpy()
                name = wanted.get(samples(array.tobytes(), 0, size))
            else:
                assert start % 16 == 0, f"buffer of tensor {i} at {start}"
                assert start + size <= target.stat().st_size, f"tensor {i} ends behind the file"
                name = wanted.get(samples(data, start, size))
            seen.add(name)
        missing = set(wanted.values()) - seen
        assert not missing, f"{len(missing)} weights did not arrive: {sorted(missing)[:5]}"
        operators = graph.OperatorsLength()
        del graph, model, buffer
    return f"{len(wanted)} weights, {operators} operators"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sizes", default="4")
    parser.add_argument("--dtypes", default="f32,f16")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cli", default="node packages/tflower/bin/tflower.js")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--assert", dest="check", action="store_true")
    options = parser.parse_args()
    rows, misses = [], []
    for size in options.sizes.split(","):
        for dtype in options.dtypes.split(","):
            source = options.folder / f"decoder_{size}_{dtype}.pt2"
            target, copied = source.with_suffix(".tflite"), source.with_suffix(".copy")
            subprocess.run(["node", str(HERE / "make-decoder.mjs"), str(source), "--gigabytes", size, "--dtype", dtype], check=True)
            ours, copy = [], []
            for _ in range(options.rounds):
                for what, runs, file, command in (
                    ("copy", copy, copied, ["node", str(HERE.parent / "copy.mjs"), str(source), str(copied)]),
                    ("tflower", ours, target, [*options.cli.split(), "convert", str(source), "-o", str(target)]),
                ):
                    result = measure(command, 1800)
                    if "error" in result:
                        raise SystemExit(f"{what} on {source.name}: {result['error']}")
                    runs.append(result)
                    print(f"{source.name:24s} {what:8s} {result['cpu_s']:7.2f} s CPU {result['wall_s']:7.2f} s {result['peak_mb']:6.0f} MB", flush=True)
                    if what == "copy":
                        file.unlink()
            found = check(source, target)
            figures = [median(r[k] for r in runs) for runs in (ours, copy) for k in ("cpu_s", "wall_s", "peak_mb")]
            rows.append((source.stem, source.stat().st_size / 1e9, found, *figures))
            ratio = figures[1] / figures[4]
            if ratio > COPY_SHARE:
                misses.append(f"{source.stem}: {ratio:.2f} times the copy's wall time, at most {COPY_SHARE}")
            if figures[2] > MEMORY_MB:
                misses.append(f"{source.stem}: {figures[2]:.0f} MB, at most {MEMORY_MB}")
            source.unlink(), target.unlink()
    table = [
        "# Programs of several gigabytes\n",
        "Made by `bench/large/convert_large.py`: medians of interleaved runs; a copy reads and writes the archive in Node, 1 MiB at a time.",
        "Samples of every weight of 1 MB or more were compared with the archive's.\n",
        "| program | GB | found | tflower CPU s | wall s | peak MB | copy CPU s | wall s | wall ratio |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(f"| {n} | {gb:.1f} | {f} | {a:.1f} | {b:.1f} | {c:.0f} | {d:.1f} | {e:.1f} | {b / e:.2f} |" for n, gb, f, a, b, c, d, e, _ in rows),
    ]
    text = "\n".join(table) + "\n"
    print(text)
    if options.markdown:
        options.markdown.write_text(text)
    for miss in misses:
        print(f"missed: {miss}")
    return 1 if misses and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
