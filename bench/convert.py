"""Compares conversion by tflower with conversion by litert-torch and with a plain copy of the file.

    python bench/convert.py --zoo DIR --json OUT.json --markdown bench/results/convert.md

Three kinds of process run in turn for every model, in one interleaved run, each fresh:
  tflower  the CLI:             node packages/tflower/bin/tflower.js convert X.pt2 -o X.tflite --json
  peer     peer_convert.py:     imports torch and litert-torch, loads X.pt2 as a module, converts, writes
  copy     copy.mjs:            reads and writes X.pt2 in Node, 1 MiB at a time
What each one used comes from the kernel (wait4): user and system CPU seconds, and the largest resident set of the process.

This file needs Python's standard library only (it stays small: a child's peak memory cannot be told from a large parent's);
the interpreter that runs it, or --python, must have torch and litert-torch for the peer.
"""

import argparse
import json
import math
import os
import platform
import re
import shlex
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
MODELS = (
    "tv_mobilenet_v2 tv_resnet50 tv_efficientnet_b0 tv_convnext_tiny tv_vit_b_16 "
    "timm_deit_tiny_patch16_224 hf_bert hf_gpt2 hf_llama ta_wav2letter"
)
SIDES = ("tflower", "copy", "peer")

# What conversion is held to: see --assert.
CPU_RATIO_GEOMEAN, CPU_RATIO_WORST, CONVERT_RATIO_GEOMEAN = 20, 8, 10
COPY_RATIO, COPY_ALLOWANCE_S, MEMORY_OVER_WEIGHTS_MB = 2, 0.4, 250


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zoo", type=Path, required=True, help="folder with the .pt2 files")
    parser.add_argument("--cli", default="node packages/tflower/bin/tflower.js", help="command that runs tflower")
    parser.add_argument("--python", default=sys.executable, help="a Python with torch and litert-torch")
    parser.add_argument("--models", default=MODELS, help="names of .pt2 files without their ending")
    parser.add_argument("--rounds", type=int, default=5, help="how often all models are gone through")
    parser.add_argument("--repeats", type=int, default=3, help="how often tflower and the copy run per round and model")
    parser.add_argument("--sides", default=",".join(SIDES), help="which of tflower,copy,peer to run")
    parser.add_argument("--json", type=Path, help="write every measurement here, after each one")
    parser.add_argument("--markdown", type=Path, help="write the table here")
    parser.add_argument("--limit", type=float, default=900, help="seconds after which a process is stopped")
    parser.add_argument("--from", dest="previous", type=Path, help="print the tables of an earlier --json; run nothing")
    parser.add_argument("--assert", dest="check", action="store_true", help="exit 1 when a figure misses its bound")
    return parser.parse_args()


def measure(command: list[str], limit: float) -> dict:
    """Runs a command to its end; what it and the processes it waited for used."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, stdin=subprocess.DEVNULL)
        while True:  # wait4 knows no time limit; a poll each 2 ms costs nothing that counts
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            wall = time.perf_counter() - start
            if pid:
                break
            if wall > limit:
                process.kill()
                limit = math.inf
            time.sleep(0.002)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0), errors.seek(0)
        result = {"cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": wall, "peak_mb": usage.ru_maxrss * 1024 / 1e6}
        if process.returncode != 0:
            last = [line for line in (errors.read() + output.read()).splitlines() if line.strip()][-1:]
            return {**result, "error": f"exit {process.returncode}: {''.join(last)[:300]}"}
        return {**result, "stdout": output.read()}


def last_json(text: str) -> dict:
    """The last line of a process's output that is a JSON object."""
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    return {}


def run(side: str, source: Path, folder: Path, options: argparse.Namespace) -> dict:
    """One measurement of one side on one model."""
    target = folder / (source.name if side == "copy" else f"{source.stem}.tflite")
    command = {
        "tflower": [*shlex.split(options.cli), "convert", str(source), "-o", str(target), "--json"],
        "peer": [options.python, str(HERE / "peer_convert.py"), str(source), str(target)],
        "copy": ["node", str(HERE / "copy.mjs"), str(source), str(target)],
    }[side]
    result = measure(command, options.limit)
    report = last_json(result.pop("stdout", ""))
    if "error" not in result and not target.exists():
        result["error"] = "ended well but wrote no file"
    if "error" not in result:
        result["bytes"] = target.stat().st_size
        if side == "tflower" and "ms" in report:
            result["convert_s"] = report["ms"] / 1000
        elif side == "peer":
            result.update(report)
    target.unlink(missing_ok=True)  # before its pages are written to the disk under the next measurement
    return result


def weights_mb(source: Path) -> float:
    """The bytes of the weights and constants in the archive, in MB; tied weights are stored, and counted, once."""
    with zipfile.ZipFile(source) as archive:
        stored = (e for e in archive.infolist() if re.search(r"/data/(weights|constants)/(?!.*\.json$)", e.filename))
        return sum(entry.file_size for entry in stored) / 1e6


