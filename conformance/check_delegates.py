"""Holds the tables of what XNNPACK and the GPU delegate take against the runtime that they describe.

    python conformance/check_delegates.py [--write] [--gpu-checker PROGRAM | --tensorflow DIR] FILE.tflite|FOLDER ...

Needs a build (`npx tsc -b && node scripts/bundle.mjs`), numpy and ai-edge-litert. For each file, `tflower partition --json` says which op it
takes to run where, and

- LiteRT's interpreter, after it has applied XNNPACK, says which ops are in its delegates, and how many there are;
- LiteRT's own function says which ops the GPU delegate cannot take: `--gpu-checker PROGRAM`, built of check_delegates_gpu.cc. The model analyzer
  of Python packages once asked that function. LiteRT's still has its option, but asks nothing and calls every model compatible;
  TensorFlow 2.12's asks, and knows fewer ops: `pip install --no-deps --target DIR tensorflow-cpu==2.12.0`, and `--tensorflow DIR`. Ops that
  have come since then are left out of that comparison.

`--write` writes conformance/delegates.snap.txt. Exit 1 where a table and its runtime disagree.
"""

import argparse
import collections
import ctypes
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
here = pathlib.Path(__file__).resolve().parent
# Weights that lie behind the flatbuffer are no constants to LiteRT when it looks at a file; to the delegate, in memory, they are.
blind = re.compile(r"node has 3 runtime inputs|more than 2 runtime inputs")
# What the analyzer of TensorFlow 2.12 does not know, or asks more of, than the delegate does today.
since_212 = re.compile(
    r"Not supported op (GATHER|SELECT_V2|GELU|PACK|BATCH_MATMUL|EMBEDDING_LOOKUP|DYNAMIC_UPDATE_SLICE|SIGN|ROUND|CEIL|"
    r"TOPK_V2|REVERSE_V2|ATAN2|LOGICAL_\w+|REDUCE_A\w+|FLOOR_\w+|BITCAST|ADD_N|RIGHT_SHIFT|NOT_EQUAL|GREATER\w*|LESS\w*|EQUAL|SELECT|ONE_HOT)$"
    r"|Not supported op $|Cond must be|Expected 1 const input|ADD_N|MUL requires one tensor"
)


