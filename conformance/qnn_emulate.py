#!/usr/bin/env python3
"""Runs LiteRT ahead-of-time .tflite files for Qualcomm NPUs on QNN's x86 HTP emulator, and compares with the file they were made from.

    qnn_emulate.py --folder FOLDER
    qnn_emulate.py AOT.tflite ORIGINAL.tflite [--inputs IN.safetensors] [--samples N] [--json]

Any number of partitions, several in one context, ops between them that LiteRT runs on the CPU, inputs of every kind (token ids are drawn
below the rows of the table that they index), and every system on chip: which one a file is for is in its build stamp. Each DISPATCH_OP
becomes a one-node EPContext model; the ops between run in LiteRT by way of a file with those ops alone.
Needs: pip install onnxruntime-qnn onnxruntime onnx ai-edge-litert numpy."""
import argparse
import json
import sys
from pathlib import Path

import flatbuffers
import numpy as np
import onnx
import onnxruntime as ort
import onnxruntime_qnn as qnn
from ai_edge_litert import schema_py_generated as S
from ai_edge_litert.interpreter import Interpreter
from flatbuffers import flexbuffers
from onnx import TensorProto as T
from onnx import helper as h

# system on chip -> number and architecture that the emulator is told
SOCS = {"SM8350": ("30", "68"), "SM8450": ("36", "69"), "SM8475": ("42", "69"), "SM8550": ("43", "73"), "SM8650": ("57", "75"),
        "SM8750": ("69", "79"), "SM8850": ("87", "81"), "SA8295": ("39", "68"), "QCM6490": ("93", "68"), "QCS9100": ("77", "73")}
TYPES = {S.TensorType.FLOAT32: (T.FLOAT, np.float32), S.TensorType.INT8: (T.INT8, np.int8), S.TensorType.UINT8: (T.UINT8, np.uint8),
         S.TensorType.INT32: (T.INT32, np.int32), S.TensorType.INT64: (T.INT64, np.int64), S.TensorType.INT16: (T.INT16, np.int16),
         S.TensorType.UINT16: (T.UINT16, np.uint16), S.TensorType.BOOL: (T.BOOL, np.bool_), S.TensorType.FLOAT16: (T.FLOAT16, np.float16)}
registered = False


def session(context, name, inputs, outputs, soc):
    """The emulator with one graph of a context binary."""
    global registered
    if not registered:
        ort.register_execution_provider_library("QNNExecutionProvider", qnn.get_library_path())
        registered = True
    info = lambda t: h.make_tensor_value_info(t.name.decode(), TYPES[t.type][0], [int(v) for v in t.shape])
    node = h.make_node("EPContext", [t.name.decode() for t in inputs], [t.name.decode() for t in outputs], name=name, domain="com.microsoft",
                       main_context=1, ep_cache_context=context, embed_mode=1, source="QNNExecutionProvider", partition_name=name)
    model = h.make_model(h.make_graph([node], "g", [info(t) for t in inputs], [info(t) for t in outputs]),
                         opset_imports=[h.make_opsetid("", 17), h.make_opsetid("com.microsoft", 1)])
    model.ir_version = 8
    options = ort.SessionOptions()
    options.log_severity_level = 3
    number, arch = SOCS[soc]
    devices = [d for d in ort.get_ep_devices() if d.ep_name == "QNNExecutionProvider"][:1]
    options.add_provider_for_devices(devices, {"backend_path": qnn.get_qnn_htp_path(), "soc_model": number, "htp_arch": arch})
    return ort.InferenceSession(model.SerializeToString(), options)


def cpu_part(model, graph, operators):
    """A runnable file with some operators of a graph, and the tensors that it takes and gives."""
    made = {int(t) for o in operators for t in o.outputs}
    constant = lambda t: model.buffers[graph.tensors[t].buffer].data is not None
    takes = sorted({int(t) for o in operators for t in o.inputs if t >= 0 and int(t) not in made and not constant(t)})
    gives = sorted(made)
    part = S.SubGraphT()
    part.tensors, part.operators, part.inputs, part.outputs = graph.tensors, operators, takes, gives
    out = S.ModelT()
    out.version, out.operatorCodes, out.buffers, out.subgraphs = 3, model.operatorCodes, model.buffers, [part]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(out.Pack(builder), b"TFL3")
    interpreter = Interpreter(model_content=bytes(builder.Output()))
    interpreter.allocate_tensors()
    return interpreter, takes, gives