def versions(options: argparse.Namespace, sides: list[str]) -> dict:
    """What was compared, and on what."""

    def ask(command: list[str]) -> str:
        answer = subprocess.run(command, capture_output=True, text=True)
        return answer.stdout.strip() if answer.returncode == 0 else "unknown"

    cpu = "unknown CPU"
    if os.path.exists("/proc/cpuinfo"):
        names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        cpu = names[0] if names else cpu
    found = {"cpu": cpu, "cores": os.cpu_count(), "system": platform.system(), "node": ask(["node", "--version"])}
    if "peer" in sides:
        code = "from importlib.metadata import version as v; print(v('torch'), v('litert-torch'))"
        found["torch"], found["litert-torch"] = (ask([options.python, "-c", code]).split() + ["unknown"] * 2)[:2]
    return found


def collect(options: argparse.Namespace) -> dict:
    """All rounds. The order of the sides turns from round to round, so that none always runs after the same other."""
    sides = [side for side in SIDES if side in options.sides.split(",")]
    # tflower and the copy are over in a moment and their figures scatter more than the peer's: they run more often
    turns = [side for side in sides if side != "peer"] * options.repeats + [side for side in sides if side == "peer"]
    data = {"versions": versions(options, sides), "rounds": options.rounds, "repeats": options.repeats, "models": {}}
    for name in options.models.split():
        source = options.zoo / f"{name}.pt2"
        size = {"pt2_mb": source.stat().st_size / 1e6, "weights_mb": weights_mb(source)}
        data["models"][name] = {**size, **{side: [] for side in sides}}
    with tempfile.TemporaryDirectory(prefix="tflower-bench-") as folder:
        for turn in range(options.rounds):
            for at, (name, model) in enumerate(data["models"].items()):
                source = options.zoo / f"{name}.pt2"
                with open(source, "rb") as file:  # the pages of the file are in memory for whoever comes first
                    while file.read(1 << 20):
                        pass
                shift = (turn + at) % len(turns)
                for side in turns[shift:] + turns[:shift]:
                    result = run(side, source, Path(folder), options)
                    model[side].append(result)
                    told = result.get("error") or f"{result['cpu_s']:7.2f} s CPU {result['wall_s']:7.2f} s {result['peak_mb']:6.0f} MB"
                    print(f"round {turn + 1}/{options.rounds} {name:28s} {side:8s} {told}", file=sys.stderr, flush=True)
                    if options.json:
                        write(options.json, json.dumps(data, indent=1) + "\n")
    return data


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def middle(model: dict, side: str, figure: str) -> float | None:
    """The median over the rounds, or None when a round failed or does not have the figure."""
    values = [result.get(figure) for result in model.get(side, [])]
    if not values or any("error" in result for result in model[side]) or None in values:
        return None
    return median(values)


def summarize(model: dict) -> dict:
    """The figures of one row: medians, and the ratios of medians."""

    def ratio(a: float | None, b: float | None) -> float | None:
        return None if a is None or not b else a / b

    row = {f"{side}_{f}": middle(model, side, f) for side in SIDES for f in ("cpu_s", "wall_s", "peak_mb", "convert_s", "export_s")}
    ours = row["tflower_cpu_s"]
    row["cpu_ratio"] = ratio(row["peer_cpu_s"], ours)
    row["wall_ratio"] = ratio(row["peer_wall_s"], row["tflower_wall_s"])
    row["convert_ratio"] = ratio(row["peer_convert_s"], row["tflower_convert_s"])
    if row["peer_convert_s"] is not None and row["peer_export_s"] is not None:
        row["lower_ratio"] = ratio(row["peer_convert_s"] - row["peer_export_s"], row["tflower_convert_s"])
    row["memory_ratio"] = ratio(row["peer_peak_mb"], row["tflower_peak_mb"])
    if ours is not None:
        row["copy_ratio"] = ratio(max(0.0, ours - COPY_ALLOWANCE_S), row["copy_cpu_s"])
        row["over_weights_mb"] = row["tflower_peak_mb"] - model["weights_mb"]
    return row


