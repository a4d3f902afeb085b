"""Runs every case that conformance/quantized-kernels.mjs wrote on native LiteRT, and writes what comes out beside it.

  python conformance/quantized_kernels.py FOLDER

A case is `<name>.tflite` with inputs `<name>.in.<k>`; results are `<name>.<kernels>.<k>`, where <kernels> is `builtin` (the
optimized kernels, without a delegate), `reference`, or `xnnpack` (what an interpreter takes by default). A case that does not run
leaves `<name>.<kernels>.error`.
"""

import os
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

KERNELS = {
    "builtin": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    "reference": OpResolverType.BUILTIN_REF,
    "xnnpack": OpResolverType.AUTO,
}


def run(folder: str, name: str, kernels: str) -> None:
    stem = os.path.join(folder, f"{name}.{kernels}")
    try:
        model = Interpreter(
            model_path=os.path.join(folder, f"{name}.tflite"),
            experimental_op_resolver_type=KERNELS[kernels],
            num_threads=1,
        )
        model.allocate_tensors()
        for k, port in enumerate(model.get_input_details()):
            data = np.fromfile(os.path.join(folder, f"{name}.in.{k}"), dtype=port["dtype"])
            model.set_tensor(port["index"], data.reshape(port["shape"]))
        model.invoke()
        for k, port in enumerate(model.get_output_details()):
            model.get_tensor(port["index"]).tofile(f"{stem}.{k}")
    except Exception as error:  # any refusal is a result
        with open(f"{stem}.error", "w") as out:
            out.write(str(error))


def main() -> None:
    """Each case runs in a child, as long as it lives: a kernel's check that fails ends the process."""
    folder = sys.argv[1]
    names = sorted(file[: -len(".tflite")] for file in os.listdir(folder) if file.endswith(".tflite"))
    jobs = [(name, kernels) for name in names for kernels in KERNELS]
    at = 0
    while at < len(jobs):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            for job in jobs[at:]:
                run(folder, *job)
                os.write(writer, b".")
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as done:
            at += len(done.read())
        os.waitpid(child, 0)
        if at < len(jobs):
            name, kernels = jobs[at]
            with open(os.path.join(folder, f"{name}.{kernels}.error"), "w") as out:
                out.write("the runtime ends the process")
            at += 1


main()
