#!/usr/bin/env python3
"""Compiles models for Qualcomm NPUs and runs them on the HTP emulator: how many partitions, and how far from LiteRT's CPU kernels.

    qnn.py MODEL.pt2... [--socs SM8650,SM8750] [--forms fp16,a8w8,a16w8] [--litert FOLDER --stub FOLDER] [--snapshot FILE]

Each program is converted by `tflower convert --target qnn:SOC`, quantized by ai-edge-quantizer for the integer forms, compiled by
`tflower partition --target qnn:SOC -o`, and run by qnn_emulate.py. With --litert and --stub (see qnn-partitions.mjs), LiteRT's own plugin
compiles the same file, and its figures stand beside ours. Needs QNN_LIB_DIR and the packages of qnn_emulate.py and qnn_quantize.py."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

here = Path(__file__).parent
ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("models", nargs="+")
ap.add_argument("--socs", default="SM8650,SM8750"), ap.add_argument("--forms", default="fp16,a8w8,a16w8")
ap.add_argument("--litert"), ap.add_argument("--stub"), ap.add_argument("--snapshot"), ap.add_argument("--keep")
a = ap.parse_args()
cli = ["node", str(here.parent / "packages/tflower/bin/tflower.js")]
work = Path(a.keep or tempfile.mkdtemp(prefix="qnn-conformance-"))
work.mkdir(parents=True, exist_ok=True)


def run(command, **kw):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=900, **kw)


def emulate(aot, original, inputs):
    r = run([sys.executable, here / "qnn_emulate.py", aot, original, "--json", *(["--inputs", inputs] if inputs else [])])
    lines = [l for l in r.stdout.splitlines() if l.startswith("{")]
    return json.loads(lines[-1]) if lines else {"error": (r.stderr or "?").strip().splitlines()[-1][:120]}


def show(r):
    if "error" in r:
        return r["error"]
    codes = f", {100 * r['within_2_codes']:.2f} % within 2 codes" if "within_2_codes" in r and r.get("form") != "a16w8" else ""
    return f"{r['partitions']} partition{'s' * (r['partitions'] != 1)}, {r['cpu_ops']} on CPU, {r['snr']} dB{codes}"


def peer(model, soc, out):
    plugin = Path(a.litert) / "vendors/qualcomm/compiler"
    qnn = Path(__import__("onnxruntime_qnn").__file__).parent
    env = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, [a.litert, plugin, qnn, a.stub]))}
    run([Path(a.litert) / "tools/apply_plugin_main", "--cmd=apply", f"--model={model}", f"--o={out}", "--soc_manufacturer=Qualcomm",
         f"--soc_model={soc}", f"--libs={plugin}"], env=env)


rows = []
for path in map(Path, a.models):
    inputs = path.with_suffix(".safetensors")
    inputs = inputs if inputs.exists() else None
    plain = work / f"{path.stem}.tflite"
    r = run([*cli, "convert", path, "--target", "qnn:" + a.socs.split(",")[0], "-o", plain])
    if r.returncode:
        rows.append(f"{path.stem}: does not convert")
        continue
    for form in a.forms.split(","):
        model = plain
        if form != "fp16":
            model = work / f"{path.stem}.{form}.tflite"
            r = run([sys.executable, here / "qnn_quantize.py", plain, model, form, *(["--inputs", inputs] if inputs else [])])
            if r.returncode:
                rows.append(f"{path.stem} {form}: ai-edge-quantizer fails: {r.stderr.strip().splitlines()[-1][:100]}")
                print(rows[-1], flush=True)
                continue
        # quantized inputs are drawn: the sample is of floats
        feed = inputs if form == "fp16" else None
        for soc in a.socs.split(","):
            aot = work / f"{path.stem}.{form}.{soc}.tflite"
            aot.unlink(missing_ok=True)
            r = run([*cli, "partition", model, "--target", f"qnn:{soc}", "-o", aot])
            mine = emulate(aot, model, feed) if aot.exists() else {"error": (r.stderr.strip().splitlines() or ["?"])[0][:160]}
            row = f"{path.stem} {form} {soc}: {show({**mine, 'form': form})}"
            if a.litert:
                other = work / f"{path.stem}.{form}.{soc}.peer.tflite"
                other.unlink(missing_ok=True)
                peer(model, soc, other)
                row += f" | LiteRT's plugin: {show({**emulate(other, model, feed), 'form': form}) if other.exists() else 'fails'}"
                other.unlink(missing_ok=True)
            rows.append(row)
            print(row, flush=True)
            aot.unlink(missing_ok=True)
if a.snapshot:
    Path(a.snapshot).write_text("\n".join(rows) + "\n")
