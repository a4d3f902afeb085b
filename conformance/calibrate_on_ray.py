"""Runs examples/calibrate-on-ray on a local cluster with two workers, and checks its statistics against those of one run.

    pip install ray
    npm run build && python conformance/calibrate_on_ray.py
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
tflower = ["node", str(root / "packages/tflower/bin/tflower.js")]
digits = root / "examples/digits-cnn/digits_cnn.pt2"
example = root / "examples/calibrate-on-ray/calibrate.py"
samples, shards = 32, 5


def write_samples(path: pathlib.Path) -> None:
    """The first pictures of the digits example, as calibration samples."""
    raw = digits.with_suffix(".safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    images = json.loads(raw[8 : 8 + length])["images"]
    start = 8 + length + images["data_offsets"][0]
    size = 4 * 64
    header = {
        f"calib.{i}.in.0": {"dtype": "F32", "shape": [1, 1, 8, 8], "data_offsets": [i * size, (i + 1) * size]}
        for i in range(samples)
    }
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + raw[start : start + samples * size])


def run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=root)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, whole, merged = (pathlib.Path(folder, n) for n in ("samples.safetensors", "whole.json", "merged.json"))
        write_samples(data)
        run(*tflower, "calibrate", str(digits), "--data", str(data), "-o", str(whole))
        run(
            sys.executable, str(example), str(digits), "--data", str(data), "--shards", str(shards), "--local", "2",
            "-o", str(merged), "--tflower", *tflower,
        )  # fmt: skip
        want, got = (json.loads(p.read_text()) for p in (whole, merged))
    worst = 0.0
    for name, v in want["values"].items():
        a, b = v.pop("moving"), got["values"][name].pop("moving")
        assert len(a) == len(b) == 1, (name, a, b)
        largest = max(abs(v["min"]), abs(v["max"])) or 1.0
        worst = max([worst, *(abs(a[0]["rest"][end] - b[0]["rest"][end]) / largest for end in ("min", "max"))])
    assert got == want, "the merged statistics are not those of one run"
    bound = 8 * (samples + 1) * 2**-53
    assert worst <= bound, f"moving averages differ by {worst} of the largest element, and {bound} is the bound"
    print(f"{shards} shards on 2 workers: {len(want['values'])} values exactly as in one run of {samples} samples")
    print(f"moving averages within {worst:.1e} of the largest element (bound {bound:.1e})")


if __name__ == "__main__":
    main()
