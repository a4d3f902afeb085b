"""The cases that measure_kernels.py builds: for each builtin a signature over type variables, and how to make one operator."""
import itertools
import math

import numpy as np

REAL = ["f32", "f16", "bf16", "f64", "i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8"]
QUANTIZED = ["i8q", "u8q", "i16q"]
ALL = [*REAL, "bool", "c64", "c128", "string", "i4", "u4", "i2", *QUANTIZED, "i4q", "i2q"]
INDEX = ["i32", "i64", "i16"]
RELU = 1
EXTENTS = [2, 3, 4, 2, 3, 2, 2, 2]
CASES = {}


class NotHere(Exception):
    """The combination makes no sense for this builtin."""


class Case:
    def __init__(self, builtin, signature, make, variables, ranks=range(9), modes=("any",), rank_of=0):
        self.builtin, self.signature, self.make = builtin, signature, make
        self.variables, self.ranks, self.modes, self.rank_of = variables, list(ranks), modes, rank_of
        CASES[builtin] = self

    def assignments(self):
        if isinstance(self.variables, list):  # the combinations themselves
            return self.variables
        return [dict(zip(self.variables, types)) for types in itertools.product(*self.variables.values())]


def shape_of(rank):
    return EXTENTS[:rank]


def is_float(t):
    return t in ("f32", "f16", "f64", "bf16")


def is_quantized(t):
    return t.endswith("q")


def is_integer(t):
    return not is_quantized(t) and t[0] in "iu"


def options_of(builtin):
    """The options table, by name; None where a builtin has none."""
    from ai_edge_litert import schema_py_generated as S

    special = {
        "MAXIMUM": "MaximumMinimumOptions", "MINIMUM": "MaximumMinimumOptions", "MEAN": "ReducerOptions", "SUM": "ReducerOptions",
        "REDUCE_MAX": "ReducerOptions", "REDUCE_MIN": "ReducerOptions", "REDUCE_PROD": "ReducerOptions", "REDUCE_ANY": "ReducerOptions",
        "REDUCE_ALL": "ReducerOptions", "AVERAGE_POOL_2D": "Pool2DOptions", "MAX_POOL_2D": "Pool2DOptions", "L2_POOL_2D": "Pool2DOptions",
        "L2_NORMALIZATION": "L2NormOptions", "CONV_3D_TRANSPOSE": "Conv3DOptions", "RANDOM_UNIFORM": "RandomOptions",
        "RANDOM_STANDARD_NORMAL": "RandomOptions", "MULTINOMIAL": "RandomOptions", "ATAN2": "ATan2Options", "PADV2": "PadV2Options",
        "TOPK_V2": "TopKV2Options", "RFFT2D": "Rfft2dOptions", "LOG_SOFTMAX": "LogSoftmaxOptions", "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
        "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions", "LSTM": "LSTMOptions", "SVDF": "SVDFOptions", "RNN": "RNNOptions",
        "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions", "BIDIRECTIONAL_SEQUENCE_RNN": "BidirectionalSequenceRNNOptions",
        "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions", "BATCH_MATMUL": "BatchMatMulOptions",
        "BIDIRECTIONAL_SEQUENCE_LSTM": "BidirectionalSequenceLSTMOptions", "CONV_2D": "Conv2DOptions", "CONV_3D": "Conv3DOptions",
        "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions", "NON_MAX_SUPPRESSION_V4": "NonMaxSuppressionV4Options",
        "NON_MAX_SUPPRESSION_V5": "NonMaxSuppressionV5Options", "STABLEHLO_COMPOSITE": "StableHLOCompositeOptions", "ADD_N": "AddNOptions",
    }
    name = special.get(builtin) or "".join(part.capitalize() for part in builtin.split("_")) + "Options"
    return name if hasattr(S, name + "T") else None


def emit(m, builtin, operands, results, **fields):
    return m.op(builtin, operands, results, options_of(builtin), CASE_VERSION.get(builtin, 1), **fields)


CASE_VERSION = {"BROADCAST_TO": 2}


# ---- elementwise -----------------------------------------------------------------------------------------------------

FIXED_RANGE = {  # results of these are quantized in one way only
    "SOFTMAX": {"i8q": (1 / 256, -128), "u8q": (1 / 256, 0), "i16q": (1 / 32768, 0)},
    "LOG_SOFTMAX": {"i8q": (16 / 256, 127), "u8q": (16 / 256, 255)},
    "LOGISTIC": {"i8q": (1 / 256, -128), "u8q": (1 / 256, 0), "i16q": (1 / 32768, 0)},
    "TANH": {"i8q": (1 / 128, 0), "u8q": (1 / 128, 128), "i16q": (1 / 32768, 0)},
    "L2_NORMALIZATION": {"i8q": (1 / 128, 0), "u8q": (1 / 128, 128)},
}


def result_quantization(builtin, t):
    scale, zero = FIXED_RANGE.get(builtin, {}).get(t, (None, None))
    return {} if scale is None else {"scale": scale, "zero": zero}


def unary(builtin, function, low=-2.0, result="T", types=ALL, ranks=range(9), rounded=False, **fields):
    def make(m, types, rank, mode):
        t = types["T"]
        # A base far from zero keeps integer kernels of exp and the like in range.
        x = m.x(t, shape_of(rank), low=low, **({"scale": 1 / 4096} if t == "i16q" else {}))
        out = t if result == "T" else result
        emit(m, builtin, [x], [(out, shape_of(rank), result_quantization(builtin, out))], **fields)
        if function and not is_quantized(t) and t != "string":
            with np.errstate(all="ignore"):
                m.expect(function(m.v(x)), exact=not rounded)

    return Case(builtin, f"T:{result}", make, {"T": types}, ranks)


def softmax(x):
    e = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


erf = np.vectorize(math.erf)
unary("ABS", np.abs)
unary("CEIL", np.ceil)
unary("COS", lambda x: np.cos(x.astype(np.float64)))
unary("SIN", lambda x: np.sin(x.astype(np.float64)))
unary("ELU", lambda x: np.where(x > 0, x, np.expm1(x.astype(np.float64))))
unary("EXP", lambda x: np.exp(x.astype(np.float64)))
unary("FLOOR", np.floor)
unary("GELU", lambda x: x * 0.5 * (1 + erf(x.astype(np.float64) / math.sqrt(2))) if x.size else x)
unary("HARD_SWISH", lambda x: x * np.clip(x + 3, 0, 6) / 6)
unary("LEAKY_RELU", lambda x: np.where(x > 0, x, x * 0.25), alpha=0.25)
unary("LOG", lambda x: np.log(x.astype(np.float64)), low=0.25)
unary("LOGISTIC", lambda x: 1 / (1 + np.exp(-x.astype(np.float64))))
unary("LOGICAL_NOT", np.logical_not)
unary("NEG", lambda x: -x)
unary("RELU", lambda x: np.maximum(x, 0))
unary("RELU6", lambda x: np.clip(x, 0, 6))
unary("RELU_N1_TO_1", lambda x: np.clip(x, -1, 1))
unary("RELU_0_TO_1", lambda x: np.clip(x, 0, 1))
unary("ROUND", np.round)
unary("RSQRT", lambda x: 1 / np.sqrt(x.astype(np.float64)), low=0.25)
unary("SIGN", np.sign)
unary("SQRT", lambda x: np.sqrt(x.astype(np.float64)), low=0.25)
unary("SQUARE", np.square)
unary("TANH", lambda x: np.tanh(x.astype(np.float64)))
unary("ZEROS_LIKE", np.zeros_like)
unary("SOFTMAX", softmax, ranks=range(1, 9), beta=1.0)
unary("LOG_SOFTMAX", lambda x: np.log(softmax(x)), ranks=range(1, 9))
unary("L2_NORMALIZATION", lambda x: x / np.sqrt((x.astype(np.float64) ** 2).sum(-1, keepdims=True)), ranks=range(1, 9))


