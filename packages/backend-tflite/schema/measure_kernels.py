"""Measures which builtins the installed LiteRT runs: versions, element types, ranks. Makes src/file/kernel-facts.ts.

    python packages/backend-tflite/schema/measure_kernels.py [BUILTIN ...] [--log FILE]

One .tflite per (builtin, element types, rank, mode) is built, loaded without delegates, allocated and invoked. Where
numpy says what the result should be, a wrong one counts as a refusal: kernels exist that take a rank and compute
nonsense. Cases run in forked children, since the runtime may abort. With names given, only these are measured and
printed.
"""

import argparse
import collections
import importlib.metadata
import os
import pathlib
import pickle
import struct
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import flatbuffers  # noqa: E402
import numpy as np  # noqa: E402
from ai_edge_litert import schema_py_generated as S  # noqa: E402
from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: E402

from kernel_cases import CASES, NotHere  # noqa: E402

TYPES = {
    "f32": "FLOAT32",
    "f16": "FLOAT16",
    "bf16": "BFLOAT16",
    "f64": "FLOAT64",
    "i64": "INT64",
    "i32": "INT32",
    "i16": "INT16",
    "i8": "INT8",
    "i4": "INT4",
    "i2": "INT2",
    "u64": "UINT64",
    "u32": "UINT32",
    "u16": "UINT16",
    "u8": "UINT8",
    "u4": "UINT4",
    "bool": "BOOL",
    "c64": "COMPLEX64",
    "c128": "COMPLEX128",
    "string": "STRING",
    "resource": "RESOURCE",
}
NUMPY = {
    "f32": np.float32,
    "f16": np.float16,
    "f64": np.float64,
    "i64": np.int64,
    "i32": np.int32,
    "i16": np.int16,
    "i8": np.int8,
    "u64": np.uint64,
    "u32": np.uint32,
    "u16": np.uint16,
    "u8": np.uint8,
    "bool": np.bool_,
    "c64": np.complex64,
    "c128": np.complex128,
    "string": np.object_,
}
PACKED = {"i4": 4, "u4": 4, "i2": 2}
DEFAULT_QUANTIZATION = {
    "i8q": (0.02, -5),
    "u8q": (0.02, 128),
    "i16q": (1e-4, 0),
    "i32q": (1e-6, 0),
    "i4q": (0.3, 0),
    "i2q": (1.0, 0),
    "u4q": (0.3, 8),
}
MAX_RANK = 8
PROBED_VERSIONS = range(1, 21)