def ours(cli, path, target):
    command = [*cli, "partition", str(path), "--target", target, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    result = json.loads(done.stdout)
    if "execution_detail" not in result:
        raise RuntimeError(result["diagnostics"][0]["message"])
    first = result["execution_detail"][0]["graph"] if result["execution_detail"] else None
    ops = [d for d in result["execution_detail"] if d["graph"] == first]
    partitions = [p for p in result["partitions"] if p["graph"] == first]
    return ops, len(partitions)


def xnnpack(path):
    """`probe` in a process of its own: a file that crashes the runtime ends that one."""
    done = subprocess.run([sys.executable, __file__, "--probe", str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the runtime ends with {done.returncode}: {(done.stderr.strip().splitlines() or [''])[-1]}")
    names, inside, silent, delegates = json.loads(done.stdout)
    return names, set(inside), set(silent), delegates


def probe(path):
    """Types of the ops of the first subgraph, which of them are in a delegate, and how many delegates there are."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    details = interpreter._get_ops_details()
    ops = [d for d in details if d["op_name"] != "DELEGATE"]
    delegates = [d for d in details if d["op_name"] == "DELEGATE"]
    producer = {int(t): i for i, d in enumerate(ops) for t in d["outputs"] if t >= 0}
    # what lies between a delegate's outputs and its inputs is in it
    inside = set()
    for d in delegates:
        stop = {int(t) for t in d["inputs"]}
        todo = [int(t) for t in d["outputs"]]
        while todo:
            i = producer.get(todo.pop())
            if i is None or i in inside:
                continue
            inside.add(i)
            todo += [int(t) for t in ops[i]["inputs"] if t >= 0 and int(t) not in stop]
    # an op whose results nobody reads is in no delegate's way: nothing can be said about it
    read = {int(t) for d in ops for t in d["inputs"]} | {int(d["index"]) for d in interpreter.get_output_details()}
    silent = {i for i, d in enumerate(ops) if not any(int(t) in read for t in d["outputs"])}
    return [d["op_name"] for d in ops], sorted(inside), sorted(silent), len(delegates)


def analyzer(folder):
    root = pathlib.Path(folder) / "tensorflow"
    for name in ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2", "python/_pywrap_tensorflow_common.so"):
        if (root / name).exists():
            ctypes.CDLL(str(root / name), ctypes.RTLD_GLOBAL)
    name = "_pywrap_analyzer_wrapper"
    spec = importlib.util.spec_from_file_location(name, root / "lite/python/analyzer_wrapper" / f"{name}.so")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def gpu(module, path):
    """What the analyzer has against each op of the first subgraph, by its place."""
    text = module.ModelAnalyzer(str(path), True, True)
    text = text[text.index("Subgraph#0") :].split("\nTensors of Subgraph#0")[0]
    against, last = {}, -1
    for line in text.split("\n"):
        op = re.match(r"\s+Op#(\d+) ", line)
        if op:
            last = int(op[1])
        warning = re.match(r"GPU COMPATIBILITY WARNING: (?!Subgraph#)(.*)", line)
        if warning:
            against[last] = warning[1].strip()
    return against


def checked(program, path):
    """What a build of check_delegates_gpu.cc has against each op of the first subgraph, by its place."""
    done = subprocess.run([program, str(path)], capture_output=True, text=True, check=True)
    return {int(i): message for i, message in (line.split("\t", 1) for line in done.stdout.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=pathlib.Path)
    parser.add_argument("--cli", default=f"node {here.parent / 'packages/tflower/bin/tflower.js'}")
    parser.add_argument("--tensorflow", help="a folder with TensorFlow 2.12, for the GPU delegate")
    parser.add_argument("--gpu-checker", help="a build of check_delegates_gpu.cc")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    files = sorted(f for p in args.paths for f in (p.glob("*.tflite") if p.is_dir() else [p]))
    cli = args.cli.split()
    gpu_module = analyzer(args.tensorflow) if args.tensorflow else None
    old = args.tensorflow is not None
    asks_gpu = args.gpu_checker or gpu_module
    rows, wrong, warned = [], collections.Counter(), 0
    for path in files:
        name = path.stem
        try:
            names, inside, silent, delegates = xnnpack(path)
            mine, partitions = ours(cli, path, "xnnpack")
        except Exception as e:  # a file that the runtime or the reader refuses says nothing about tables
            print(f"{name}: left out: {str(e).splitlines()[0][:120]}")
            continue
        if [d["type"] for d in mine] != names:
            print(f"{name}: left out: ops come in another order")
            continue
        differ = [i for i, d in enumerate(mine) if i not in silent and (d["delegate"] is not None) != (i in inside)]
        for i in differ:
            why = mine[i].get("reason", "taken by the table, not by the runtime")
            wrong[f"xnnpack {names[i]}: {why}"] += 1
        row = [name, len(names), len(inside), len(differ), partitions, delegates]
        if asks_gpu:
            mine, _ = ours(cli, path, "gpu")
            against = gpu(gpu_module, path) if old else checked(args.gpu_checker, path)
            warned += len(against)
            beyond = {i for i, m in against.items() if blind.search(m) or (old and since_212.search(m))}
            asked = [i for i in range(len(mine)) if i not in beyond]
            # the table has rules of the delegate on top of the analyzer's: there it may only be the stricter one
            loose = [i for i in asked if i in against and mine[i]["delegate"] is not None]
            strict = [i for i in asked if i not in against and mine[i]["delegate"] is None]
            strict = [i for i in strict if not re.match(r"it works on (a tensor of|\w+, and takes)", mine[i]["reason"])]
            for i in loose:
                wrong[f"gpu {names[i]}: taken by the table, and the analyzer says: {against[i]}"] += 1
            for i in strict:
                wrong[f"gpu {names[i]}: taken by the analyzer, and the table says: {mine[i]['reason']}"] += 1
            row += [len(asked), len(loose) + len(strict)]
        rows.append(row)
        print(" ".join(str(x) for x in row), flush=True)
    if asks_gpu and rows and warned == 0:
        sys.exit("this analyzer has nothing against any op of any model: it does not check")
    heads = ["model", "ops", "in XNNPACK", "differ", "partitions", "delegates"] + (["GPU asked", "differ"] if asks_gpu else [])
    widths = [max(len(str(r[i])) for r in [heads, *rows]) for i in range(len(heads))]
    table = ["  ".join(str(c).ljust(w) if i == 0 else str(c).rjust(w) for i, (c, w) in enumerate(zip(r, widths))) for r in [heads, *rows]]
    left = [f"{n:5}  {what}" for what, n in sorted(wrong.items(), key=lambda x: (-x[1], x[0]))]
    text = "\n".join([f"{len(rows)} models", "", *table, "", "where a table and its runtime differ:", *(left or ["none"])])
    print(text.split("\n\n", 2)[-1])
    if args.write:
        (here / "delegates.snap.txt").write_text(text + "\n")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--probe"]:
        print(json.dumps(probe(sys.argv[2])))
    else:
        main()
