"""Converts one .pt2 with litert-torch, the way its users can: it takes modules only, so the program is loaded as one.

    python peer_convert.py MODEL.pt2 OUT.tflite

Prints one line of JSON with the seconds of each stage. `convert_s` is litert_torch.convert() alone, after import and load;
it exports the module again, and `export_s` says how much of it that was. Started by convert.py, which measures the process.
"""

import json
import logging
import os
import sys
import time
import warnings

# Conversion is sequential work: more threads could only add the CPU time of their waiting.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("LITERT_TORCH_SHOW_PROGRESS", "n")
warnings.filterwarnings("ignore")

seconds: dict[str, float] = {}


class timed:
    """Adds the wall and CPU seconds of a block to `seconds`."""

    def __init__(self, stage: str):
        self.stage = stage

    def __enter__(self):
        self.start = time.perf_counter(), time.process_time()

    def __exit__(self, *_):
        wall, cpu = time.perf_counter() - self.start[0], time.process_time() - self.start[1]
        seconds[f"{self.stage}_s"] = seconds.get(f"{self.stage}_s", 0) + wall
        seconds[f"{self.stage}_cpu_s"] = seconds.get(f"{self.stage}_cpu_s", 0) + cpu


def main() -> None:
    source, target = sys.argv[1:3]
    with timed("import"):
        import torch
        import litert_torch
    logging.disable(logging.WARNING)

    with timed("load"):
        program = torch.export.load(source)
        args, kwargs = program.example_inputs
        module = program.module()

    export = torch.export.export

    def timed_export(*positional, **named):
        with timed("export"):
            return export(*positional, **named)

    torch.export.export = timed_export
    with timed("convert"):
        model = litert_torch.convert(module, tuple(args), dict(kwargs) or None)
    with timed("write"):
        model.export(target)
    print(json.dumps({stage: round(value, 4) for stage, value in seconds.items()}))


main()
