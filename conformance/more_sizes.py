"""Runs programs with symbolic sizes at other sizes than their samples', in eager PyTorch, and writes what goes in and what comes out.

    python conformance/more_sizes.py PROGRAM.pt2... --out DIR [--sizes 3]

DIR gets NAME.pt2 and NAME.K.safetensors with in.0, in.1, ... and out.0, ...; a judge of dynamic shapes takes such a folder.
Needs torch 2.13 and safetensors.
"""

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.utils import _pytree as pytree


def sizes_of(program, count):
    """Extents for every symbol, away from the sample's and from each other."""
    ranges = {}
    for symbol, r in program.range_constraints.items():
        low = int(r.lower)
        high = int(r.upper) if str(r.upper).isdigit() and int(r.upper) < 4096 else None
        ranges[str(symbol)] = (max(low, 1), high)
    for k in range(count):
        yield {s: low + (3 * k + 1 if high is None else (k * (high - low)) // max(1, count - 1)) for s, (low, high) in ranges.items()}


def extent(d, sample, symbols):
    """A symbolic extent at other values of its symbols."""
    if not isinstance(d, torch.SymInt):
        return d
    expr = d.node.expr
    return int(expr.subs({s: symbols.get(str(s), sample) for s in expr.free_symbols}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sizes", type=int, default=3)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    for path in options.programs:
        program = torch.export.load(path)
        module = program.module()
        samples, spec = pytree.tree_flatten(program.example_inputs)
        types = {n.name: n.meta.get("val") for n in program.graph.nodes if n.op == "placeholder"}
        names = [s.arg.name for s in program.graph_signature.input_specs if s.kind.name == "USER_INPUT"]
        shutil.copy(path, options.out / path.name)
        for k, symbols in enumerate(sizes_of(program, options.sizes)):
            inputs = []
            for name, sample in zip(names, samples):
                shape = [extent(d, n, symbols) for d, n in zip(types[name].shape, sample.shape)]
                if sample.dtype.is_floating_point:
                    inputs.append(torch.randn(shape, dtype=sample.dtype))
                elif sample.dtype == torch.bool:
                    inputs.append(torch.rand(shape) > 0.5)
                else:
                    low, high = (int(sample.min()), int(sample.max())) if sample.numel() else (0, 0)
                    inputs.append(torch.randint(low, high + 1, shape, dtype=sample.dtype))
            args, kwargs = pytree.tree_unflatten(inputs, spec)
            with torch.no_grad():
                outputs = pytree.tree_leaves(module(*args, **kwargs))
            record = {f"in.{i}": v.contiguous() for i, v in enumerate(inputs)}
            record |= {f"out.{i}": v.contiguous().clone() for i, v in enumerate(outputs)}
            save_file(record, options.out / f"{path.stem}.{k}.safetensors")
            print(path.stem, symbols, [list(v.shape) for v in inputs])


if __name__ == "__main__":
    main()