def broadcast_shapes(rank):
    """Two shapes that differ in every way: extents of 1 on both sides, at both ends."""
    full = shape_of(rank)
    left = [d if i % 2 == 0 else 1 for i, d in enumerate(full)]
    right = [d if i % 2 == 1 or i == rank - 1 else 1 for i, d in enumerate(full)]
    return left, right


def pair_shapes(rank, mode):
    if mode == "same":
        return shape_of(rank), shape_of(rank)
    if rank == 0:
        raise NotHere
    return broadcast_shapes(rank) if rank > 1 else ([3], [1])


def binary(builtin, function, result="T", low=(-2.0, -2.0), types=ALL, modes=("same", "broadcast"), **fields):
    def make(m, types, rank, mode):
        t = types["T"]
        a, b = pair_shapes(rank, mode)
        x, y = m.x(t, a, low=low[0]), m.x(t, b, low=low[1])
        emit(m, builtin, [x, y], [(t if result == "T" else result, list(np.broadcast_shapes(tuple(a), tuple(b))))], **fields)
        if function and not is_quantized(t):
            with np.errstate(all="ignore"):
                m.expect(function(m.v(x), m.v(y)))

    return Case(builtin, f"T,T:{result}", make, {"T": types}, modes=modes, rank_of=-1)


def divide(x, y):
    return np.trunc(x / y) if x.dtype.kind in "iu" else x / y


binary("ADD", np.add, potScaleInt16=False)
binary("SUB", np.subtract, low=(3.0, -2.0), potScaleInt16=False)
binary("MUL", np.multiply)
binary("DIV", divide, low=(-2.0, 1.0))
binary("FLOOR_DIV", lambda x, y: np.floor(x / y), low=(-2.0, 1.0))
binary("FLOOR_MOD", np.mod, low=(-2.0, 1.0))
binary("MAXIMUM", np.maximum)
binary("MINIMUM", np.minimum)
binary("POW", lambda x, y: x.astype(np.float64) ** y, low=(0.5, 0.0))
binary("SQUARED_DIFFERENCE", lambda x, y: (x - y) ** 2, low=(3.0, -2.0))
binary("ATAN2", np.arctan2)
binary("BITWISE_XOR", np.bitwise_xor, types=[t for t in ALL if not is_float(t) and t[0] != "c" and t != "string"])
binary("RIGHT_SHIFT", np.right_shift, low=(-2.0, 0.0), types=[t for t in ALL if not is_float(t) and t[0] != "c" and t not in ("string", "bool")])
binary("LOGICAL_AND", np.logical_and)
binary("LOGICAL_OR", np.logical_or)
binary("PRELU", lambda x, y: np.where(x >= 0, x, x * y))
for name, function in {"EQUAL": np.equal, "NOT_EQUAL": np.not_equal, "GREATER": np.greater, "GREATER_EQUAL": np.greater_equal, "LESS": np.less, "LESS_EQUAL": np.less_equal}.items():
    binary(name, function, result="bool")
for name, function in {"ADD": np.add, "MULTIPLY": np.multiply, "MAXIMUM": np.maximum, "MINIMUM": np.minimum}.items():
    binary(f"STABLEHLO_{name}", function, modes=("same",))
binary("STABLEHLO_AND", np.bitwise_and, modes=("same",), types=[t for t in ALL if not is_float(t) and t[0] != "c" and t != "string"])
binary("STABLEHLO_SHIFT_LEFT", np.left_shift, low=(-2.0, 0.0), modes=("same",), types=[t for t in ALL if not is_float(t) and t[0] != "c" and t not in ("string", "bool")])


def add_n(m, types, rank, mode):
    t = types["T"]
    xs = [m.x(t, shape_of(rank)) for _ in range(3)]
    emit(m, "ADD_N", xs, [(t, shape_of(rank))])
    if not is_quantized(t) and t not in ("string", "bool"):
        m.expect(m.v(xs[0]) + m.v(xs[1]) + m.v(xs[2]))


Case("ADD_N", "T*:T", add_n, {"T": ALL})


def cast(m, types, rank, mode):
    s, d = types["S"], types["D"]
    x = m.x(s, shape_of(rank), low=0.0)
    emit(m, "CAST", [x], [(d, shape_of(rank))])
    if s not in ("string",) and d not in ("string", "i4", "u4", "i2", "bf16"):
        value = m.v(x)
        m.expect(value != 0 if d == "bool" else np.trunc(value.real) if d[0] in "iu" and s != "bool" else value)


CASTABLE = [t for t in ALL if not is_quantized(t)]
Case("CAST", "S:D", cast, {"S": CASTABLE, "D": CASTABLE})


def bitcast(m, types, rank, mode):
    size = {"f64": 8, "i64": 8, "u64": 8, "f32": 4, "i32": 4, "u32": 4, "f16": 2, "bf16": 2, "i16": 2, "u16": 2, "i8": 1, "u8": 1, "bool": 1}
    s, d = types["S"], types["D"]
    shape = shape_of(rank)
    ratio = size[s] / size[d]
    if ratio < 1:
        if rank == 0:
            raise NotHere
        source, result = [*shape[:-1], int(1 / ratio)], shape[:-1]
    else:
        source, result = shape, shape if ratio == 1 else [*shape, int(ratio)]
    x = m.x(s, source)
    emit(m, "BITCAST", [x], [(d, result)])
    if s != "bf16" and d not in ("bf16", "bool"):
        from measure_kernels import NUMPY
        m.expect(np.frombuffer(m.v(x).tobytes(), NUMPY[d]).reshape(result))


Case("BITCAST", "S:D", bitcast, {"S": ["f32", "f64", "f16", "bf16", "i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8", "bool"], "D": ["f32", "f64", "f16", "bf16", "i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8", "bool"]})


def quantize(m, types, rank, mode):
    s, d = types["S"], types["D"]
    per_axis = mode == "per-axis"
    if per_axis and rank == 0:
        raise NotHere
    shape = shape_of(rank)
    q = {"scale": np.full(shape[0], 0.05), "axis": 0} if per_axis else {}
    x = m.x(s, shape, low=0.0)
    emit(m, "QUANTIZE", [x], [(d, shape, q)])


Case("QUANTIZE", "S:D", quantize, {"S": ["f32", "f16", "bf16", "i32q", *QUANTIZED, "i4q", "i2q"], "D": [*QUANTIZED, "i32q", "i4q", "i2q"]}, modes=("any", "per-axis"))