class Model:
    """Builds a model with one operator of interest."""

    def __init__(self, rescaled=False, computed=None):
        """`rescaled`: results that keep a scale get another. `computed`: which constant to give at run time instead."""
        self.rescaled, self.computed, self.constants = rescaled, computed, []
        self.buffers = [S.BufferT()]
        self.tensors, self.quantization, self.inputs, self.operators = [], [], [], []
        self.raw, self.values = {}, {}
        self.codes, self.outputs, self.expected, self.tolerance = [], [], [], None
        self.rng = np.random.default_rng(1)
        self.subgraphs = []

    # ---- tensors: `dtype` carries a trailing "q" when quantized
    def _tensor(self, dtype, shape, data=None, quantization=None, variable=False):
        tensor = S.TensorT()
        tensor.shape, tensor.hasRank = np.array(shape, np.int32), True
        tensor.type = getattr(S.TensorType, TYPES[dtype.rstrip("q")])
        tensor.name = f"t{len(self.tensors)}".encode()
        tensor.isVariable = variable
        tensor.buffer = 0
        if data is not None:
            buffer = S.BufferT()
            buffer.data = np.frombuffer(data, np.uint8)
            self.buffers.append(buffer)
            tensor.buffer = len(self.buffers) - 1
        if quantization is not None:
            scale, zero, axis = quantization
            q = S.QuantizationParametersT()
            q.scale = np.atleast_1d(np.array(scale, np.float32))
            q.zeroPoint = np.full(len(q.scale), zero, np.int64)
            q.quantizedDimension = axis
            tensor.quantization = q
        self.tensors.append(tensor)
        self.quantization.append(quantization)
        return len(self.tensors) - 1

    def values_for(self, dtype, shape, low=-2.0, high=2.0):
        """Small real numbers that every operation can stand."""
        base = dtype.rstrip("q")
        if base == "bool":
            return self.rng.integers(0, 2, shape).astype(np.bool_)
        if base == "string":
            return np.array([b"s%d" % i for i in range(int(np.prod(shape)))], np.object_).reshape(shape)
        if dtype.endswith("q") or base in ("f32", "f16", "f64"):
            return self.rng.uniform(low, high, shape).astype(
                NUMPY[base] if base in ("f32", "f16", "f64") else np.float64
            )
        if base == "bf16":  # few enough bits to be exact
            return (np.round(self.rng.uniform(low, high, shape) * 32) / 32).astype(np.float32)
        if base in ("c64", "c128"):
            return (self.rng.uniform(low, high, shape) + 1j * self.rng.uniform(low, high, shape)).astype(NUMPY[base])
        floor, ceiling = max(low, 0) if base.startswith("u") else low, 1 if base == "i2" else high
        if floor > ceiling:
            raise NotHere
        return self.rng.integers(int(np.ceil(floor)), int(ceiling) + 1, shape).astype(NUMPY.get(base, np.int8))

    def x(self, dtype, shape, low=-2.0, high=2.0, value=None, quantization=None):
        """An operand; returns its index. What it stands for is in `values`."""
        value = self.values_for(dtype, shape, low, high) if value is None else np.asarray(value)
        base = dtype.rstrip("q")
        if base in PACKED or base == "bf16":  # numpy has no such type: give them as constants
            return self.c(dtype, value, quantization)
        return self._add(dtype, value, quantization, constant=False)

    def c(self, dtype, value, quantization=None):
        """A constant."""
        computed = len(self.constants) == self.computed and dtype.rstrip("q") not in PACKED
        self.constants.append(self._add(dtype, np.asarray(value), quantization, constant=not computed))
        return self.constants[-1]

    def _add(self, dtype, value, quantization, constant):
        base = dtype.rstrip("q")
        if dtype.endswith("q") or quantization is not None:
            quantization = quantization or (*DEFAULT_QUANTIZATION[dtype], 0)
            raw, value = quantize(base, value, quantization)
        else:
            raw = value = (
                value if base == "string" else value.astype(NUMPY.get(base, np.float32 if base == "bf16" else np.int8))
            )
        index = self._tensor(dtype, value.shape, encode(base, raw) if constant else None, quantization)
        if not constant:
            self.inputs.append(index)
        self.raw[index], self.values[index] = raw, value
        return index

    def v(self, index):
        """What a tensor stands for: real numbers when it is quantized."""
        return self.values[index]

    def op(self, builtin, operands, results, options=None, version=1, **fields):
        """`results`: (dtype, what it should be or only its shape, quantization unless it is to be chosen) each."""
        outs, self.expected = [], []
        for dtype, want, *quantization in results:
            want = np.array(want, np.object_) if isinstance(want, bytes) else want  # numpy unwraps scalars
            known = isinstance(want, (np.ndarray, np.generic))
            want = np.asarray(want) if known else want
            q = (
                quantization[0]
                if quantization
                else (fitting(dtype, want if known else None) if dtype.endswith("q") else None)
            )
            outs.append(self._tensor(dtype, want.shape if known else want, None, q))
            self.expected.append(want if known else None)
        self._operator(builtin, operands, outs, options, version, **fields)
        self.outputs = outs
        return outs

    def _operator(self, builtin, operands, outs, options=None, version=1, **fields):
        operator = S.OperatorT()
        self.codes.append((getattr(S.BuiltinOperator, builtin), version))
        operator.opcodeIndex = len(self.codes) - 1
        operator.inputs, operator.outputs = np.array(operands, np.int32), np.array(outs, np.int32)
        if options:
            table = getattr(S, options + "T")()
            for key, value in fields.items():
                assert hasattr(table, key), (options, key)
                setattr(table, key, value)
            if hasattr(S.BuiltinOptions2, options):
                operator.builtinOptions2, operator.builtinOptions2Type = table, getattr(S.BuiltinOptions2, options)
            else:
                operator.builtinOptions, operator.builtinOptionsType = table, getattr(S.BuiltinOptions, options)
        self.operators.append(operator)

    def subgraph(self, name, build):
        """A body for control flow: `build(model)` fills tensors and operators. Returns its index."""
        body = Model()
        body.buffers, body.codes, body.rng = self.buffers, self.codes, self.rng
        build(body)
        self.subgraphs.append((name, body))
        return len(self.subgraphs)

    def readable(self):
        """Adds casts to float32 for results that numpy has no type for."""
        shown = []
        for index in self.outputs:
            tensor = self.tensors[index]
            if tensor.type in (S.TensorType.BFLOAT16, S.TensorType.INT4, S.TensorType.INT2, S.TensorType.UINT4):
                self._operator("CAST", [index], [cast := self._tensor("f32", tensor.shape)])
                shown.append(cast)
            else:
                shown.append(index)
        return shown

    def _graph(self, name):
        graph = S.SubGraphT()
        graph.name, graph.tensors, graph.operators = name.encode(), self.tensors, self.operators
        graph.inputs, graph.outputs = np.array(self.inputs, np.int32), np.array(self.outputs, np.int32)
        return graph

    def build(self):
        model = S.ModelT()
        model.version, model.description, model.buffers = 3, b"", self.buffers
        model.operatorCodes = [operator_code(*code) for code in self.codes]
        model.subgraphs = [self._graph("main"), *[body._graph(name) for name, body in self.subgraphs]]
        return pack(model)


