"""Quantize image models with each recipe and set SNR and size beside ai-edge-quantizer on the same float file and the same samples.

Inputs are seeded: smooth fields with edges and a little noise, normalised as photographs are. The float file is what `tflower convert` makes of the
program, and its outputs on native LiteRT are what counts as right.

    python conformance/quantize_zoo.py FOLDER --names tv_mobilenet_v2,timm_deit_tiny_patch16_224 --recipes int8,int4
"""
import argparse, json, os, re, subprocess, tempfile, time
import numpy as np

ap = argparse.ArgumentParser()
ap.add_argument("folder", help="folder with NAME.pt2")
ap.add_argument("--names", default="tv_mobilenet_v2,tv_mobilenet_v3_small,tv_resnet18,tv_efficientnet_b0,timm_deit_tiny_patch16_224")
ap.add_argument("--recipes", default="dynamic-int8,weight-only-int8,int8,int16x8,int4,int4-block32,fp16")
ap.add_argument("--cli", default="node packages/tflower/bin/tflower.js")
ap.add_argument("--work", default="", help="folder for files, kept between runs")
ap.add_argument("--calibration", type=int, default=16)
ap.add_argument("--tests", type=int, default=8)
ap.add_argument("--out", default="", help="results as JSON")
A = ap.parse_args()
work = A.work or tempfile.mkdtemp(prefix="quantize-zoo-")
os.makedirs(work, exist_ok=True)


def image(rng, shape):
    """A random picture [1,C,H,W]: waves of falling amplitude, two rectangles, noise."""
    _, c, h, w = shape
    y, x = np.mgrid[0:h, 0:w] / max(h, w)
    out = np.zeros((c, h, w))
    for _ in range(12):
        f = rng.uniform(0.5, 14, 2) * rng.choice([-1, 1], 2)
        out += (rng.normal(size=(c, 1, 1)) / np.hypot(*f) ** 0.7) * np.sin(2 * np.pi * (f[0] * x + f[1] * y + rng.uniform()))
    for _ in range(2):
        t, l = rng.integers(0, h - 8), rng.integers(0, w - 8)
        out[:, t : t + rng.integers(8, h), l : l + rng.integers(8, w)] += rng.normal(size=(c, 1, 1))
    out += 0.1 * rng.normal(size=out.shape)
    return (1.1 * (out - out.mean()) / out.std()).astype(np.float32)[None]


def write_safetensors(path, tensors):
    head, at = {}, 0
    for k, v in tensors.items():
        head[k] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [at, at + v.nbytes]}
        at += v.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        for v in tensors.values():
            f.write(np.ascontiguousarray(v).tobytes())


def run(path, inputs):
    from ai_edge_litert import interpreter as L

    it = L.Interpreter(path, num_threads=2)
    it.allocate_tensors()
    i, o = it.get_input_details()[0], it.get_output_details()[0]
    out = []
    for x in inputs:
        if i["dtype"] != np.float32:
            scale, zero = i["quantization"]
            ends = np.iinfo(i["dtype"])
            x = np.clip(np.round(x / scale + zero), ends.min, ends.max).astype(i["dtype"])
        it.set_tensor(i["index"], x)
        it.invoke()
        y = it.get_tensor(o["index"])
        scale, zero = o["quantization"]
        out.append((y.astype(np.float32) - zero) * scale if y.dtype != np.float32 else y.copy())
    return np.concatenate(out)


def snr(got, want):
    return float(10 * np.log10(np.sum(want.astype(np.float64) ** 2) / max(1e-30, np.sum((got.astype(np.float64) - want) ** 2))))


def convert(program, out, *more):
    p = subprocess.run([*A.cli.split(), "convert", program, "-o", out, *more], capture_output=True, text=True)
    return p.stderr if p.returncode == 0 else f"FAILED {p.stderr[-400:]}"


PEER = {"dynamic-int8": "dynamic_wi8_afp32", "weight-only-int8": "weight_only_wi8_afp32", "int8": "static_wi8_ai8", "int16x8": "static_wi8_ai16",
        "int4": "dynamic_wi4c_afp32", "int4-block32": "dynamic_wi4b32_afp32"}


def peer(float_file, recipe, samples, out):
    """ai-edge-quantizer with its own defaults, in a process of its own; None where it has no such recipe, fails or crashes."""
    if recipe in PEER and not os.path.exists(out):
        child = os.fork()
        if child == 0:
            os._exit(0 if quantize_as_peer(float_file, recipe, samples, out) else 1)
        os.waitpid(child, 0)
    return out if os.path.exists(out) else None


def quantize_as_peer(float_file, recipe, samples, out):
    from ai_edge_quantizer import quantizer, recipe as recipes
    from ai_edge_litert import interpreter as L

    try:
        q = quantizer.Quantizer(float_file)
        q.load_quantization_recipe(getattr(recipes, PEER[recipe])())
        signature, names = next(iter(L.Interpreter(float_file).get_signature_list().items()))
        calibrated = q.calibrate({signature: [{names["inputs"][0]: x} for x in samples]}) if q.need_calibration else None
        q.quantize(calibrated).export_model(out, overwrite=True)
        return out
    except Exception as e:  # noqa: BLE001 what fails is a result
        print(f"    peer fails: {type(e).__name__} {str(e)[:120]}")
        return None


results = {}
for name in A.names.split(","):
    program = os.path.join(A.folder, name + ".pt2")
    rng = np.random.default_rng(20261121)
    shape = [1, 3, 224, 224]
    samples = [image(rng, shape) for _ in range(A.calibration)]
    tests = [image(rng, shape) for _ in range(A.tests)]
    data = os.path.join(work, name + ".safetensors")
    write_safetensors(data, {f"calib.{k}.in.0": x for k, x in enumerate(samples)})
    plain = os.path.join(work, name + ".float.tflite")
    print(name, convert(program, plain).strip()[:200], flush=True)
    want = run(plain, tests)
    for recipe in A.recipes.split(","):
        out = os.path.join(work, f"{name}.{recipe}.tflite")
        before = os.times().children_user
        said = convert(program, out, "--quantize", recipe, "--calibrate", data)
        took = os.times().children_user - before
        if said.startswith("FAILED"):
            print(f"  {recipe:17s} {said}", flush=True)
            continue
        ours, size = snr(run(out, tests), want), os.path.getsize(out)
        p = peer(plain, recipe, samples, os.path.join(work, f"{name}.{recipe}.peer.tflite"))
        theirs, peer_size = (snr(run(p, tests), want), os.path.getsize(p)) if p else (None, 0)
        results[f"{name}/{recipe}"] = {"snr_db": ours, "bytes": size, "peer_snr_db": theirs, "peer_bytes": peer_size, "cpu_s": took}
        sign = "+" if theirs is None or (ours >= theirs - 0.1 and size <= 1.05 * peer_size) else "-"
        notes = " | ".join(re.sub(r"^note\[QNT000\d\]: ", "", l) for l in said.splitlines() if re.match(r"note\[QNT000[4-9]", l))
        print(f"{sign} {recipe:17s} {ours:6.1f} dB (peer {'-' if theirs is None else round(theirs, 1)}) {size / 1e3:.0f} kB (peer {peer_size / 1e3:.0f}) {took:.0f} s  {notes}", flush=True)
if A.out:
    json.dump(results, open(A.out, "w"), indent=0)