class AotModel:
    """An ahead-of-time file as something that can be called."""

    def __init__(self, path):
        raw = open(path, "rb").read()
        self.model = S.ModelT.InitFromPackedBuf(raw, 0)
        self.graph = self.model.subgraphs[0]
        for b in self.model.buffers:
            # constants that lie behind the flatbuffer
            if b.data is None and b.offset > 1:
                b.data = np.frombuffer(raw, np.uint8, b.size, b.offset)
            b.offset = b.size = 0
        stamp = [m for m in self.model.metadata if m.name == b"LiteRtStamp"]
        self.soc = bytes(self.model.buffers[stamp[0].buffer].data)[125:].rstrip(b"\0").decode()
        self.steps, pending = [], []
        code = lambda o: self.model.operatorCodes[o.opcodeIndex].customCode
        for o in self.graph.operators:
            if code(o) != b"DISPATCH_OP":
                pending.append(o)
                continue
            if pending:
                self.steps.append(("cpu", cpu_part(self.model, self.graph, pending)))
                pending = []
            options = flexbuffers.Loads(bytes(o.customOptions))
            context = raw[options["bytecode_offset"]:options["bytecode_offset"] + options["bytecode_size"]]
            ins, outs = [self.graph.tensors[i] for i in o.inputs], [self.graph.tensors[i] for i in o.outputs]
            self.steps.append(("npu", (session(context, options["name"], ins, outs, self.soc), list(o.inputs), list(o.outputs))))
        if pending:
            self.steps.append(("cpu", cpu_part(self.model, self.graph, pending)))
        self.partitions = sum(kind == "npu" for kind, _ in self.steps)
        self.cpu_ops = sum(code(o) != b"DISPATCH_OP" for o in self.graph.operators)

    def __call__(self, inputs):
        values = {int(t): x for t, x in zip(self.graph.inputs, inputs)}
        for kind, (run, takes, gives) in self.steps:
            if kind == "npu":
                got = run.run(None, {self.graph.tensors[t].name.decode(): values[int(t)] for t in takes})
            else:
                for t, d in zip(takes, run.get_input_details()):
                    run.set_tensor(d["index"], values[t])
                run.invoke()
                got = [run.get_tensor(d["index"]) for d in run.get_output_details()]
            values.update({int(t): y for t, y in zip(gives, got)})
        return [values[int(t)] for t in self.graph.outputs]


def draw(detail, rng, rows):
    """Something an input may hold."""
    shape, dtype = [int(v) for v in detail["shape"]], detail["dtype"]
    if dtype == np.bool_:
        return rng.random(shape) < 0.5
    x = rng.standard_normal(shape).astype(np.float32)
    scale, zero = detail["quantization"]
    if dtype == np.float32 or dtype == np.float16:
        return x.astype(dtype)
    if scale:
        n = np.iinfo(dtype)
        return np.clip(np.round(x / scale + zero), n.min, n.max).astype(dtype)
    # zero has no quotients
    return rng.integers(1 if rows > 2 else 0, rows, shape).astype(dtype)


def compare(aot, original, samples=2, inputs=None, rows=2):
    """How far the emulator is from LiteRT's CPU kernels."""
    it = Interpreter(original)
    it.allocate_tensors()
    rng = np.random.default_rng(0)
    model = AotModel(aot)
    sig, err, worst, codes, count, quantized = 0.0, 0.0, 0.0, 0, 0, False
    for n in range(1 if inputs else samples):
        details = it.get_input_details()
        feed = inputs if inputs else [draw(d, rng, rows) for d in details]
        for d, x in zip(details, feed):
            it.set_tensor(d["index"], x)
        it.invoke()
        for d, y in zip(it.get_output_details(), model(feed)):
            r = it.get_tensor(d["index"]).astype(np.float64)
            e = y.astype(np.float64).reshape(r.shape) - r
            if d["dtype"] != np.float32:
                quantized = True
            scale = d["quantization"][0] or 1.0
            worst = max(worst, float(np.abs(e).max()))
            codes += int((np.abs(e) > 2).sum())
            count += e.size
            zero = d["quantization"][1] if d["quantization"][0] else 0
            sig += float((((r - zero) * scale) ** 2).sum())
            err += float(((e * scale) ** 2).sum())
    snr = float("inf") if err == 0 else 10 * np.log10(sig / err) if sig else float("-inf")
    return {"soc": model.soc, "partitions": model.partitions, "cpu_ops": model.cpu_ops, "snr": round(float(snr), 1), "worst": worst,
            **({"within_2_codes": 1 - codes / max(count, 1)} if quantized else {})}


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("aot", nargs="?")
    ap.add_argument("original", nargs="?")
    ap.add_argument("--folder", help="compare NAME.aot.tflite with NAME.tflite, for all of them")
    ap.add_argument("--samples", type=int, default=2)
    ap.add_argument("--inputs", help="a .safetensors file with in.0, in.1, ...")
    ap.add_argument("--rows", type=int, default=2, help="integers are drawn below this")
    ap.add_argument("--json", action="store_true")
    a = ap.parse_args()
    if a.folder:
        bad = 0
        for aot in sorted(Path(a.folder).glob("*.aot.tflite")):
            r = compare(str(aot), str(aot).replace(".aot.tflite", ".tflite"), 1, rows=9)
            # numbers next to the middle of two integers round either way in float16
            fine = r["snr"] >= 45 or aot.name.startswith("round.")
            bad += not fine
            print(f"{'ok ' if fine else 'BAD'} {aot.name[:-11]} {r['snr']} dB, {r['partitions']} partition(s), {r['cpu_ops']} on the CPU", flush=True)
        sys.exit(1 if bad else 0)
    given = None
    if a.inputs:
        raw = open(a.inputs, "rb").read()
        size = int.from_bytes(raw[:8], "little")
        head = json.loads(raw[8:8 + size])
        kinds = {"F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8, "U8": np.uint8, "BOOL": np.bool_}
        read = lambda t: np.frombuffer(raw[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]], kinds[t["dtype"]]).reshape(t["shape"])
        given, i = [], 0
        while f"in.{i}" in head:
            given.append(read(head[f"in.{i}"]))
            i += 1
    result = compare(a.aot, a.original, a.samples, given, a.rows)
    print(json.dumps(result) if a.json else result)
    sys.stdout.flush()