def operator_code(code, version):
    out = S.OperatorCodeT()
    out.builtinCode, out.deprecatedBuiltinCode, out.version = code, min(code, 127), version
    return out


def pack(model):
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def encode(base, value):
    if base in PACKED:
        bits = PACKED[base]
        flat = value.astype(np.int64).ravel() & ((1 << bits) - 1)
        flat = np.concatenate([flat, np.zeros(-len(flat) % (8 // bits), np.int64)]).reshape(-1, 8 // bits)
        return (flat << (np.arange(8 // bits) * bits)).sum(1).astype(np.uint8).tobytes()
    if base == "bf16":
        return (np.ascontiguousarray(value, np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    if base == "string":
        strings = [bytes(s) for s in value.ravel()]
        offsets = np.cumsum([4 * (len(strings) + 2)] + [len(s) for s in strings])
        return struct.pack(f"<{len(offsets) + 1}i", len(strings), *offsets) + b"".join(strings)
    return np.ascontiguousarray(value, NUMPY[base]).tobytes()


def quantize(base, real, quantization):
    """Stored integers, and the real numbers that they stand for."""
    scale, zero, axis = quantization
    scale = np.asarray(scale, np.float32).astype(np.float64)
    if scale.ndim:
        scale = scale.reshape([-1 if i == axis else 1 for i in range(np.ndim(real))])
    bits = PACKED.get(base) or np.dtype(NUMPY[base]).itemsize * 8
    low, high = (0, 2**bits - 1) if base.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    raw = np.clip(np.round(np.asarray(real, np.float64) / scale) + zero, low, high).astype(NUMPY.get(base, np.int8))
    return raw, (raw.astype(np.float64) - zero) * scale


def fitting(dtype, want):
    """A quantization whose range holds what is expected; int16 and weights are symmetric."""
    scale, zero = DEFAULT_QUANTIZATION[dtype]
    if want is None or want.size == 0:
        return scale, zero, 0
    limit = {"i8q": 100, "u8q": 100, "i16q": 32000, "i32q": 2**30, "i4q": 7, "i2q": 1, "u4q": 7}[dtype]
    return max(float(np.abs(want).max()), 1e-3) / limit, zero, 0


def close(got, want, tensor, quantization, tolerance):
    if got.shape != want.shape:
        return f"shape {got.shape} instead of {want.shape}"
    if quantization is not None:
        scale, zero, axis = quantization
        steps = np.asarray(scale, np.float64)
        if steps.ndim:
            steps = steps.reshape([-1 if i == axis else 1 for i in range(got.ndim)])
        off = np.abs((got.astype(np.float64) - zero) * steps - want)
        allowed = 2.01 * steps + 5e-3 * np.abs(want).max(initial=0) * (got.dtype.itemsize > 1)
        return "" if (off <= allowed).all() else "wrong values"
    if got.dtype.kind in "iubO":
        exact = np.object_ if got.dtype == np.object_ else np.float64
        return "" if np.array_equal(got.astype(exact), want.astype(exact)) else "wrong values"
    loose = tolerance or (2e-2 if tensor.type in (S.TensorType.FLOAT16, S.TensorType.BFLOAT16) else 1e-3)
    loose *= max(1, np.abs(want).max(initial=0)) if tolerance else 1
    return "" if np.allclose(got, want, rtol=0 if tolerance else loose, atol=loose, equal_nan=True) else "wrong values"


def run(model):
    """ "" when it runs and is right, or why not."""
    outputs = model.outputs
    model.outputs = model.readable()
    interpreter = Interpreter(
        model_content=model.build(), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    interpreter.allocate_tensors()
    for index in model.inputs:
        interpreter.set_tensor(index, model.raw[index])
    interpreter.invoke()
    for index, shown, want in zip(outputs, model.outputs, model.expected):
        if want is not None:
            problem = close(
                interpreter.get_tensor(shown), want, model.tensors[index], model.quantization[index], model.tolerance
            )
            if problem:
                return problem
    return ""


def attempt(case, dtypes, rank, mode, **variation):
    model = Model(**variation)
    try:
        case.make(model, dtypes, rank, mode)
    except NotHere:
        return None
    except Exception as error:
        return f"CASE {type(error).__name__}: {error} at line {error.__traceback__.tb_next.tb_lineno}"
    try:
        return run(model)
    except Exception as error:  # the runtime's refusals are of many kinds
        return " ".join(str(error).split())[:160] or type(error).__name__


def in_children(jobs, work):
    """Results of `work(job)` in order; a job that kills its process gives "crash"."""
    results, at = [], 0
    while at < len(jobs):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 2)
            with os.fdopen(writer, "wb") as out:
                for job in jobs[at : at + 400]:
                    pickle.dump(work(job), out)
                    out.flush()
            os._exit(0)
        os.close(writer)
        got = 0
        with os.fdopen(reader, "rb") as stream:
            while True:
                try:
                    results.append(pickle.load(stream))
                except EOFError:
                    break
                got += 1
        os.waitpid(child, 0)
        at += got
        if got < 400 and at < len(jobs):
            results.append("crash")
            at += 1
    return results


def registered_versions(names):
    """Versions of each builtin that the resolver knows: a model without operators still resolves its operator codes."""

    def known(job):
        name, version = job
        model = S.ModelT()
        model.version, model.description, model.buffers = 3, b"", [S.BufferT()]
        model.operatorCodes = [operator_code(getattr(S.BuiltinOperator, name), version)]
        graph = S.SubGraphT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs = (
            [],
            [],
            np.array([], np.int32),
            np.array([], np.int32),
        )
        model.subgraphs = [graph]
        try:
            Interpreter(
                model_content=pack(model),
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
        except Exception:
            return False
        return True

    jobs = [(name, version) for name in names for version in PROBED_VERSIONS]
    found = collections.defaultdict(list)
    for (name, version), ok in zip(jobs, in_children(jobs, known)):
        if ok is True:
            found[name].append(version)
    return found


def ranges(numbers):
    """[0, 1, 2, 5] -> "0-2,5"."""
    out = []
    for n in sorted(numbers):
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in out)


def product_form(assignments):
    """{("f32","i32"), ("f32","i64"), ("i8","i32"), ("i8","i64")} -> ["f32 i8/i32 i64"]."""
    groups = {(): sorted(assignments)} if assignments and not next(iter(assignments)) else None
    if groups:
        return [""]
    rows = [tuple((t,) for t in a) for a in sorted(assignments)]
    for position in range(len(rows[0]) if rows else 0):
        merged = collections.OrderedDict()
        for row in rows:
            merged.setdefault(row[:position] + row[position + 1 :], []).append(row[position])
        rows = [
            key[:position] + (tuple(sorted({t for part in parts for t in part})),) + key[position:]
            for key, parts in merged.items()
        ]
    return ["/".join(" ".join(part) for part in row) for row in rows]


def measure(case):
    """mode -> ranks -> product forms; the refusals; the jobs that came out right."""
    jobs = [(dtypes, rank, mode) for mode in case.modes for dtypes in case.assignments() for rank in case.ranks]
    works = collections.defaultdict(lambda: collections.defaultdict(list))
    log, wrong = [], collections.defaultdict(set)
    results = in_children(jobs, lambda job: attempt(case, *job))
    for (dtypes, rank, mode), result in zip(jobs, results):
        if result is None:
            continue
        if result.startswith("CASE"):
            raise SystemExit(f"{case.builtin} {mode} {dtypes} rank {rank}: {result}")
        if result.startswith(("wrong", "shape")):
            wrong[mode, tuple(dtypes.values())].add(rank)
        if result == "":
            works[mode][tuple(dtypes.values())].append(rank)
        else:
            log.append(f"{case.builtin} {mode} {dtypes} rank {rank}: {result}")
    facts = {}
    for mode, by_types in works.items():
        by_ranks = collections.defaultdict(set)
        for types, found in by_types.items():
            # A kernel that is wrong somewhere may be right elsewhere by chance. Scalars are a case of their own.
            bad = wrong[mode, types] - {0}
            if bad and case.right_below_wrong:
                found = [rank for rank in found if rank < min(bad)]
            elif bad:
                continue
            if found:
                by_ranks[ranges(found)].add(types)
        facts[mode] = {r: product_form(types) for r, types in sorted(by_ranks.items(), key=lambda kv: kv[0])}
    return (
        {mode: found for mode, found in facts.items() if found},
        log,
        [job for job, result in zip(jobs, results) if result == ""],
    )


def telling(case, jobs):
    """A job that has axes to speak of."""
    return next((job for job in jobs if job[1] >= min(3, max(case.ranks))), jobs[-1])


def constant_operands(case, job):
    """Positions of operands that must be constants, tried one at a time."""
    model = Model()
    case.make(model, *job)
    operands = [int(i) for i in model.operators[-1].inputs]
    positions = {k: operands.index(t) for k, t in enumerate(model.constants) if t in operands}
    trials = in_children(list(positions), lambda k: attempt(case, *job, computed=k))
    return sorted(p for p, result in zip(positions.values(), trials) if result != "")


def keeps_scale(case, right):
    """Whether the kernel needs result and operands to have one quantization."""
    quantized = [job for job in right if "i8q" in job[0].values()]
    return bool(quantized) and in_children(
        [telling(case, quantized)], lambda job: attempt(case, *job, rescaled=True)
    ) != [""]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("builtins", nargs="*")
    parser.add_argument("--log", help="where to write every refusal")
    arguments = parser.parse_args()
    names = [n for n, v in sorted(vars(S.BuiltinOperator).items()) if isinstance(v, int)]
    chosen = arguments.builtins or names
    versions = registered_versions(chosen)
    lines, log = [], []
    for name in sorted(chosen):
        if name not in versions:
            continue
        entry = [f"versions: [{min(versions[name])}, {max(versions[name])}]"]
        case = CASES.get(name)
        if case:
            facts, refusals, right = measure(case)
            log += refusals
            if not facts:
                print(f"{name}: nothing runs, {refusals[:2]}", file=sys.stderr)
            modes = ", ".join(
                '"%s": { %s }'
                % (
                    mode,
                    ", ".join(
                        '"%s": %s' % (r, "[" + ", ".join(f'"{f}"' for f in forms) + "]") for r, forms in found.items()
                    ),
                )
                for mode, found in facts.items()
            )
            entry += [f'signature: "{case.signature}"', f"rank: {case.rank_of}", f"runs: {{ {modes} }}"]
            if case.modes != ("any",):
                entry.append("modes: [" + ", ".join(f'"{m}"' for m in case.modes) + "]")
            constants = constant_operands(case, telling(case, right)) if right else []
            if constants:
                entry.append(f"constants: {constants}")
            if keeps_scale(case, right):
                entry.append("keepsScale: true")
        lines.append(f"  {name}: {{ {', '.join(entry)} }},")
        if arguments.builtins:
            print(lines[-1])
    if arguments.log:
        pathlib.Path(arguments.log).write_text("\n".join(log))
    if not arguments.builtins:
        version = importlib.metadata.version("ai-edge-litert")
        head = [
            'import type { KernelFacts } from "../kernels.ts";',
            'import type { BuiltinName } from "../../schema/fields.ts";',
            "",
            f"// Made by schema/measure_kernels.py with ai-edge-litert {version}. Do not edit.",
            "/** What the stock runtime's CPU kernels were seen to run. A builtin that is missing has no kernel. */",
            "export const kernelFacts: Partial<Record<BuiltinName, KernelFacts>> = {",
        ]
        target = pathlib.Path(__file__).parent.parent / "src/file/generated/kernel-facts.ts"
        target.parent.mkdir(exist_ok=True)
        target.write_text("\n".join([*head, *lines, "};", ""]))


if __name__ == "__main__":
    main()