def dequantize(m, types, rank, mode):
    s = types["S"]
    per_axis = mode == "per-axis"
    if per_axis and (rank == 0 or not is_quantized(s)):
        raise NotHere
    shape = shape_of(rank)
    scale = np.linspace(0.05, 0.1, shape[0]) if per_axis else np.array([0.05])
    # Stored weights, as converters use it: the kernel evaluates constants early.
    x = m.c(s, m.values_for(s, shape), **({"scale": scale} if is_quantized(s) else {}))
    emit(m, "DEQUANTIZE", [x], [("f32", shape)])
    value = m.v(x).astype(np.float64)
    m.expect(value * scale.reshape([-1] + [1] * (rank - 1) if per_axis else []) if is_quantized(s) else value)


Case("DEQUANTIZE", "S:f32", dequantize, {"S": [*QUANTIZED, "i32q", "i4q", "i2q", "u4q", "f16", "bf16"]}, modes=("any", "per-axis"))


def fake_quant(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "FAKE_QUANT", [x], [(types["T"], shape_of(rank))], min=-2.0, max=2.0, numBits=8)


Case("FAKE_QUANT", "T:T", fake_quant, {"T": REAL})


def select(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        shape = shape_of(rank)
        cond = shape if mode == "same" else broadcast_shapes(rank)[0] if rank > 1 else [1] if rank == 1 else None
        if cond is None:
            raise NotHere
        other = broadcast_shapes(rank)[1] if mode == "broadcast" and rank > 1 else shape
        c, x, y = m.x("bool", cond), m.x(t, other), m.x(t, shape)
        emit(m, builtin, [c, x, y], [(t, shape)])
        m.expect(np.where(m.v(c), m.v(x), m.v(y)))

    return Case(builtin, "bool,T,T:T", make, {"T": ALL}, modes=("same", "broadcast"), rank_of=-1)


select("SELECT")
select("SELECT_V2")


def where(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank), low=0.0)
    emit(m, "WHERE", [x], [("i64", [1, rank])])
    if not is_quantized(types["T"]) and types["T"] != "string":
        m.expect(np.argwhere(m.v(x)))


Case("WHERE", "T:i64", where, {"T": ALL}, range(1, 9))


def bucketize(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "BUCKETIZE", [x], [("i32", shape_of(rank))], boundaries=[-1.0, 0.0, 1.0])
    m.expect(np.digitize(m.v(x), [-1.0, 0.0, 1.0]))


Case("BUCKETIZE", "T:i32", bucketize, {"T": REAL})

# ---- reductions ------------------------------------------------------------------------------------------------------


def reduction(builtin, function):
    def make(m, types, rank, mode):
        t = types["T"]
        if rank == 0:
            raise NotHere
        axes = sorted({rank - 1, max(rank - 3, 0)}) if mode == "several" else [rank - 1]
        if mode == "several" and len(axes) < 2:
            raise NotHere
        keep = rank % 2 == 1
        shape = shape_of(rank)
        x = m.x(t, shape)
        want = function(m.v(x), axis=tuple(axes), keepdims=keep) if t != "string" and not is_quantized(t) else None
        emit(m, builtin, [x, m.c("i32", np.array(axes, np.int32))], [(t, [] if want is None else want.shape)], keepDims=keep)
        if want is not None:
            m.expect(want)

    return Case(builtin, "T,i32:T", make, {"T": ALL}, modes=("one", "several"))


reduction("MEAN", lambda x, **k: np.trunc(np.mean(x, **k)) if x.dtype.kind in "iu" else np.mean(x.astype(np.complex128 if x.dtype.kind == "c" else np.float64), **k))
reduction("SUM", np.sum)
reduction("REDUCE_PROD", np.prod)
reduction("REDUCE_MAX", np.max)
reduction("REDUCE_MIN", np.min)
reduction("REDUCE_ANY", np.any)
reduction("REDUCE_ALL", np.all)


def arg(builtin, function):
    def make(m, types, rank, mode):
        x = m.x(types["T"], shape_of(rank))
        from ai_edge_litert import schema_py_generated as S

        kind = {"i32": S.TensorType.INT32, "i64": S.TensorType.INT64}[types["O"]]
        axis = max(rank - 2, 0)
        want = function(m.v(x), axis)
        emit(m, builtin, [x, m.c(types["I"], np.array(axis))], [(types["O"], want.shape)], outputType=kind)
        m.expect(want)

    numbers = [t for t in ALL if t not in ("string", "c64", "c128")]
    return Case(builtin, "T,I:O", make, {"T": numbers, "I": ["i32", "i64"], "O": ["i32", "i64"]}, range(1, 9))


arg("ARG_MAX", np.argmax)
arg("ARG_MIN", np.argmin)


