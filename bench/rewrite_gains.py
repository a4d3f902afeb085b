#!/usr/bin/env python3
"""What each rewrite brings, and where: for every line of conformance/rewrites.snap.txt the models with the most sites are converted with and without it, and both
files run in turn in one process (thread CPU time, one thread). Ratios only; the table goes to bench/results/rewrite-gains.md.

rewrite_gains.py PROGRAMS [--models 2] [--seconds 4] [--only REGEX]
PROGRAMS is the folder with the zoo's NAME.pt2. Needs ai-edge-litert and numpy."""
import argparse, collections, json, math, os, re, subprocess, sys, tempfile, time
import numpy as np
from ai_edge_litert.interpreter import Interpreter

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("programs"); ap.add_argument("--models", type=int, default=2); ap.add_argument("--seconds", type=float, default=4); ap.add_argument("--only", default="")
A = ap.parse_args()
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
cli = ["node", os.path.join(root, "packages/tflower/bin/tflower.js"), "convert"]
# the value at which a pass does nothing, where it has no `enabled`
OFF = {"prune-rows": {"maxShare": 0}, "split-linears": {"leastColumns": 10**6}, "fold-repeated-batch": {"leastTimes": 10**6}, "fold-affine-forward": {"leastShare": 10**9},
       "pad-small-heads": {"leastWeights": 10**9}, "split-deep-layers": {"mostDepth": 10**6}}
tmp = tempfile.mkdtemp(prefix="gains-")


def config(pass_name, rule):
    """A config file that leaves one rewrite out."""
    path = os.path.join(tmp, f"{pass_name}.{rule}.mjs")
    off = json.dumps(OFF.get(pass_name, {}))
    with open(path, "w") as f:
        f.write(f"""const off = (p) => {{
  if (p.name !== {json.dumps(pass_name)}) return p;
  const {{ options }} = p.factory.info;
  if (options.without) return p.factory({{ without: [{json.dumps(rule)}] }});
  if (options.enabled) return p.factory({{ enabled: false }});
  const values = {off};
  if (Object.keys(values).length === 0) throw new Error("no switch");
  return p.factory(values);
}};
export default {{ pipeline: (s) => [...s.import, ...s.lower, ...s.optimize, ...s.finish].map(off) }};
""")
    return path


def convert(name, out, *more):
    p = subprocess.run([*cli, os.path.join(A.programs, name + ".pt2"), "-o", out, *more], capture_output=True, text=True)
    return p.returncode == 0


def session(path):
    it = Interpreter(path, num_threads=1); it.allocate_tensors(); rng = np.random.default_rng(0)
    for d in it.get_input_details():
        it.set_tensor(d["index"], rng.standard_normal(d["shape"]).astype(np.float32) if d["dtype"] == np.float32 else np.ones(d["shape"], d["dtype"]))
    it.invoke()
    return it


def ratio(a, b):
    """Time of a over time of b, run in turn."""
    its, times, start, k = (session(a), session(b)), ([], []), time.time(), 0
    while time.time() - start < A.seconds or k < 6:
        for i in (0, 1) if k % 2 else (1, 0):
            s = time.thread_time(); its[i].invoke(); times[i].append(time.thread_time() - s)
        k += 1
    return float(np.median(times[0]) / np.median(times[1]))


rows, ours = [], {}
for line in open(os.path.join(root, "conformance/rewrites.snap.txt")):
    m = re.match(r"([a-z-]+): (\S+)\s+(\d+)\s+(\d+)\s+(.*)$", line)
    if not m or not re.search(A.only, line): continue
    pass_name, rule, models, sites, most = m.groups()
    for name, at in [x.rsplit(" ", 1) for x in most.strip().split(", ")][:A.models]:
        if not os.path.exists(os.path.join(A.programs, name + ".pt2")): continue
        if name not in ours:
            ours[name] = os.path.join(tmp, name + ".tflite")
            if not convert(name, ours[name]): ours[name] = None
        without = os.path.join(tmp, "without.tflite")
        if not ours[name] or not convert(name, without, "--config", config(pass_name, rule)):
            rows.append((pass_name, rule, int(sites), name, int(at), math.nan, math.nan)); continue
        try:
            r = ratio(without, ours[name])
        except Exception:
            r = math.nan
        rows.append((pass_name, rule, int(sites), name, int(at), r, os.path.getsize(without) / os.path.getsize(ours[name])))
        print(f"{pass_name}: {rule} in {name}: x{r:.3f}", file=sys.stderr, flush=True)
lines = ["# What each rewrite brings", "", "Written by `bench/rewrite_gains.py`: the same program without the rewrite, against the file as it is; thread CPU time on LiteRT, one thread, in turn in one",
         "process. Above 1: the rewrite makes the model faster. A dash: without it there is no file that runs, or the pass has no switch.", "",
         "| pass: rewrite | sites in all models | model | sites | time without it | bytes without it |", "| --- | ---: | --- | ---: | ---: | ---: |"]
show = lambda x: "-" if math.isnan(x) else f"{x:.2f}"
lines += [f"| `{p}`: `{r}` | {s} | {n} | {a} | {show(t)} | {show(b)} |" for p, r, s, n, a, t, b in rows]
open(os.path.join(root, "bench/results/rewrite-gains.md"), "w").write("\n".join(lines) + "\n")
