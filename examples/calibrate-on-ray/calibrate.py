"""Calibrates a program on a Ray cluster: each task runs one shard of the samples, and the statistics are added up.

    pip install ray
    python calibrate.py model.pt2 --data samples.safetensors --shards 8 -o statistics.json

Every node needs tflower, and sees the program and the samples under the same paths. Statistics are small, and travel through Ray.
"""

import argparse
import pathlib
import subprocess
import tempfile

import ray


@ray.remote(num_cpus=1, max_retries=2)
def calibrate(tflower: list[str], program: str, data: str, index: int, count: int) -> str:
    """The statistics of shard `index` of `count`."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "statistics.json")
        command = [*tflower, "calibrate", program, "--data", data, "--shard", f"{index}/{count}", "-o", str(out)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"shard {index} of {count}: {' '.join(command)}\n{done.stderr}")
        return out.read_text(encoding="utf-8")


def merge(tflower: list[str], shards: list[str], output: str) -> None:
    """Adds up statistics, whose order does not matter."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, f"shard-{i}.json") for i in range(len(shards))]
        for path, text in zip(paths, shards):
            path.write_text(text, encoding="utf-8")
        subprocess.run([*tflower, "calibrate", "merge", *map(str, paths), "-o", output], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="a program saved with torch.export.save")
    parser.add_argument("--data", required=True, help="a .safetensors file with calib.N.in.K")
    parser.add_argument("--shards", type=int, default=8, help="how many tasks there are")
    parser.add_argument("-o", "--output", required=True, help="the statistics to write")
    parser.add_argument("--tflower", nargs="+", default=["tflower"], help="the command that runs tflower, if it has several words")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--address", help="the cluster to use, as auto or ray://HOST:10001")
    where.add_argument("--local", type=int, metavar="WORKERS", help="start a cluster with so many workers on this machine")
    args = parser.parse_args()
    if args.local:
        ray.init(num_cpus=args.local, include_dashboard=False)
    else:
        ray.init(address=args.address)
    program, data = (str(pathlib.Path(p).resolve()) for p in (args.program, args.data))
    pending = [calibrate.remote(args.tflower, program, data, i, args.shards) for i in range(args.shards)]
    shards: list[str] = []
    while pending:
        ready, pending = ray.wait(pending)
        shards += ray.get(ready)
        print(f"{len(shards)} of {args.shards} shards", flush=True)
    merge(args.tflower, shards, args.output)


if __name__ == "__main__":
    main()