def cumsum(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    axis = max(rank - 2, 0)
    emit(m, "CUMSUM", [x, m.c(types["I"], np.array(axis))], [(types["T"], shape_of(rank))])
    if types["T"] != "string" and not is_quantized(types["T"]):
        m.expect(np.cumsum(m.v(x), axis))


Case("CUMSUM", "T,I:T", cumsum, {"T": ALL, "I": INDEX}, range(1, 9))


def topk(m, types, rank, mode):
    shape = shape_of(rank)
    x = m.x(types["T"], shape)
    out = [*shape[:-1], 2]
    emit(m, "TOPK_V2", [x, m.c(types["K"], np.array(2))], [(types["T"], out), (types["I"], out)])
    m.expect(-np.sort(-m.v(x).astype(np.float64), -1)[..., :2])


Case("TOPK_V2", "T,K:T,I", topk, {"T": [t for t in ALL if t not in ("string", "c64", "c128", "bool")], "K": INDEX, "I": INDEX}, range(1, 9))


def unique(m, types, rank, mode):
    from ai_edge_litert import schema_py_generated as S

    x = m.x(types["T"], shape_of(rank))
    emit(m, "UNIQUE", [x], [(types["T"], [1]), (types["I"], [1])], idxOutType={"i32": S.TensorType.INT32, "i64": S.TensorType.INT64}[types["I"]])
    if rank == 1:
        _, first, inverse = np.unique(m.v(x), return_index=True, return_inverse=True)
        order = np.argsort(first)
        m.expect(m.v(x)[first[order]], np.argsort(order)[inverse])


Case("UNIQUE", "T:T,I", unique, {"T": ALL, "I": ["i32", "i64"]}, range(1, 3))


def segment_sum(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, [4, *shape_of(rank)[1:]])
    ids = np.array([0, 0, 1, 1], np.int32)
    emit(m, "SEGMENT_SUM", [x, m.c(types["I"], ids)], [(t, [2, *shape_of(rank)[1:]])])
    m.expect(np.stack([m.v(x)[:2].sum(0), m.v(x)[2:].sum(0)]))


NUMBERS = [t for t in ALL if t not in ("string", "bool", "c64", "c128") and not is_quantized(t)]
Case("SEGMENT_SUM", "T,I:T", segment_sum, {"T": NUMBERS, "I": INDEX}, range(1, 9))


def unsorted(builtin, function):
    def make(m, types, rank, mode):
        t = types["T"]
        x = m.x(t, [4, *shape_of(rank)[1:]])
        ids = np.array([1, 0, 1, 0], np.int32)
        emit(m, builtin, [x, m.c(types["I"], ids), m.c(types["N"], np.array(2))], [(t, [2, *shape_of(rank)[1:]])])
        m.expect(np.stack([function(m.v(x)[[1, 3]], axis=0), function(m.v(x)[[0, 2]], axis=0)]))

    return Case(builtin, "T,I,N:T", make, {"T": NUMBERS, "I": INDEX, "N": INDEX}, range(1, 9))


unsorted("UNSORTED_SEGMENT_SUM", np.sum)
unsorted("UNSORTED_SEGMENT_PROD", np.prod)
unsorted("UNSORTED_SEGMENT_MAX", np.max)
unsorted("UNSORTED_SEGMENT_MIN", np.min)

# ---- shape and movement ----------------------------------------------------------------------------------------------


def moved(builtin, signature, variables, make_parts, ranks=range(1, 9), modes=("any",), rank_of=0):
    """Ops that move elements: raw values can be compared whatever they stand for."""

    def make(m, types, rank, mode):
        t = types["T"]
        x = m.x(t, shape_of(rank))
        operands, want, fields = make_parts(m, x, m.v(x), types, rank, mode)
        emit(m, builtin, operands, [(t, want.shape)], **fields)
        if t.rstrip("q") not in ("i4", "u4", "i2"):
            m.expect(want)
        else:
            m.expect(None)

    return Case(builtin, signature, make, variables, ranks, modes, rank_of)


def reshape(m, x, v, types, rank, mode):
    shape = [*reversed(v.shape)]
    return [x, m.c(types["I"], np.array(shape))], v.reshape(shape), {"newShape": shape}


moved("RESHAPE", "T,I:T", {"T": ALL, "I": INDEX}, reshape)
moved("SQUEEZE", "T:T", {"T": ALL}, lambda m, x, v, types, rank, mode: ([x], v, {"squeezeDims": []}), ranks=range(9))
moved("EXPAND_DIMS", "T,I:T", {"T": ALL, "I": INDEX}, lambda m, x, v, types, rank, mode: ([x, m.c(types["I"], np.array(0))], v[None], {}), ranks=range(9))


def transpose(m, x, v, types, rank, mode):
    perm = [*range(1, rank), 0] if rank < 3 else [rank - 1, 0, *range(2, rank - 1), 1]
    return [x, m.c("i32", np.array(perm))], v.transpose(perm), {}


moved("TRANSPOSE", "T,i32:T", {"T": ALL}, transpose)


def broadcast_to(m, types, rank, mode):
    t = types["T"]
    left, _ = broadcast_shapes(rank)
    x = m.x(t, left)
    emit(m, "BROADCAST_TO", [x, m.c(types["I"], np.array(shape_of(rank)))], [(t, shape_of(rank))])
    m.expect(None if t.rstrip("q") in ("i4", "u4", "i2") else np.broadcast_to(m.v(x), shape_of(rank)))


Case("BROADCAST_TO", "T,I:T", broadcast_to, {"T": ALL, "I": INDEX}, range(1, 9))
moved("TILE", "T,I:T", {"T": ALL, "I": INDEX}, lambda m, x, v, types, rank, mode: ([x, m.c(types["I"], np.array([2, *[1] * (rank - 1)]))], np.tile(v, [2, *[1] * (rank - 1)]), {}))


def pads_of(rank):
    return np.array([[1, 2] if i == rank - 1 else [i % 2, 1] if i < 2 else [0, 0] for i in range(rank)])


def pad(m, x, v, types, rank, mode):
    fill = {"constant_values": False} if v.dtype == np.bool_ else {"constant_values": 0}
    return [x, m.c(types["I"], pads_of(rank))], np.pad(v, pads_of(rank), **fill), {}


NO_STRING = [t for t in ALL if t != "string"]
moved("PAD", "T,I:T", {"T": NO_STRING, "I": INDEX}, pad)


def pad_v2(m, x, v, types, rank, mode):
    value = m.c(types["T"], np.array(1))
    return [x, m.c(types["I"], pads_of(rank)), value], np.pad(v, pads_of(rank), constant_values=1), {}


moved("PADV2", "T,I,T:T", {"T": NO_STRING, "I": INDEX}, pad_v2)


def mirror_pad(m, x, v, types, rank, mode):
    pads = np.array([[1, 1] if i == rank - 1 else [0, 1] if i == 0 else [0, 0] for i in range(rank)])
    return [x, m.c(types["I"], pads)], np.pad(v, pads, mode=mode), {"mode": 0 if mode == "reflect" else 1}


moved("MIRROR_PAD", "T,I:T", {"T": ALL, "I": INDEX}, mirror_pad, modes=("reflect", "symmetric"))


def slice_(m, x, v, types, rank, mode):
    begin = [1 if d > 1 else 0 for d in v.shape]
    size = [d - b for d, b in zip(v.shape, begin)]
    return [x, m.c(types["I"], np.array(begin)), m.c(types["I"], np.array(size))], v[tuple(slice(b, None) for b in begin)], {}


moved("SLICE", "T,I,I:T", {"T": ALL, "I": INDEX}, slice_)


def strided_slice(m, x, v, types, rank, mode):
    i = types["I"]
    end = [*v.shape]
    begin = [0] * rank
    strides = [1] * rank
    if mode == "negative":
        begin[-1], end[-1], strides[-1] = v.shape[-1] - 1, -v.shape[-1] - 1, -1
        want = v[..., ::-1]
    else:
        begin[0], strides[-1] = 1, 2
        want = v[1::2] if rank == 1 else v[1:, ..., ::2]
    return [x, *(m.c(i, np.array(p)) for p in (begin, end, strides))], want, {}


moved("STRIDED_SLICE", "T,I,I,I:T", {"T": ALL, "I": INDEX}, strided_slice, modes=("positive", "negative"))


def dynamic_update_slice(m, x, v, types, rank, mode):
    update = m.x(types["T"], [1] * rank)
    want = v.copy()
    want[tuple([-1] * rank)] = m.v(update).reshape(())
    return [x, update, m.c(types["I"], np.array(v.shape) - 1)], want, {}


moved("DYNAMIC_UPDATE_SLICE", "T,T,I:T", {"T": ALL, "I": INDEX}, dynamic_update_slice)


def concatenation(m, x, v, types, rank, mode):
    y = m.x(types["T"], v.shape)
    axis = max(rank - 2, 0)
    return [x, y], np.concatenate([v, m.v(y)], axis), {"axis": axis}


moved("CONCATENATION", "T*:T", {"T": ALL}, concatenation)


def pack_(m, x, v, types, rank, mode):
    y = m.x(types["T"], v.shape)
    return [x, y], np.stack([v, m.v(y)], 0), {"axis": 0, "valuesCount": 2}


moved("PACK", "T*:T", {"T": ALL}, pack_, ranks=range(9))


def unpack(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "UNPACK", [x], [(types["T"], shape_of(rank)[1:])] * 2, num=2, axis=0)
    if types["T"].rstrip("q") not in ("i4", "u4", "i2"):
        m.expect(*m.v(x))


Case("UNPACK", "T:T*", unpack, {"T": ALL}, range(1, 9))


def split(m, types, rank, mode):
    shape = [*shape_of(rank)[:-1], 4]
    x = m.x(types["T"], shape)
    emit(m, "SPLIT", [m.c("i32", np.array(rank - 1)), x], [(types["T"], [*shape[:-1], 2])] * 2, numSplits=2)
    if types["T"].rstrip("q") not in ("i4", "u4", "i2"):
        m.expect(*np.split(m.v(x), 2, -1))


Case("SPLIT", "i32,T:T*", split, {"T": ALL}, range(1, 9), rank_of=1)


def split_v(m, types, rank, mode):
    shape = [*shape_of(rank)[:-1], 4]
    x = m.x(types["T"], shape)
    emit(m, "SPLIT_V", [x, m.c(types["I"], np.array([1, 3])), m.c("i32", np.array(rank - 1))], [(types["T"], [*shape[:-1], n]) for n in (1, 3)], numSplits=2)
    if types["T"].rstrip("q") not in ("i4", "u4", "i2"):
        m.expect(*np.split(m.v(x), [1], -1))


Case("SPLIT_V", "T,I,i32:T*", split_v, {"T": ALL, "I": INDEX}, range(1, 9))


def gather(m, x, v, types, rank, mode):
    axis = rank - 1
    if mode == "batched":
        if rank < 2:
            raise NotHere
        i = m.c(types["I"], np.zeros((v.shape[0], 3)) + [1, 0, 1])
        shape = [v.shape[0], 3]
        want = np.stack([np.take(row, [1, 0, 1], axis - 1) for row in v])
        return [x, i], want, {"axis": axis, "batchDims": 1}
    i = m.c(types["I"], np.array([[1, 0, 1]]))
    return [x, i], np.take(v, [[1, 0, 1]], axis), {"axis": axis}


moved("GATHER", "T,I:T", {"T": ALL, "I": INDEX}, gather, modes=("any", "batched"))


def gather_nd(m, x, v, types, rank, mode):
    depth = min(rank, 2)
    indices = np.array([[1] * depth, [0] * depth])
    return [x, m.c(types["I"], indices)], v[tuple(indices.T)], {}


moved("GATHER_ND", "T,I:T", {"T": ALL, "I": INDEX}, gather_nd)


def scatter_nd(m, types, rank, mode):
    t, i = types["T"], types["I"]
    shape = shape_of(rank)
    updates = m.x(t, [2, *shape[1:]])
    emit(m, "SCATTER_ND", [m.c(i, np.array([[1], [0]])), updates, m.c(i, np.array(shape))], [(t, shape)])
    if t.rstrip("q") not in ("i4", "u4", "i2", "string"):
        m.expect(m.v(updates)[::-1])


Case("SCATTER_ND", "I,T,I:T", scatter_nd, {"I": INDEX, "T": ALL}, range(1, 9), rank_of=1)
moved("REVERSE_V2", "T,i32:T", {"T": ALL}, lambda m, x, v, types, rank, mode: ([x, m.c("i32", np.array([rank - 1] if mode == "one" else [0, rank - 1] if rank > 1 else [0]))], np.flip(v, -1 if mode == "one" else (0, -1) if rank > 1 else 0), {}), modes=("one", "several"))


def reverse_sequence(m, x, v, types, rank, mode):
    lengths = m.c(types["I"], np.full(v.shape[0], 2))
    want = v.copy()
    want[:, :2] = v[:, 1::-1]
    return [x, lengths], want, {"seqDim": 1, "batchDim": 0}


moved("REVERSE_SEQUENCE", "T,I:T", {"T": ALL, "I": INDEX}, reverse_sequence, ranks=range(2, 9))


def space_depth(builtin):
    def make(m, types, rank, mode):
        deep = builtin == "DEPTH_TO_SPACE"
        shape = [1, 2, 2, 8] if deep else [1, 4, 4, 2]
        x = m.x(types["T"], (shape + [2, 2, 2, 2])[:rank] if rank > 4 else shape[:rank])
        out = [1, 4, 4, 2] if deep else [1, 2, 2, 8]
        emit(m, builtin, [x], [(types["T"], out)], blockSize=2)
        if rank != 4:
            return
        v = m.v(x)
        want = v.reshape(1, 2, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(out)
        m.expect(want if types["T"].rstrip("q") not in ("i4", "u4", "i2") else None)

    return Case(builtin, "T:T", make, {"T": ALL}, range(1, 9))


space_depth("SPACE_TO_DEPTH")
space_depth("DEPTH_TO_SPACE")


def space_batch(builtin):
    def make(m, types, rank, mode):
        if rank < 2:
            raise NotHere
        blocks = min(rank - 1, 2)
        count = 2**blocks
        tail = [3] * (rank - 1 - blocks)
        to = builtin == "SPACE_TO_BATCH_ND"
        shape = [1, *[4] * blocks, *tail] if to else [count, *[2] * blocks, *tail]
        out = [count, *[2] * blocks, *tail] if to else [1, *[4] * blocks, *tail]
        x = m.x(types["T"], shape)
        emit(m, builtin, [x, m.c(types["I"], np.full(blocks, 2)), m.c(types["I"], np.zeros((blocks, 2)))], [(types["T"], out)])
        m.expect(None if types["T"].rstrip("q") in ("i4", "u4", "i2") else np.zeros(0) if False else None)

    return Case(builtin, "T,I,I:T", make, {"T": ALL, "I": INDEX}, range(2, 9))


space_batch("SPACE_TO_BATCH_ND")
space_batch("BATCH_TO_SPACE_ND")


def resize(builtin):
    def make(m, types, rank, mode):
        if rank != 4:
            raise NotHere
        x = m.x(types["T"], [1, 2, 3, 2])
        fields = {"alignCorners": mode == "align_corners", "halfPixelCenters": mode == "half_pixel"}
        emit(m, builtin, [x, m.c("i32", np.array([4, 6]))], [(types["T"], [1, 4, 6, 2])], **fields)
        if "NEAREST" in builtin and mode == "plain":
            m.expect(None if types["T"].rstrip("q") in ("i4", "u4", "i2") else m.v(x).repeat(2, 1).repeat(2, 2))

    return Case(builtin, "T,i32:T", make, {"T": [*REAL, "bool", *QUANTIZED]}, range(4, 5), modes=("plain", "align_corners", "half_pixel"))


resize("RESIZE_BILINEAR")
resize("RESIZE_NEAREST_NEIGHBOR")


def matrix_diag(m, types, rank, mode):
    shape = shape_of(rank)
    x = m.x(types["T"], shape)
    emit(m, "MATRIX_DIAG", [x], [(types["T"], [*shape, shape[-1]])])
    if types["T"] not in ("string",):
        m.expect(np.eye(shape[-1], dtype=m.v(x).dtype) * m.v(x)[..., None])


Case("MATRIX_DIAG", "T:T", matrix_diag, {"T": ALL}, range(1, 9))


def matrix_set_diag(m, types, rank, mode):
    shape = [*shape_of(rank)[:-2], 3, 3]
    x, d = m.x(types["T"], shape), m.x(types["T"], shape[:-1])
    emit(m, "MATRIX_SET_DIAG", [x, d], [(types["T"], shape)])
    if types["T"] not in ("string",):
        m.expect(np.where(np.eye(3, dtype=bool), m.v(d)[..., None], m.v(x)))


Case("MATRIX_SET_DIAG", "T,T:T", matrix_set_diag, {"T": ALL}, range(2, 9))


def broadcast_args(m, types, rank, mode):
    t = types["T"]
    emit(m, "BROADCAST_ARGS", [m.c(t, np.array([2, 1, 3])), m.x(t, [2], value=[4, 1])], [(t, [3])])
    m.expect([2, 4, 3])


Case("BROADCAST_ARGS", "T,T:T", broadcast_args, {"T": INDEX}, range(1, 2))

# ---- making values ---------------------------------------------------------------------------------------------------


def shape_case(m, types, rank, mode):
    from ai_edge_litert import schema_py_generated as S

    x = m.x(types["T"], shape_of(rank))
    emit(m, "SHAPE", [x], [(types["O"], [rank])], outType={"i32": S.TensorType.INT32, "i64": S.TensorType.INT64}[types["O"]])
    m.expect(np.array(shape_of(rank)))


Case("SHAPE", "T:O", shape_case, {"T": ALL, "O": ["i32", "i64"]})


def rank_case(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "RANK", [x], [("i32", [])])
    m.expect(np.array(rank))


Case("RANK", "T:i32", rank_case, {"T": ALL})


def fill(m, types, rank, mode):
    value = m.x(types["T"], [])
    emit(m, "FILL", [m.c(types["I"], np.array(shape_of(rank))), value], [(types["T"], shape_of(rank))])
    m.expect(None if types["T"].rstrip("q") in ("i4", "u4", "i2") else np.full(shape_of(rank), m.v(value)))


Case("FILL", "I,T:T", fill, {"I": INDEX, "T": ALL}, rank_of=-2)


def range_(m, types, rank, mode):
    t = types["T"]
    emit(m, "RANGE", [m.x(t, [], value=0), m.x(t, [], value=6), m.x(t, [], value=2)], [(t, [3])])
    m.expect(np.array([0, 2, 4]))


Case("RANGE", "T,T,T:T", range_, {"T": REAL}, range(1))


def one_hot(m, types, rank, mode):
    t, i = types["T"], types["I"]
    indices = m.x(i, shape_of(rank), low=0)
    on, off = m.c(t, np.array(1)), m.c(t, np.array(0))
    emit(m, "ONE_HOT", [indices, m.c("i32", np.array(3)), on, off], [(t, [*shape_of(rank), 3])], axis=-1)
    m.expect(m.v(indices)[..., None] == np.arange(3))


Case("ONE_HOT", "I,i32,T,T:T", one_hot, {"I": [*INDEX, "u8", "i8"], "T": [t for t in ALL if t not in ("string", "i4", "i4q", "i2", "i2q", "u4")]})


def embedding_lookup(m, types, rank, mode):
    t, o = types["T"], types["O"]
    table = m.c(t, m.values_for(t, [4, *[6] * (rank - 1)]), **({"scale": np.full(4, 0.05), "axis": 0} if mode == "per-axis" else {}))
    indices = m.c("i32", np.array([2, 0, 3]))
    emit(m, "EMBEDDING_LOOKUP", [indices, table], [(o, [3, *[6] * (rank - 1)])])
    want = m.v(table)[[2, 0, 3]]
    m.expect(want * 0.05 if is_quantized(t) and o == "f32" else want)


Case("EMBEDDING_LOOKUP", "i32,T:O", embedding_lookup, [{"T": t, "O": o} for t in ALL for o in dict.fromkeys([t, "f32"])], range(2, 9), modes=("any", "per-axis"), rank_of=1)


def sparse_to_dense(m, types, rank, mode):
    t, i = types["T"], types["I"]
    if rank != 2:
        raise NotHere
    operands = [m.c(i, np.array([[0, 1], [1, 0]])), m.c(i, np.array([2, 3])), m.x(t, [2], value=[5, 6]), m.c(t, np.array(0))]
    emit(m, "SPARSE_TO_DENSE", operands, [(t, [2, 3])])
    m.expect(np.array([[0, 5, 0], [6, 0, 0]]))


Case("SPARSE_TO_DENSE", "I,I,T,T:T", sparse_to_dense, {"I": ["i32", "i64"], "T": NUMBERS}, range(2, 3), rank_of=0)


def random_op(builtin):
    def make(m, types, rank, mode):
        emit(m, builtin, [m.c(types["I"], np.array(shape_of(rank)))], [(types["O"], shape_of(rank))], seed=1, seed2=2)

    return Case(builtin, "I:O", make, {"I": ["i32", "i64"], "O": ["f32", "f64", "f16"]}, rank_of=-2)


random_op("RANDOM_UNIFORM")
random_op("RANDOM_STANDARD_NORMAL")


def multinomial(m, types, rank, mode):
    emit(m, "MULTINOMIAL", [m.x("f32", [2, 3]), m.c("i32", np.array(4))], [(types["O"], [2, 4])], seed=1)


Case("MULTINOMIAL", "f32,i32:O", multinomial, {"O": ["i32", "i64"]}, range(2, 3))


def rfft2d(m, types, rank, mode):
    shape = [*shape_of(rank)[:-2], 4, 8]
    x = m.x("f32", shape)
    emit(m, "RFFT2D", [x, m.c("i32", np.array([4, 8]))], [("c64", [*shape[:-1], 5])])
    m.expect(np.fft.rfft2(m.v(x)))


Case("RFFT2D", "f32,i32:c64", rfft2d, {}, range(2, 9))


def complex_part(builtin, function):
    def make(m, types, rank, mode):
        x = m.x(types["T"], shape_of(rank))
        emit(m, builtin, [x], [({"c64": "f32", "c128": "f64"}[types["T"]] if mode == "any" else types["T"], shape_of(rank))])
        m.expect(function(m.v(x)))

    return Case(builtin, "T:O", lambda m, types, rank, mode: make(m, types, rank, mode), [{"T": "c64", "O": "f32"}, {"T": "c128", "O": "f64"}])


complex_part("REAL", np.real)
complex_part("IMAG", np.imag)
complex_part("COMPLEX_ABS", np.abs)

# ---- convolution, pooling, matrix products ---------------------------------------------------------------------------


def pool(builtin):
    def make(m, types, rank, mode):
        if rank != 4:
            raise NotHere
        x = m.x(types["T"], [1, 4, 6, 2])
        emit(m, builtin, [x], [(types["T"], [1, 2, 3, 2])], padding=1, strideW=2, strideH=2, filterWidth=2, filterHeight=2)
        if not is_quantized(types["T"]):
            windows = m.v(x).reshape(1, 2, 2, 3, 2, 2)
            m.expect(windows.max((2, 4)) if "MAX" in builtin else windows.mean((2, 4)) if "AVERAGE" in builtin else np.sqrt((windows.astype(np.float64) ** 2).mean((2, 4))))

    return Case(builtin, "T:T", make, {"T": [*REAL, *QUANTIZED]}, range(4, 5))


pool("AVERAGE_POOL_2D")
pool("MAX_POOL_2D")
pool("L2_POOL_2D")


def local_response(m, types, rank, mode):
    x = m.x(types["T"], [1, 2, 2, 4][:rank] if rank <= 4 else [1] * rank)
    emit(m, "LOCAL_RESPONSE_NORMALIZATION", [x], [(types["T"], [1, 2, 2, 4])], radius=1, bias=1.0, alpha=1.0, beta=0.5)


Case("LOCAL_RESPONSE_NORMALIZATION", "T:T", local_response, {"T": REAL}, range(1, 9))

# Input, weights, bias ("none": absent) and result of products. Weights are constants, as everywhere.
PRODUCTS = [
    {"X": x, "W": w, "B": b, "O": o}
    for x, w, o, biases in [
        ("f32", "f32", "f32", ["f32"]), ("f16", "f16", "f16", ["f16", "f32"]), ("bf16", "bf16", "bf16", ["bf16", "f32"]), ("f64", "f64", "f64", ["f64"]),
        ("f32", "f16", "f32", ["f32"]), ("f32", "i8q", "f32", ["f32"]), ("f32", "u8q", "f32", ["f32"]), ("f32", "i4q", "f32", ["f32"]), ("f32", "i2q", "f32", ["f32"]),
        ("i8q", "i8q", "i8q", ["i32", "i64"]), ("i8q", "i4q", "i8q", ["i32"]), ("i8q", "i2q", "i8q", ["i32"]), ("u8q", "u8q", "u8q", ["i32"]),
        ("i16q", "i8q", "i16q", ["i64", "i32"]), ("i16q", "i4q", "i16q", ["i64", "i32"]), ("i16q", "i16q", "i16q", ["i64", "i32"]),
        ("i8q", "i8q", "i16q", ["i32"]), ("i32", "i32", "i32", ["i32"]),
    ]
    for b in ["none", *biases]
]


def weight_scales(w, count, axis, mode):
    return {"scale": np.full(count, 0.05), "axis": axis} if mode == "per-axis" and is_quantized(w) else {}


def need_axis(types, mode):
    if mode == "per-axis" and not is_quantized(types["W"]):
        raise NotHere


def bias_of(m, types, count):
    b = types["B"]
    return [] if b == "none" else [m.c(b, np.zeros(count))] if is_float(b) else [m.c(b, np.zeros(count), scale=0.0025)]


def product_results(types, shape):
    o = types["O"]
    return [(o, shape, {"scale": 0.1} if is_quantized(o) else {})]


def conv_2d(m, types, rank, mode):
    need_axis(types, mode)
    channels = 4 if mode == "grouped" else 2
    x, w = m.x(types["X"], [1, 4, 5, channels]), types["W"]
    weights = m.c(w, m.values_for(w, [4, 2, 3, 2]), **weight_scales(w, 4, 0, mode))
    emit(m, "CONV_2D", [x, weights, *bias_of(m, types, 4)], product_results(types, [1, 3, 3, 4]), padding=1, strideW=1, strideH=1)
    if types["X"] == types["W"] == "f32" and mode == "plain":
        v, f = m.v(x), m.v(weights)
        m.expect(np.array([[[(v[0, i:i + 2, j:j + 3, :, None] * f.transpose(1, 2, 3, 0)).sum((0, 1, 2)) for j in range(3)] for i in range(3)]]))


Case("CONV_2D", "X,W,B?:O", conv_2d, PRODUCTS, range(4, 5), modes=("plain", "per-axis", "grouped"))


def depthwise(m, types, rank, mode):
    need_axis(types, mode)
    x, w = m.x(types["X"], [1, 4, 5, 2]), types["W"]
    weights = m.c(w, m.values_for(w, [1, 2, 3, 4]), **weight_scales(w, 4, 3, mode))
    emit(m, "DEPTHWISE_CONV_2D", [x, weights, *bias_of(m, types, 4)], product_results(types, [1, 3, 3, 4]), padding=1, strideW=1, strideH=1, depthMultiplier=2)
    if types["X"] == types["W"] == "f32":
        v, f = np.repeat(m.v(x), 2, -1), m.v(weights)[0]
        m.expect(np.array([[[(v[0, i:i + 2, j:j + 3] * f).sum((0, 1)) for j in range(3)] for i in range(3)]]))


Case("DEPTHWISE_CONV_2D", "X,W,B?:O", depthwise, PRODUCTS, range(4, 5), modes=("plain", "per-axis"))


def transpose_conv(m, types, rank, mode):
    need_axis(types, mode)
    w = types["W"]
    x = m.x(types["X"], [1, 3, 3, 2])
    weights = m.c(w, m.values_for(w, [4, 2, 3, 2]), **weight_scales(w, 4, 0, mode))
    emit(m, "TRANSPOSE_CONV", [m.c("i32", np.array([1, 4, 5, 4])), weights, x, *bias_of(m, types, 4)], product_results(types, [1, 4, 5, 4]), padding=1, strideW=1, strideH=1)
    if types["X"] == types["W"] == "f32":
        want = np.zeros((1, 4, 5, 4))
        for i in range(3):
            for j in range(3):
                want[0, i:i + 2, j:j + 3] += np.einsum("ohwi,i->hwo", m.v(weights), m.v(x)[0, i, j])
        m.expect(want)


Case("TRANSPOSE_CONV", "i32,W,X,B?:O", transpose_conv, [{k: p[k] for k in "WXBO"} for p in PRODUCTS], range(4, 5), modes=("plain", "per-axis"), rank_of=2)


def conv_3d(m, types, rank, mode):
    x = m.x(types["X"], [1, 3, 4, 5, 2])
    weights = m.c(types["W"], m.values_for(types["W"], [2, 2, 3, 2, 4]))
    emit(m, "CONV_3D", [x, weights, *bias_of(m, types, 4)], product_results(types, [1, 2, 3, 3, 4]), padding=1, strideD=1, strideW=1, strideH=1)


Case("CONV_3D", "X,W,B?:O", conv_3d, PRODUCTS, range(5, 6))


def conv_3d_transpose(m, types, rank, mode):
    x = m.x(types["X"], [1, 2, 3, 3, 4])
    weights = m.c(types["W"], m.values_for(types["W"], [2, 2, 3, 2, 4]))
    operands = [m.c("i32", np.array([1, 3, 4, 5, 2])), weights, x, *bias_of(m, types, 2)]
    emit(m, "CONV_3D_TRANSPOSE", operands, product_results(types, [1, 3, 4, 5, 2]), padding=1, strideD=1, strideW=1, strideH=1)


Case("CONV_3D_TRANSPOSE", "i32,W,X,B?:O", conv_3d_transpose, [{k: p[k] for k in "WXBO"} for p in PRODUCTS], range(5, 6), rank_of=2)


def fully_connected(m, types, rank, mode):
    need_axis(types, mode)
    w = types["W"]
    x = m.x(types["X"], [*shape_of(rank)[:-1], 8])
    weights = m.c(w, m.values_for(w, [6, 8]), **weight_scales(w, 6, 0, mode))
    keep = mode != "flat"
    out = [*shape_of(rank)[:-1], 6] if keep else [math.prod(shape_of(rank)[:-1]), 6]
    emit(m, "FULLY_CONNECTED", [x, weights, *(bias_of(m, types, 6) or [-1])], product_results(types, out), keepNumDims=keep)
    if types["X"] == types["W"] == "f32":
        m.expect((m.v(x) @ m.v(weights).T).reshape(out))
    elif types["X"] == "f32" and types["O"] == "f32" and is_quantized(w):
        pass  # activations are quantized on the fly: close, not equal


Case("FULLY_CONNECTED", "X,W,B?:O", fully_connected, PRODUCTS, range(1, 9), modes=("plain", "flat", "per-axis"))


def batch_matmul(m, types, rank, mode):
    batch = shape_of(rank)[:-2]
    other = batch if mode == "same" else [1] * len(batch)
    if mode == "broadcast" and rank < 3:
        raise NotHere
    x, y = m.x(types["X"], [*batch, 3, 4]), m.x(types["Y"], [*other, 4, 5])
    emit(m, "BATCH_MATMUL", [x, y], product_results(types, [*batch, 3, 5]), adjX=False, adjY=False)
    if not is_quantized(types["Y"]):
        m.expect(m.v(x) @ m.v(y))


MATMULS = [{"X": t, "Y": t, "O": t} for t in [*REAL, "c64", *QUANTIZED]] + [{"X": "f32", "Y": "i8q", "O": "f32"}, {"X": "i8q", "Y": "i8q", "O": "i32"}, {"X": "i16q", "Y": "i8q", "O": "i16q"}, {"X": "i8", "Y": "i8", "O": "i32"}]
Case("BATCH_MATMUL", "X,Y:O", batch_matmul, MATMULS, range(2, 9), modes=("same", "broadcast"), rank_of=-1)


def dilate(m, types, rank, mode):
    shape = shape_of(rank)
    x = m.x(types["T"], shape)
    out = [2 * d - 1 for d in shape]
    emit(m, "DILATE", [x, m.c("i32", np.full(rank, 2)), m.c(types["T"], np.array(0))], [(types["T"], out)])
    want = np.zeros(out, m.v(x).dtype)
    want[tuple(slice(None, None, 2) for _ in shape)] = m.v(x)
    m.expect(None if types["T"].rstrip("q") in ("i4", "u4", "i2") else want)


Case("DILATE", "T,i32,T:T", dilate, {"T": NO_STRING}, range(1, 9))


def reduce_window(m, types, rank, mode):
    from ai_edge_litert import schema_py_generated as S

    shape = shape_of(rank)
    x = m.x(types["T"], shape)
    ones = np.ones(rank)
    operands = [x, m.c(types["T"], np.array(0)), m.c("i64", np.where(np.arange(rank) == rank - 1, 2, 1)), *(m.c("i64", ones) for _ in range(3))]
    out = [*shape[:-1], shape[-1] - 1]
    emit(m, "REDUCE_WINDOW", operands, [(types["T"], out)], reduceFunction=S.ReduceWindowFunction.ADD)
    if types["T"] not in ("bool",) and not is_quantized(types["T"]):
        m.expect(m.v(x)[..., :-1] + m.v(x)[..., 1:])


Case("REDUCE_WINDOW", "T,T,i64,i64,i64,i64:T", reduce_window, {"T": NO_STRING}, range(1, 9))


def stablehlo_pad(m, types, rank, mode):
    shape = shape_of(rank)
    x = m.x(types["T"], shape)
    emit(m, "STABLEHLO_PAD", [x, m.c(types["T"], np.array(1))], [(types["T"], [d + 1 for d in shape])], edgePaddingLow=[1] * rank, edgePaddingHigh=[0] * rank, interiorPadding=[0] * rank)
    m.expect(None if types["T"].rstrip("q") in ("i4", "u4", "i2") else np.pad(m.v(x), [(1, 0)] * rank, constant_values=1))


Case("STABLEHLO_PAD", "T,T:T", stablehlo_pad, {"T": NO_STRING}, range(1, 9))


def stablehlo_gather(m, types, rank, mode):
    t, i = types["T"], types["I"]
    x = m.x(t, shape_of(rank))
    rest = shape_of(rank)[1:]
    fields = dict(offsetDims=[*range(1, rank)], collapsedSliceDims=[0], startIndexMap=[0], indexVectorDim=1, sliceSizes=[1, *rest])
    emit(m, "STABLEHLO_GATHER", [x, m.c(i, np.array([[1], [0], [1]]))], [(t, [3, *rest])], **fields)
    m.expect(None if t.rstrip("q") in ("i4", "u4", "i2") else m.v(x)[[1, 0, 1]])


Case("STABLEHLO_GATHER", "T,I:T", stablehlo_gather, {"T": ALL, "I": ["i32", "i64"]}, range(1, 9))


def stablehlo_scatter(m, types, rank, mode):
    t, i = types["T"], types["I"]
    shape = shape_of(rank)
    x, update = m.x(t, shape), m.x(t, [2, *shape[1:]])

    def body(b):
        left, right = b._tensor(t, []), b._tensor(t, [])
        b.inputs = [left, right]
        if mode == "add":
            emit(b, "STABLEHLO_ADD", [left, right], [(t, [])])
        else:
            b.outputs = [right]

    index = m.subgraph("update", body)
    fields = dict(updateWindowDims=[*range(1, rank)], insertedWindowDims=[0], scatterDimsToOperandDims=[0], indexVectorDim=1, updateComputationSubgraphIndex=index)
    emit(m, "STABLEHLO_SCATTER", [x, m.c(i, np.array([[1], [0]])), update], [(t, shape)], **fields)
    if t.rstrip("q") in ("i4", "u4", "i2", "string", "bool"):
        return
    m.expect(m.v(update)[::-1] + (m.v(x) if mode == "add" else 0))


Case("STABLEHLO_SCATTER", "T,I,T:T", stablehlo_scatter, {"T": NO_STRING, "I": ["i32", "i64"]}, range(1, 9), modes=("add", "replace"))


def rng_bits(m, types, rank, mode):
    state = m.x("u64", [3], value=[1, 2, 3])
    emit(m, "STABLEHLO_RNG_BIT_GENERATOR", [state], [("u64", [3]), (types["O"], shape_of(rank))], algorithm=1)


Case("STABLEHLO_RNG_BIT_GENERATOR", "u64:u64,O", rng_bits, {"O": ["i32", "i64", "u32", "u64", "f32"]}, range(1, 9), rank_of=-2)

# ---- state -----------------------------------------------------------------------------------------------------------


def variables(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        handle = emit(m, "VAR_HANDLE", [], [("resource", [])], container="", sharedName="v")[0]
        x = m.x(t, shape_of(rank))
        m.op("ASSIGN_VARIABLE", [handle, x], [], "AssignVariableOptions")
        emit(m, "READ_VARIABLE", [handle], [(t, shape_of(rank))])
        m.expect(m.v(x) if t.rstrip("q") not in ("i4", "u4", "i2") else None)

    signature = {"ASSIGN_VARIABLE": "resource,T:", "READ_VARIABLE": "resource:T"}[builtin]
    return Case(builtin, signature, make, {"T": ALL}, rank_of={"ASSIGN_VARIABLE": 1, "READ_VARIABLE": -2}[builtin])


variables("ASSIGN_VARIABLE")
variables("READ_VARIABLE")
