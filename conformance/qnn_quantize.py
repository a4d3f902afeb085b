#!/usr/bin/env python3
"""Makes int8 and a16w8 files of a float .tflite with ai-edge-quantizer, for the checks of the QNN delegate.

    qnn_quantize.py FLOAT.tflite OUT.tflite a8w8|a16w8 [--inputs IN.safetensors] [--rows N]"""
import argparse
import json

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe

ap = argparse.ArgumentParser()
ap.add_argument("model"), ap.add_argument("out"), ap.add_argument("kind", choices=["a8w8", "a16w8"])
ap.add_argument("--inputs"), ap.add_argument("--rows", type=int, default=2)
a = ap.parse_args()
it = Interpreter(a.model)
key = next(iter(it.get_signature_list()))
runner = it.get_signature_runner(key)
rng = np.random.default_rng(0)
samples = []
if a.inputs:
    raw = open(a.inputs, "rb").read()
    size = int.from_bytes(raw[:8], "little")
    head = json.loads(raw[8:8 + size])
    kinds = {"F32": np.float32, "I64": np.int64, "I32": np.int32, "BOOL": np.bool_}
    names = it.get_signature_list()[key]["inputs"]
    order = {d["name"]: i for i, d in enumerate(it.get_input_details())}
    details = runner.get_input_details()
    by = {n: order.get(details[n]["name"], i) for i, n in enumerate(names)}
    read = lambda t: np.frombuffer(raw[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]], kinds[t["dtype"]]).reshape(t["shape"])
    samples.append({n: read(head[f"in.{by[n]}"]) for n in names})
for _ in range(3):
    s = {}
    for n, d in runner.get_input_details().items():
        s[n] = rng.standard_normal(d["shape"]).astype(np.float32) if d["dtype"] == np.float32 else rng.integers(0, a.rows, d["shape"]).astype(d["dtype"])
    samples.append(s)
q = quantizer.Quantizer(a.model)
q.load_quantization_recipe(recipe.static_wi8_ai8() if a.kind == "a8w8" else recipe.static_wi8_ai16())
calibrated = q.calibrate({key: samples})
q.quantize(calibrated).export_model(a.out, overwrite=True)