def geomean(values: list[float]) -> float | None:
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def report(data: dict) -> tuple[str, list[str]]:
    """The markdown, and one line for each bound that is missed."""
    rows = {name: summarize(model) for name, model in data["models"].items()}

    def show(value: float | None, digits: int = 2, unit: str = "") -> str:
        return "-" if value is None else f"{value:.{digits}f}{unit}"

    def all_of(figure: str) -> list[float]:
        return [row[figure] for row in rows.values() if row.get(figure) is not None]

    def means(*figures: str) -> list[str]:
        return [show(geomean(all_of(figure)), 1, "x") for figure in figures]

    whole = [
        [name, show(r["tflower_cpu_s"]), show(r["peer_cpu_s"]), show(r["cpu_ratio"], 1, "x")]
        + [show(r["tflower_wall_s"]), show(r["peer_wall_s"]), show(r["wall_ratio"], 1, "x")]
        for name, r in rows.items()
    ]
    cpu_mean, wall_mean = means("cpu_ratio", "wall_ratio")
    whole.append(["**geomean**", "", "", f"**{cpu_mean}**", "", "", f"**{wall_mean}**"])

    only = [
        [name, show(r["tflower_convert_s"]), show(r["peer_convert_s"]), show(r["convert_ratio"], 1, "x")]
        + [show(r["peer_export_s"]), show(r.get("lower_ratio"), 1, "x")]
        for name, r in rows.items()
    ]
    convert_mean, lower_mean = means("convert_ratio", "lower_ratio")
    only.append(["**geomean**", "", "", f"**{convert_mean}**", "", f"**{lower_mean}**"])

    cost = [
        [name, show(data["models"][name]["weights_mb"], 0), show(r["copy_cpu_s"]), show(r["tflower_cpu_s"])]
        + [show(r.get("copy_ratio")), show(r["tflower_peak_mb"], 0), show(r.get("over_weights_mb"), 0)]
        + [show(r["peer_peak_mb"], 0), show(r["memory_ratio"], 1, "x")]
        for name, r in rows.items()
    ]

    found = data["versions"]
    against = f"torch {found['torch']}, litert-torch {found['litert-torch']}, " if "torch" in found else ""
    text = f"""# Conversion beside litert-torch and a plain copy

Medians of {data["rounds"]} interleaved rounds (tflower and the copy {data["repeats"]} times in each), every process fresh; {against}Node {found["node"]}, {found["system"]},
{found["cpu"]}, {found["cores"]} cores. Made by `bench/convert.py`; seconds and MB; ratios are the peer's figure over tflower's.

## The whole process

{table(["model", "tflower CPU", "peer CPU", "ratio", "tflower wall", "peer wall", "ratio"], whole)}

## Conversion only

tflower: the `ms` that `--json` reports, which covers reading and writing. Peer: `litert_torch.convert()` after import and load,
without writing; it exports the module again, so the last two columns give that part and the ratio without it.

{table(["model", "tflower", "peer", "ratio", "of it export", "ratio without"], only)}

## Beside a copy of the .pt2, and memory

A copy by Node in 1 MiB pieces. The copy ratio is (tflower's CPU - {COPY_ALLOWANCE_S} s) / (the copy's CPU).

{table(["model", "weights", "copy CPU", "tflower CPU", "copy ratio", "tflower peak", "over weights", "peer peak", "ratio"], cost)}
"""
    missed = []
    for name, model in data["models"].items():
        for side in SIDES:
            errors = [result["error"] for result in model.get(side, []) if "error" in result]
            if errors:
                missed.append(f"{name}: {side} failed: {errors[0]}")

    def bound(what: str, value: float | None, good: bool) -> None:
        if value is None or not good:
            missed.append(f"{what}: {show(value)}")

    if any(model.get("tflower") for model in data["models"].values()):
        mean, worst = geomean(all_of("cpu_ratio")), min(all_of("cpu_ratio"), default=None)
        bound(f"CPU ratio, geomean, at least {CPU_RATIO_GEOMEAN}", mean, mean is not None and mean >= CPU_RATIO_GEOMEAN)
        bound(f"CPU ratio, worst, at least {CPU_RATIO_WORST}", worst, worst is not None and worst >= CPU_RATIO_WORST)
        mean = geomean(all_of("convert_ratio"))
        bound(f"conversion ratio, geomean, at least {CONVERT_RATIO_GEOMEAN}", mean, mean is not None and mean >= CONVERT_RATIO_GEOMEAN)
        for name, row in rows.items():
            copy, over = row.get("copy_ratio"), row.get("over_weights_mb")
            bound(f"{name}: copy ratio, at most {COPY_RATIO}", copy, copy is not None and copy <= COPY_RATIO)
            bound(f"{name}: MB over weights, at most {MEMORY_OVER_WEIGHTS_MB}", over, over is not None and over <= MEMORY_OVER_WEIGHTS_MB)
        text += "\n## Bounds\n\n" + ("All are met.\n" if not missed else "Missed:\n" + "".join(f"- {line}\n" for line in missed))
    return text, missed


def main() -> None:
    options = arguments()
    data = json.loads(options.previous.read_text()) if options.previous else collect(options)
    text, missed = report(data)
    if not all(model.get(side) for model in data["models"].values() for side in SIDES):
        missed.append("not every side was measured")  # so that --assert cannot pass by measuring less
    print(text)
    if options.markdown:
        write(options.markdown, text)
    sys.exit(1 if options.check and missed else 0)


if __name__ == "__main__":
    main()
