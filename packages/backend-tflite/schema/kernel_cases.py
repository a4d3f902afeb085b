"""Cases for measure_kernels.py: for each builtin a signature over type variables, and how to make one operator."""

import itertools
import math

import numpy as np

REAL = ["f32", "f16", "bf16", "f64", "i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8"]
QUANTIZED = ["i8q", "u8q", "i16q"]
ALL = [*REAL, "bool", "c64", "c128", "string", "i4", "u4", "i2", *QUANTIZED, "i4q", "i2q"]
INDEX = ["i32", "i64", "i16"]

EXTENTS = [2, 3, 4, 2, 3, 2, 2, 2]
CASES = {}


class NotHere(Exception):
    """The combination makes no sense for this builtin."""


class Case:
    def __init__(self, builtin, signature, make, variables, ranks=range(9), modes=("any",), rank_of=0):
        self.builtin, self.signature, self.make = builtin, signature, make
        self.variables, self.ranks, self.modes, self.rank_of = variables, list(ranks), modes, rank_of
        self.right_below_wrong = False
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


def alike(m, t, index):
    """The quantization of an operand, for operands that share it."""
    return m.quantization[index] if is_quantized(t) else None


def stored(m, t, index):
    """The quantization of an operand, for results that keep it."""
    kept = alike(m, t, index)
    # A kernel that moves raw values gives nonsense when the result has another scale: measure_kernels.py tries it.
    return (kept[0] * 2, kept[1], kept[2]) if kept and m.rescaled else kept


def options_of(builtin):
    """The options table, by name; None where a builtin has none."""
    from ai_edge_litert import schema_py_generated as S

    special = {
        "MAXIMUM": "MaximumMinimumOptions",
        "MINIMUM": "MaximumMinimumOptions",
        "MEAN": "ReducerOptions",
        "SUM": "ReducerOptions",
        "REDUCE_MAX": "ReducerOptions",
        "REDUCE_MIN": "ReducerOptions",
        "REDUCE_PROD": "ReducerOptions",
        "REDUCE_ANY": "ReducerOptions",
        "REDUCE_ALL": "ReducerOptions",
        "AVERAGE_POOL_2D": "Pool2DOptions",
        "MAX_POOL_2D": "Pool2DOptions",
        "L2_POOL_2D": "Pool2DOptions",
        "L2_NORMALIZATION": "L2NormOptions",
        "CONV_3D_TRANSPOSE": "Conv3DOptions",
        "RANDOM_UNIFORM": "RandomOptions",
        "RANDOM_STANDARD_NORMAL": "RandomOptions",
        "MULTINOMIAL": "RandomOptions",
        "ATAN2": "ATan2Options",
        "PADV2": "PadV2Options",
        "TOPK_V2": "TopKV2Options",
        "RFFT2D": "Rfft2dOptions",
        "LOG_SOFTMAX": "LogSoftmaxOptions",
        "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
        "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
        "LSTM": "LSTMOptions",
        "SVDF": "SVDFOptions",
        "RNN": "RNNOptions",
        "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptions",
        "BIDIRECTIONAL_SEQUENCE_RNN": "BidirectionalSequenceRNNOptions",
        "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
        "BATCH_MATMUL": "BatchMatMulOptions",
        "BIDIRECTIONAL_SEQUENCE_LSTM": "BidirectionalSequenceLSTMOptions",
        "CONV_2D": "Conv2DOptions",
        "CONV_3D": "Conv3DOptions",
        "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
        "NON_MAX_SUPPRESSION_V4": "NonMaxSuppressionV4Options",
        "NON_MAX_SUPPRESSION_V5": "NonMaxSuppressionV5Options",
        "STABLEHLO_COMPOSITE": "StableHLOCompositeOptions",
        "ADD_N": "AddNOptions",
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
SAME_SCALE = {
    "RELU",
    "RELU6",
    "RELU_N1_TO_1",
    "RELU_0_TO_1",
    "MAXIMUM",
    "MINIMUM",
    "BITWISE_XOR",
    "RIGHT_SHIFT",
    "ZEROS_LIKE",
    "ROUND",
    "FLOOR",
    "CEIL",
}
# Their kernels take scales of powers of two, or one given scale.
SYMMETRIC = {"LOGISTIC": 1 / 4096, "TANH": 1 / 4096}


def meaning(function, *values, **options):
    """What numpy says; where it says nothing for a type, no kernel does."""
    try:
        with np.errstate(all="ignore"):
            return np.asarray(function(*values, **options))
    except TypeError:
        raise NotHere from None


def unary(builtin, function, low=-2.0, result="T", types=ALL, ranks=range(9), **fields):
    def make(m, types, rank, mode):
        t = types["T"]
        narrow = (SYMMETRIC[builtin], 0, 0) if t == "i16q" and builtin in SYMMETRIC else None
        x = m.x(t, shape_of(rank), low=low, quantization=narrow)
        want = shape_of(rank)
        if t != "string":
            want = meaning(function, m.v(x))
        fixed = FIXED_RANGE.get(builtin, {}).get(t)
        q = [(*fixed, 0)] if fixed else [stored(m, t, x)] if builtin in SAME_SCALE else []
        emit(m, builtin, [x], [(t if result == "T" else result, want, *q)], **fields)

    return Case(builtin, f"T:{result}", make, {"T": types}, ranks)


def wide(x):
    """Enough precision for a reference."""
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def softmax(x):
    e = np.exp(wide(x) - wide(x).max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


erf = np.vectorize(lambda v: math.erf(v.real), otypes=[np.float64])
unary("ABS", np.abs)
unary("CEIL", np.ceil)
unary("COS", lambda x: np.cos(wide(x)))
unary("SIN", lambda x: np.sin(wide(x)))
unary("ELU", lambda x: np.where(x > 0, x, np.expm1(wide(x))))
unary("EXP", lambda x: np.exp(wide(x)))
unary("FLOOR", np.floor)
unary("GELU", lambda x: x * 0.5 * (1 + erf(wide(x) / math.sqrt(2))))
unary("HARD_SWISH", lambda x: x * np.clip(x + 3, 0, 6) / 6)
unary("LEAKY_RELU", lambda x: np.where(x > 0, x, x * 0.25), alpha=0.25)
unary("LOG", lambda x: np.log(wide(x)), low=0.25)
unary("LOGISTIC", lambda x: 1 / (1 + np.exp(-wide(x))))
unary("LOGICAL_NOT", np.logical_not)
unary("NEG", lambda x: -x)
unary("RELU", lambda x: np.maximum(x, 0))
unary("RELU6", lambda x: np.clip(x, 0, 6))
unary("RELU_N1_TO_1", lambda x: np.clip(x, -1, 1))
unary("RELU_0_TO_1", lambda x: np.clip(x, 0, 1))
unary("ROUND", lambda x: np.round(x))
unary("RSQRT", lambda x: 1 / np.sqrt(wide(x)), low=0.25)
unary("SIGN", lambda x: np.sign(x))
unary("SQRT", lambda x: np.sqrt(wide(x)), low=0.25)
unary("SQUARE", np.square)
unary("TANH", lambda x: np.tanh(wide(x)))
unary("ZEROS_LIKE", np.zeros_like)
unary("SOFTMAX", softmax, ranks=range(1, 9), beta=1.0)
unary("LOG_SOFTMAX", lambda x: np.log(softmax(x)), ranks=range(1, 9))
unary("L2_NORMALIZATION", lambda x: x / np.sqrt((wide(x) ** 2).sum(-1, keepdims=True)), ranks=range(1, 9))


def operand_shapes(rank, mode):
    """Two shapes alike, with extents of 1 on both sides, or of other ranks."""
    full = shape_of(rank)
    if mode == "same":
        return full, full
    if rank == 0:
        raise NotHere
    if mode == "lower":
        return full, full[1:] if rank % 2 else [1, *full[2:]]
    if rank == 1:
        return [3], [1]
    left = [d if i % 2 == 0 else 1 for i, d in enumerate(full)]
    right = [d if i % 2 == 1 or i == rank - 1 else 1 for i, d in enumerate(full)]
    return left, right


BROADCASTS = ("same", "broadcast", "lower")


def binary(builtin, function, result="T", low=(-2.0, -2.0), high=(2.0, 2.0), types=ALL, modes=BROADCASTS, **fields):
    def make(m, types, rank, mode):
        t = types["T"]
        a, b = operand_shapes(rank, mode)
        x, y = m.x(t, a, low[0], high[0]), m.x(t, b, low[1], high[1])
        want = np.broadcast_shapes(tuple(a), tuple(b))
        if t != "string" or result == "bool":
            want = meaning(function, m.v(x), m.v(y))
        q = [stored(m, t, x)] if builtin in SAME_SCALE else []
        emit(m, builtin, [x, y], [(t if result == "T" else result, want, *q)], **fields)

    return Case(builtin, f"T,T:{result}", make, {"T": types}, modes=modes, rank_of=-1)


def arithmetic(function, logical=np.logical_and):
    """numpy refuses some of these for bool; no kernel has a meaning for it either."""
    return lambda x, y: logical(x, y) if x.dtype == np.bool_ else function(x, y)


def divide(x, y):
    return np.trunc(x / y) if x.dtype.kind in "iu" else x / y


INTEGRAL = [t for t in ALL if not is_float(t) and not is_quantized(t) and t[0] != "c" and t not in ("string", "f64")]
REALS = [t for t in ALL if t[0] != "c" and t != "string"]
binary("ADD", np.add, potScaleInt16=False)
binary("SUB", arithmetic(np.subtract), low=(2.0, -2.0), high=(4.0, 2.0), potScaleInt16=False)
binary("MUL", np.multiply)
binary("DIV", arithmetic(divide), low=(-2.0, 1.0))
binary("FLOOR_DIV", arithmetic(lambda x, y: np.floor(x / y)), low=(-2.0, 1.0), types=REALS)
binary("FLOOR_MOD", arithmetic(np.mod), low=(-2.0, 1.0), types=REALS)
binary("MAXIMUM", np.maximum)
binary("MINIMUM", np.minimum)
binary("POW", arithmetic(lambda x, y: wide(x) ** y), low=(0.5, 0.0))
binary("SQUARED_DIFFERENCE", arithmetic(lambda x, y: (x - y) ** 2), low=(2.0, -2.0), high=(4.0, 2.0))
binary("ATAN2", arithmetic(lambda x, y: np.arctan2(x, y)), types=REALS)
binary("BITWISE_XOR", np.bitwise_xor, types=INTEGRAL)
binary("RIGHT_SHIFT", np.right_shift, low=(-2.0, 0.0), types=[t for t in INTEGRAL if t != "bool"])
binary("LOGICAL_AND", np.logical_and)
binary("LOGICAL_OR", np.logical_or)
for name, function in {
    "EQUAL": np.equal,
    "NOT_EQUAL": np.not_equal,
    "GREATER": np.greater,
    "GREATER_EQUAL": np.greater_equal,
    "LESS": np.less,
    "LESS_EQUAL": np.less_equal,
}.items():
    binary(name, function, result="bool")
for name, function in {"ADD": np.add, "MULTIPLY": np.multiply, "MAXIMUM": np.maximum, "MINIMUM": np.minimum}.items():
    binary(f"STABLEHLO_{name}", function, modes=("same",), types=[t for t in ALL if not is_quantized(t)])
binary("STABLEHLO_AND", np.bitwise_and, modes=("same",), types=INTEGRAL)
binary(
    "STABLEHLO_SHIFT_LEFT", np.left_shift, low=(-2.0, 0.0), modes=("same",), types=[t for t in INTEGRAL if t != "bool"]
)


def prelu(m, types, rank, mode):
    t = types["T"]
    shape = shape_of(rank)
    if mode != "same" and rank < 2:
        raise NotHere
    x, slope = m.x(t, shape), m.x(
        t, {"same": shape, "broadcast": [1] * (rank - 1) + shape[-1:], "lower": [1] * (rank - 2) + shape[-1:]}[mode]
    )
    emit(m, "PRELU", [x, slope], [(t, np.where(m.v(x) >= 0, m.v(x), m.v(x) * m.v(slope)))])


Case("PRELU", "T,T:T", prelu, {"T": REALS}, modes=BROADCASTS, rank_of=-1)


def add_n(m, types, rank, mode):
    t = types["T"]
    xs = [m.x(t, shape_of(rank)) for _ in range(3)]
    emit(m, "ADD_N", xs, [(t, m.v(xs[0]) + m.v(xs[1]) + m.v(xs[2]))])


Case("ADD_N", "T*:T", add_n, {"T": [t for t in ALL if t != "string"]})


def cast(m, types, rank, mode):
    s, d = types["S"], types["D"]
    x = m.x(s, shape_of(rank), low=0.0)
    value = m.v(x)
    want = value != 0 if d == "bool" else np.trunc(value.real) if d[0] in "iu" and s != "bool" else value
    if d == "i2":
        want = np.minimum(want, 1) if value.max(initial=0) <= 1 else shape_of(rank)
    emit(m, "CAST", [x], [(d, want)])


CASTABLE = [t for t in ALL if not is_quantized(t) and t != "string"]
Case("CAST", "S:D", cast, {"S": CASTABLE, "D": CASTABLE})

SIZES = {"f64": 8, "i64": 8, "u64": 8, "f32": 4, "i32": 4, "u32": 4, "f16": 2, "i16": 2, "u16": 2, "i8": 1, "u8": 1}


def bitcast(m, types, rank, mode):
    from measure_kernels import NUMPY

    s, d = types["S"], types["D"]
    shape = shape_of(rank)
    if SIZES[s] < SIZES[d]:
        if rank == 0:
            raise NotHere
        source, result = [*shape[:-1], SIZES[d] // SIZES[s]], shape[:-1]
    else:
        source, result = shape, shape if SIZES[s] == SIZES[d] else [*shape, SIZES[s] // SIZES[d]]
    x = m.x(s, source)
    emit(m, "BITCAST", [x], [(d, np.frombuffer(m.v(x).tobytes(), NUMPY[d]).reshape(result))])


Case("BITCAST", "S:D", bitcast, {"S": SIZES, "D": SIZES})


def quantize(m, types, rank, mode):
    s, d = types["S"], types["D"]
    per_axis = mode == "per-axis"
    if per_axis and rank == 0:
        raise NotHere
    shape = shape_of(rank)
    x = m.x(s, shape, low=0.0)
    scale = {"i8q": 0.02, "u8q": 0.02, "i16q": 1e-4, "i32q": 1e-6, "i4q": 0.3, "i2q": 2.0}[d]
    emit(m, "QUANTIZE", [x], [(d, m.v(x), (np.linspace(scale, 1.5 * scale, shape[0]) if per_axis else scale, 0, 0))])


Case(
    "QUANTIZE",
    "S:D",
    quantize,
    {"S": ["f32", "f16", "bf16", "i32q", *QUANTIZED, "i4q", "i2q"], "D": [*QUANTIZED, "i32q", "i4q", "i2q"]},
    modes=("any", "per-axis"),
)


def dequantize(m, types, rank, mode):
    s = types["S"]
    per_axis = mode == "per-axis"
    if per_axis and (rank == 0 or not is_quantized(s)):
        raise NotHere
    shape = shape_of(rank)
    q = (np.linspace(0.05, 0.1, shape[0]) if per_axis else 0.05, 0, 0) if is_quantized(s) else None
    x = m.c(s, m.values_for(s, shape, 0.0), q)  # stored weights, as converters use it
    emit(m, "DEQUANTIZE", [x], [("f32", m.v(x))])


Case(
    "DEQUANTIZE",
    "S:f32",
    dequantize,
    {"S": [*QUANTIZED, "i32q", "i4q", "i2q", "u4q", "f16", "bf16"]},
    modes=("any", "per-axis"),
)


def fake_quant(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "FAKE_QUANT", [x], [(types["T"], m.v(x))], min=-2.0, max=2.0, numBits=16)


Case("FAKE_QUANT", "T:T", fake_quant, {"T": ["f32", "f16", "bf16", "f64"]})


def select(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        shape, other = operand_shapes(rank, mode)
        c, x, y = m.x("bool", other), m.x(t, shape), m.x(t, other)
        emit(m, builtin, [c, x, y], [(t, np.where(m.v(c), m.v(x), m.v(y)), stored(m, t, x))])

    return Case(builtin, "bool,T,T:T", make, {"T": ALL}, modes=BROADCASTS, rank_of=-1)


select("SELECT")
select("SELECT_V2")


def where(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank), low=0.0)
    emit(m, "WHERE", [x], [("i64", np.argwhere(m.v(x)))])


Case("WHERE", "T:i64", where, {"T": [t for t in ALL if t != "string" and not is_quantized(t)]}, range(1, 9))


def bucketize(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "BUCKETIZE", [x], [("i32", np.digitize(m.v(x), [-1.0, 0.0, 1.0]))], boundaries=[-1.0, 0.0, 1.0])


Case("BUCKETIZE", "T:i32", bucketize, {"T": REAL})

# ---- reductions ------------------------------------------------------------------------------------------------------


def reduction(builtin, function, same=False):
    def make(m, types, rank, mode):
        t = types["T"]
        axes = sorted({rank - 1, max(rank - 3, 0)}) if mode == "several" else [rank - 1]
        if mode == "several" and len(axes) < 2:
            raise NotHere
        keep = rank % 2 == 1
        x = m.x(t, shape_of(rank))
        want = meaning(function, m.v(x), axis=tuple(axes), keepdims=keep)
        emit(
            m,
            builtin,
            [x, m.c("i32", np.array(axes, np.int32))],
            [(t, want, *([stored(m, t, x)] if same else []))],
            keepDims=keep,
        )

    return Case(
        builtin, "T,i32:T", make, {"T": [t for t in ALL if t != "string"]}, range(1, 9), modes=("one", "several")
    )


reduction("MEAN", lambda x, **k: np.trunc(np.mean(x, **k)) if x.dtype.kind in "iu" else np.mean(wide(x), **k))
reduction("SUM", np.sum)
reduction("REDUCE_PROD", np.prod)
reduction("REDUCE_MAX", np.max, same=True)
reduction("REDUCE_MIN", np.min, same=True)
reduction("REDUCE_ANY", np.any)
reduction("REDUCE_ALL", np.all)


def tensor_type(t):
    from ai_edge_litert import schema_py_generated as S

    return {"i32": S.TensorType.INT32, "i64": S.TensorType.INT64}[t]


NUMERIC = [t for t in ALL if t not in ("string", "c64", "c128")]


def arg(builtin, function):
    def make(m, types, rank, mode):
        x = m.x(types["T"], shape_of(rank))
        axis = max(rank - 2, 0)
        emit(
            m,
            builtin,
            [x, m.c(types["I"], np.array(axis))],
            [(types["O"], function(m.v(x), axis))],
            outputType=tensor_type(types["O"]),
        )

    return Case(builtin, "T,I:O", make, {"T": NUMERIC, "I": ["i32", "i64"], "O": ["i32", "i64"]}, range(1, 9))


arg("ARG_MAX", np.argmax)
arg("ARG_MIN", np.argmin)


def cumsum(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    axis = max(rank - 2, 0)
    emit(m, "CUMSUM", [x, m.c(types["I"], np.array(axis))], [(types["T"], np.cumsum(m.v(x), axis))])


Case("CUMSUM", "T,I:T", cumsum, {"T": [t for t in ALL if t not in ("string", "bool")], "I": INDEX}, range(1, 9))


def topk(m, types, rank, mode):
    t = types["T"]
    shape = shape_of(rank)
    x = m.x(t, shape)
    # Ties would make the order a matter of taste; only the values are compared.
    emit(
        m,
        "TOPK_V2",
        [x, m.c(types["K"], np.array(2))],
        [(t, -np.sort(-wide(m.v(x)), -1)[..., :2], stored(m, t, x)), (types["I"], [*shape[:-1], 2])],
    )


Case("TOPK_V2", "T,K:T,I", topk, {"T": [t for t in NUMERIC if t != "bool"], "K": INDEX, "I": INDEX}, range(1, 9))


def unique(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, shape_of(rank))
    _, first, inverse = np.unique(m.v(x).ravel(), return_index=True, return_inverse=True)
    order = np.argsort(first)
    emit(
        m,
        "UNIQUE",
        [x],
        [(t, m.v(x).ravel()[first[order]], stored(m, t, x)), (types["I"], np.argsort(order)[inverse])],
        idxOutType=tensor_type(types["I"]),
    )


Case("UNIQUE", "T:T,I", unique, {"T": ALL, "I": ["i32", "i64"]}, range(1, 3))

NUMBERS = [t for t in NUMERIC if t != "bool" and not is_quantized(t)]


def segment_sum(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, [4, *shape_of(rank)[1:]])
    emit(
        m,
        "SEGMENT_SUM",
        [x, m.c(types["I"], np.array([0, 0, 1, 1]))],
        [(t, np.stack([m.v(x)[:2].sum(0), m.v(x)[2:].sum(0)]))],
    )


Case("SEGMENT_SUM", "T,I:T", segment_sum, {"T": NUMBERS, "I": INDEX}, range(1, 9))


def unsorted(builtin, function):
    def make(m, types, rank, mode):
        t = types["T"]
        x = m.x(t, [4, *shape_of(rank)[1:]])
        want = np.stack([function(m.v(x)[[1, 3]], axis=0), function(m.v(x)[[0, 2]], axis=0)])
        emit(m, builtin, [x, m.c(types["I"], np.array([1, 0, 1, 0])), m.c(types["N"], np.array(2))], [(t, want)])

    return Case(builtin, "T,I,N:T", make, {"T": NUMBERS, "I": INDEX, "N": INDEX}, range(1, 9))


unsorted("UNSORTED_SEGMENT_SUM", np.sum)
unsorted("UNSORTED_SEGMENT_PROD", np.prod)
unsorted("UNSORTED_SEGMENT_MAX", np.max)
unsorted("UNSORTED_SEGMENT_MIN", np.min)

# ---- shape and movement ----------------------------------------------------------------------------------------------


def moved(builtin, signature, variables, parts, ranks=range(1, 9), modes=("any",), rank_of=0):
    """Ops that move elements: the result keeps the quantization."""

    def make(m, types, rank, mode):
        t = types["T"]
        x = m.x(t, shape_of(rank))
        operands, want, fields = parts(m, x, m.v(x), types, rank, mode)
        emit(m, builtin, operands, [(t, want, stored(m, t, x))], **fields)

    return Case(builtin, signature, make, variables, ranks, modes, rank_of)


def reshape(m, x, v, types, rank, mode):
    shape = [*reversed(v.shape)]
    return [x, m.c("i32", np.array(shape))], v.reshape(shape), {}


def transpose(m, x, v, types, rank, mode):
    perm = [*range(1, rank), 0][:rank] if rank < 3 else [rank - 1, 0, *range(2, rank - 1), 1]
    return [x, m.c("i32", np.array(perm))], v.transpose(perm), {}


def tile(m, x, v, types, rank, mode):
    times = [2, *[1] * (rank - 2), 3][:rank] if rank > 1 else [2] * rank
    return [x, m.c(types["I"], np.array(times))], np.tile(v, times) if rank else v, {}


moved("RESHAPE", "T,i32?:T", {"T": ALL}, reshape, ranks=range(9))
moved("SQUEEZE", "T:T", {"T": ALL}, lambda m, x, v, types, rank, mode: ([x], v, {"squeezeDims": []}), ranks=range(9))
moved(
    "EXPAND_DIMS",
    "T,I:T",
    {"T": ALL, "I": INDEX},
    lambda m, x, v, types, rank, mode: ([x, m.c(types["I"], np.array(0))], v[None], {}),
    ranks=range(9),
)
moved("TRANSPOSE", "T,i32:T", {"T": ALL}, transpose, ranks=range(9))
moved("TILE", "T,I:T", {"T": ALL, "I": INDEX}, tile, ranks=range(9))


def broadcast_to(m, types, rank, mode):
    t = types["T"]
    small = operand_shapes(rank, mode)[0 if mode == "broadcast" and rank > 1 else 1]
    x = m.x(t, small)
    emit(
        m,
        "BROADCAST_TO",
        [x, m.c(types["I"], np.array(shape_of(rank)))],
        [(t, np.array(np.broadcast_to(m.v(x), shape_of(rank))), stored(m, t, x))],
    )


Case("BROADCAST_TO", "T,I:T", broadcast_to, {"T": ALL, "I": INDEX}, modes=BROADCASTS, rank_of=-2)


def pads_of(rank):
    return np.array(
        [[1, 2] if i == rank - 1 else [i % 2, 1] if i < 2 else [0, 0] for i in range(rank)], np.int64
    ).reshape(rank, 2)


def padded(v, value=0):
    return np.pad(v, pads_of(v.ndim), constant_values=value) if v.ndim else v


NO_STRING = [t for t in ALL if t != "string"]
moved(
    "PAD",
    "T,I:T",
    {"T": NO_STRING, "I": INDEX},
    lambda m, x, v, types, rank, mode: ([x, m.c(types["I"], pads_of(rank))], padded(v), {}),
    ranks=range(9),
)


def pad_v2(m, x, v, types, rank, mode):
    value = m.c(types["T"], np.array(1), alike(m, types["T"], x))
    return [x, m.c(types["I"], pads_of(rank)), value], padded(v, m.v(value)), {}


moved("PADV2", "T,I,T:T", {"T": NO_STRING, "I": INDEX}, pad_v2, ranks=range(9))


def mirror_pad(m, x, v, types, rank, mode):
    pads = np.array([[1, 1] if i == rank - 1 else [0, 1] if i == 0 else [0, 0] for i in range(rank)])
    return [x, m.c(types["I"], pads)], np.pad(v, pads, mode=mode), {"mode": 0 if mode == "reflect" else 1}


moved("MIRROR_PAD", "T,I:T", {"T": ALL, "I": INDEX}, mirror_pad, modes=("reflect", "symmetric"))


def slice_(m, x, v, types, rank, mode):
    begin = [1 if d > 1 else 0 for d in v.shape]
    size = [d - b for d, b in zip(v.shape, begin)]
    return (
        [x, m.c(types["I"], np.array(begin)), m.c(types["I"], np.array(size))],
        v[tuple(slice(b, None) for b in begin)],
        {},
    )


moved("SLICE", "T,I,I:T", {"T": ALL, "I": INDEX}, slice_, ranks=range(9))


def strided_slice(m, x, v, types, rank, mode):
    begin, end, strides = [0] * rank, [*v.shape], [1] * rank
    if mode == "negative":
        begin[-1], end[-1], strides[-1] = v.shape[-1] - 1, -v.shape[-1] - 1, -1
        want = v[..., ::-1]
    else:
        begin[0], strides[-1] = 1, 2
        want = v[1::2] if rank == 1 else v[1:, ..., ::2]
    return [x, *(m.c(types["I"], np.array(p)) for p in (begin, end, strides))], want, {}


moved("STRIDED_SLICE", "T,I,I,I:T", {"T": ALL, "I": INDEX}, strided_slice, modes=("positive", "negative"))


def dynamic_update_slice(m, x, v, types, rank, mode):
    update = m.x(types["T"], [1] * rank, quantization=alike(m, types["T"], x))
    want = v.copy()
    want[tuple([-1] * rank)] = m.v(update).reshape(())
    return [x, update, m.c(types["I"], np.array(v.shape) - 1)], want, {}


moved("DYNAMIC_UPDATE_SLICE", "T,T,I:T", {"T": ALL, "I": INDEX}, dynamic_update_slice)


def concatenation(m, x, v, types, rank, mode):
    y = m.x(types["T"], v.shape)
    axis = max(rank - 2, 0)
    return [x, y], np.concatenate([v, m.v(y)], axis), {"axis": axis}


def pack_(m, x, v, types, rank, mode):
    y = m.x(types["T"], v.shape)
    return [x, y], np.stack([v, m.v(y)], 0), {"axis": 0, "valuesCount": 2}


moved("CONCATENATION", "T*:T", {"T": ALL}, concatenation)
moved("PACK", "T*:T", {"T": ALL}, pack_, ranks=range(9))


def unpack(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, shape_of(rank))
    emit(m, "UNPACK", [x], [(t, np.asarray(part), stored(m, t, x)) for part in m.v(x)], num=2, axis=0)


Case("UNPACK", "T:T*", unpack, {"T": ALL}, range(1, 9))


def split(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, [*shape_of(rank)[:-1], 4])
    emit(
        m,
        "SPLIT",
        [m.c("i32", np.array(rank - 1)), x],
        [(t, part, stored(m, t, x)) for part in np.split(m.v(x), 2, -1)],
        numSplits=2,
    )


Case("SPLIT", "i32,T:T*", split, {"T": ALL}, range(1, 9), rank_of=1)


def split_v(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, [*shape_of(rank)[:-1], 4])
    operands = [x, m.c(types["I"], np.array([1, 3])), m.c("i32", np.array(rank - 1))]
    emit(m, "SPLIT_V", operands, [(t, part, stored(m, t, x)) for part in np.split(m.v(x), [1], -1)], numSplits=2)


Case("SPLIT_V", "T,I,i32:T*", split_v, {"T": ALL, "I": INDEX}, range(1, 9))


def gather(m, x, v, types, rank, mode):
    axis = 0 if mode == "first" else rank - 1
    if rank < 2 and mode != "first":
        raise NotHere
    if mode == "batched":
        i = m.c(types["I"], np.zeros((v.shape[0], 3)) + [1, 0, 1])
        return [x, i], np.stack([np.take(row, [1, 0, 1], axis - 1) for row in v]), {"axis": axis, "batchDims": 1}
    return [x, m.c(types["I"], np.array([[1, 0, 1]]))], np.take(v, [[1, 0, 1]], axis), {"axis": axis}


moved("GATHER", "T,I:T", {"T": ALL, "I": INDEX}, gather, modes=("first", "later", "batched"))


def gather_nd(m, x, v, types, rank, mode):
    indices = np.array([[1] * min(rank, 2), [0] * min(rank, 2)])
    return [x, m.c(types["I"], indices)], v[tuple(indices.T)], {}


moved("GATHER_ND", "T,I:T", {"T": ALL, "I": INDEX}, gather_nd)


def scatter_nd(m, types, rank, mode):
    t, i = types["T"], types["I"]
    shape = shape_of(rank)
    updates = m.x(t, [2, *shape[1:]])
    emit(
        m,
        "SCATTER_ND",
        [m.c(i, np.array([[1], [0]])), updates, m.c(i, np.array(shape))],
        [(t, m.v(updates)[::-1], stored(m, t, updates))],
    )


Case("SCATTER_ND", "I,T,I:T", scatter_nd, {"I": INDEX, "T": ALL}, range(1, 9), rank_of=1)


def reverse(m, x, v, types, rank, mode):
    axes = {"one": [rank - 1], "adjacent": [rank - 2, rank - 1], "apart": [0, rank - 1]}[mode]
    if rank < {"one": 1, "adjacent": 2, "apart": 3}[mode]:
        raise NotHere
    return [x, m.c("i32", np.array(axes))], np.flip(v, axes), {}


moved("REVERSE_V2", "T,i32:T", {"T": ALL}, reverse, modes=("one", "adjacent", "apart"))


def reverse_sequence(m, x, v, types, rank, mode):
    want = v.copy()
    want[:, :2] = v[:, 1::-1]
    return [x, m.c(types["I"], np.full(v.shape[0], 2))], want, {"seqDim": 1, "batchDim": 0}


moved("REVERSE_SEQUENCE", "T,I:T", {"T": ALL, "I": INDEX}, reverse_sequence, ranks=range(2, 9))


def space_depth(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        deep = builtin == "DEPTH_TO_SPACE"
        x = m.x(t, [1, 2, 2, 8] if deep else [1, 4, 4, 2])
        v = m.v(x)
        want = (
            v.reshape(1, 2, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 4, 4, 2)
            if deep
            else v.reshape(1, 2, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 2, 8)
        )
        emit(m, builtin, [x], [(t, want, stored(m, t, x))], blockSize=2)

    return Case(builtin, "T:T", make, {"T": NO_STRING}, range(4, 5))


space_depth("SPACE_TO_DEPTH")
space_depth("DEPTH_TO_SPACE")


def space_batch(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        blocks = rank - 2
        count, tail = 2**blocks, [3]
        if builtin == "SPACE_TO_BATCH_ND":
            x = m.x(t, [1, *[4] * blocks, *tail])
            split = m.v(x).reshape([1, *[2, 2] * blocks, *tail])
            want = split.transpose(
                [*range(2, 2 * blocks + 1, 2), 0, *range(1, 2 * blocks + 1, 2), 2 * blocks + 1]
            ).reshape([count, *[2] * blocks, *tail])
        else:
            x = m.x(t, [count, *[2] * blocks, *tail])
            split = m.v(x).reshape([*[2] * blocks, 1, *[2] * blocks, *tail])
            order = [blocks]
            for k in range(blocks):
                order += [blocks + 1 + k, k]
            want = split.transpose([*order, 2 * blocks + 1]).reshape([1, *[4] * blocks, *tail])
        emit(
            m,
            builtin,
            [x, m.c("i32", np.full(blocks, 2)), m.c("i32", np.zeros((blocks, 2)))],
            [(t, want, stored(m, t, x))],
        )

    return Case(builtin, "T,i32,i32:T", make, {"T": NO_STRING}, range(3, 6))


space_batch("SPACE_TO_BATCH_ND")
space_batch("BATCH_TO_SPACE_ND")


def resample(size, extent, mode):
    """Positions in the source of each sample of the result."""
    at = np.arange(size, dtype=np.float64)
    if mode == "align_corners":
        return at * (extent - 1) / (size - 1)
    scale = extent / size
    return (at + 0.5) * scale - 0.5 if mode == "half_pixel" else at * scale


def resize(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        x = m.x(t, [1, 2, 3, 2])
        want = m.v(x)
        for axis, size in ((1, 4), (2, 6)):
            extent = want.shape[axis]
            at = np.clip(resample(size, extent, mode), 0, extent - 1)
            if "NEAREST" in builtin:
                at = resample(size, extent, "plain" if mode == "plain" else mode) + (0.5 if mode == "half_pixel" else 0)
                pick = np.floor(at + 0.5) if mode == "align_corners" else np.floor(at)
                want = np.take(want, np.clip(pick, 0, extent - 1).astype(int), axis)
                continue
            low = np.floor(at).astype(int)
            high = np.minimum(low + 1, extent - 1)
            part = (at - low).reshape([-1 if i == axis else 1 for i in range(4)])
            want = np.take(want, low, axis) * (1 - part) + np.take(want, high, axis) * part
        if "BILINEAR" in builtin and t[0] in "iu" and not is_quantized(t):
            want = [1, 4, 6, 2]  # rounding is a matter of taste
        fields = {"alignCorners": mode == "align_corners", "halfPixelCenters": mode == "half_pixel"}
        emit(m, builtin, [x, m.c("i32", np.array([4, 6]))], [(t, want, stored(m, t, x))], **fields)

    return Case(
        builtin,
        "T,i32:T",
        make,
        {"T": [*REAL, "bool", *QUANTIZED]},
        range(4, 5),
        modes=("plain", "align_corners", "half_pixel"),
    )


resize("RESIZE_BILINEAR")
resize("RESIZE_NEAREST_NEIGHBOR")


def matrix_diag(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, shape_of(rank))
    emit(m, "MATRIX_DIAG", [x], [(t, np.eye(shape_of(rank)[-1], dtype=m.v(x).dtype) * m.v(x)[..., None])])


def matrix_set_diag(m, types, rank, mode):
    t = types["T"]
    shape = [*shape_of(rank)[:-2], 3, 3]
    x, d = m.x(t, shape), m.x(t, shape[:-1])
    emit(m, "MATRIX_SET_DIAG", [x, d], [(t, np.where(np.eye(3, dtype=bool), m.v(d)[..., None], m.v(x)))])


PLAIN = [t for t in NO_STRING if not is_quantized(t)]
Case("MATRIX_DIAG", "T:T", matrix_diag, {"T": PLAIN}, range(1, 9))
Case("MATRIX_SET_DIAG", "T,T:T", matrix_set_diag, {"T": PLAIN}, range(2, 9))


def broadcast_args(m, types, rank, mode):
    t = types["T"]
    emit(m, "BROADCAST_ARGS", [m.c(t, np.array([2, 1, 3])), m.x(t, [2], value=[4, 1])], [(t, np.array([2, 4, 3]))])


Case("BROADCAST_ARGS", "T,T:T", broadcast_args, {"T": INDEX}, range(1, 2))

# ---- making values ---------------------------------------------------------------------------------------------------


def shape_case(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "SHAPE", [x], [(types["O"], np.array(shape_of(rank), np.int64))], outType=tensor_type(types["O"]))


def rank_case(m, types, rank, mode):
    x = m.x(types["T"], shape_of(rank))
    emit(m, "RANK", [x], [("i32", np.array(rank))])


Case("SHAPE", "T:O", shape_case, {"T": ALL, "O": ["i32", "i64"]})
Case("RANK", "T:i32", rank_case, {"T": ALL})


def fill(m, types, rank, mode):
    t = types["T"]
    value = m.x(t, [])
    emit(
        m,
        "FILL",
        [m.c(types["I"], np.array(shape_of(rank))), value],
        [(t, np.full(shape_of(rank), m.v(value)), stored(m, t, value))],
    )


Case("FILL", "I,T:T", fill, {"I": INDEX, "T": ALL}, rank_of=-2)


def range_(m, types, rank, mode):
    t = types["T"]
    emit(m, "RANGE", [m.x(t, [], value=np.array(v)) for v in (0, 6, 2)], [(t, np.array([0, 2, 4]))])


Case("RANGE", "T,T,T:T", range_, {"T": REAL}, range(1))


def one_hot(m, types, rank, mode):
    t, i = types["T"], types["I"]
    indices = m.x(i, shape_of(rank), low=0)
    hot = m.v(indices)[..., None] == np.arange(3)
    emit(
        m, "ONE_HOT", [indices, m.c("i32", np.array(3)), m.c(t, np.array(1)), m.c(t, np.array(0))], [(t, hot)], axis=-1
    )


Case("ONE_HOT", "I,i32,T,T:T", one_hot, {"I": [*INDEX, "u8", "i8"], "T": PLAIN})


def embedding_lookup(m, types, rank, mode):
    t, o = types["T"], types["O"]
    if mode == "per-axis" and not is_quantized(t):
        raise NotHere
    q = (np.linspace(0.02, 0.04, 4) if mode == "per-axis" else 0.02, 0, 0) if is_quantized(t) else None
    table = m.c(t, m.values_for(t, [4, *[6] * (rank - 1)]), q)
    emit(
        m,
        "EMBEDDING_LOOKUP",
        [m.c("i32", np.array([2, 0, 3])), table],
        [(o, m.v(table)[[2, 0, 3]], q if is_quantized(o) else None)],
    )


TABLES = [
    {"T": t, "O": o} for t in [t for t in NO_STRING] for o in dict.fromkeys([t, *(["f32"] if is_quantized(t) else [])])
]
Case("EMBEDDING_LOOKUP", "i32,T:O", embedding_lookup, TABLES, range(2, 9), modes=("any", "per-axis"), rank_of=1)


def sparse_to_dense(m, types, rank, mode):
    t, i = types["T"], types["I"]
    operands = [
        m.c(i, np.array([[0, 1], [1, 0]])),
        m.c(i, np.array([2, 3])),
        m.x(t, [2], value=np.array([5, 6])),
        m.c(t, np.array(0)),
    ]
    emit(m, "SPARSE_TO_DENSE", operands, [(t, np.array([[0, 5, 0], [6, 0, 0]]))])


Case("SPARSE_TO_DENSE", "I,I,T,T:T", sparse_to_dense, {"I": ["i32", "i64"], "T": REAL}, range(2, 3), rank_of=0)


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
    x = m.x("f32", [*shape_of(rank)[:-2], 4, 8])
    emit(m, "RFFT2D", [x, m.c("i32", np.array([4, 8]))], [("c64", np.fft.rfft2(m.v(x)))])
    m.tolerance = 1e-4


Case("RFFT2D", "f32,i32:c64", rfft2d, {}, range(2, 9))


def complex_part(builtin, function):
    def make(m, types, rank, mode):
        x = m.x(types["T"], shape_of(rank))
        emit(m, builtin, [x], [(types["O"], np.asarray(function(m.v(x))))])

    return Case(builtin, "T:O", make, [{"T": "c64", "O": "f32"}, {"T": "c128", "O": "f64"}])


complex_part("REAL", np.real)
complex_part("IMAG", np.imag)
complex_part("COMPLEX_ABS", np.abs)

# ---- convolution, pooling, matrix products ---------------------------------------------------------------------------


def pool(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        x = m.x(t, [1, 4, 6, 2])
        windows = m.v(x).reshape(1, 2, 2, 3, 2, 2)
        want = (
            windows.max((2, 4))
            if "MAX" in builtin
            else windows.mean((2, 4)) if "AVERAGE" in builtin else np.sqrt((wide(windows) ** 2).mean((2, 4)))
        )
        emit(
            m,
            builtin,
            [x],
            [(t, want, stored(m, t, x))],
            padding=1,
            strideW=2,
            strideH=2,
            filterWidth=2,
            filterHeight=2,
        )

    return Case(builtin, "T:T", make, {"T": [*REAL, *QUANTIZED]}, range(4, 5))


pool("AVERAGE_POOL_2D")
pool("MAX_POOL_2D")
pool("L2_POOL_2D")


def local_response(m, types, rank, mode):
    x = m.x(types["T"], [1, 2, 2, 4])
    v = wide(m.v(x))
    squares = np.pad(v**2, [(0, 0)] * 3 + [(1, 1)])
    emit(
        m,
        "LOCAL_RESPONSE_NORMALIZATION",
        [x],
        [(types["T"], v / np.sqrt(1 + squares[..., :-2] + squares[..., 1:-1] + squares[..., 2:]))],
        radius=1,
        bias=1.0,
        alpha=1.0,
        beta=0.5,
    )


Case("LOCAL_RESPONSE_NORMALIZATION", "T:T", local_response, {"T": REAL}, range(4, 5))

# Input, weights, bias ("none": absent) and result of products. Weights are constants, as everywhere.
PRODUCTS = [
    {"X": x, "W": w, "B": b, "O": o}
    for x, w, o, biases in [
        ("f32", "f32", "f32", ["f32"]),
        ("f16", "f16", "f16", ["f16", "f32"]),
        ("bf16", "bf16", "bf16", ["bf16", "f32"]),
        ("f64", "f64", "f64", ["f64"]),
        ("f32", "f16", "f32", ["f32"]),
        ("f32", "i8q", "f32", ["f32"]),
        ("f32", "u8q", "f32", ["f32"]),
        ("f32", "i4q", "f32", ["f32"]),
        ("f32", "i2q", "f32", ["f32"]),
        ("i8q", "i8q", "i8q", ["i32", "i64"]),
        ("i8q", "i4q", "i8q", ["i32"]),
        ("i8q", "i2q", "i8q", ["i32"]),
        ("u8q", "u8q", "u8q", ["i32"]),
        ("i16q", "i8q", "i16q", ["i64", "i32"]),
        ("i16q", "i4q", "i16q", ["i64", "i32"]),
        ("i16q", "i16q", "i16q", ["i64", "i32"]),
        ("i8q", "i8q", "i16q", ["i32"]),
        ("i32", "i32", "i32", ["i32"]),
    ]
    for b in ["none", *biases]
]
HYBRID = 0.06  # float activations are quantized on the fly
WEIGHT_SCALE = {"i8q": 0.02, "u8q": 0.02, "i16q": 1e-4, "i4q": 0.3, "i2q": 1.0}


def product(m, builtin, types, mode, x_shape, w_shape, channel_axis, compute, before=(), weights_first=False, **fields):
    """Emits `before, input, weights, bias` (or weights before input); `compute(input, weights)` says what to expect."""
    t, w, b, o = types["X"], types["W"], types["B"], types["O"]
    if mode == "per-axis" and not is_quantized(w):
        raise NotHere
    # What fits uint8 weights: their zero point is not 0.
    scale = WEIGHT_SCALE.get(w)
    count = w_shape[channel_axis]
    q = (
        (
            np.linspace(scale, 1.5 * scale, count) if mode == "per-axis" else scale,
            128 if w == "u8q" and t == "u8q" else 0,
            channel_axis,
        )
        if scale
        else None
    )
    x, weights = m.x(t, x_shape), m.c(w, m.values_for(w, w_shape), q)
    pair = [weights, x] if weights_first else [x, weights]
    operands = [*(m.c("i32", np.array(v)) for v in before), *pair]
    want = compute(wide(m.v(x)), wide(m.v(weights)))
    if b != "none":
        bias = np.linspace(-2, 2, fields.pop("bias_count", count))
        if b[0] == "i":
            steps = np.asarray(q[0]) * m.quantization[x][0] if q and m.quantization[x] else np.asarray(1.0)
            if steps.ndim and steps.shape != bias.shape:
                steps = steps[: len(bias)]
            raw = np.round(bias / steps)
            index = m._tensor(
                b, bias.shape, raw.astype(np.int32 if b == "i32" else np.int64).tobytes(), (steps, 0, 0) if q else None
            )
            bias = raw * steps
        else:
            index = m.c(b, bias)
            bias = m.v(index)
        operands.append(index)
        want = want + bias
    else:
        fields.pop("bias_count", None)
        if builtin == "FULLY_CONNECTED":
            operands.append(-1)
    if is_float(t) and is_quantized(w):
        m.tolerance = HYBRID
    if t == "i16q" and b == "i32" and builtin != "DEPTHWISE_CONV_2D" and "3D" not in builtin:
        from ai_edge_litert import schema_py_generated as S

        fields["quantizedBiasType"] = S.TensorType.INT32
    emit(m, builtin, operands, [(o, want)], **fields)


def windows(v, size, rank):
    """Every window of the spatial axes: [n, ..., window..., c]."""
    view = np.lib.stride_tricks.sliding_window_view(v, size, axis=tuple(range(1, rank - 1)))
    return np.moveaxis(view, rank - 1, -1)


def conv_2d(m, types, rank, mode):
    groups = 2 if mode == "grouped" else 1

    def compute(x, w):
        parts = [
            np.einsum("nijhwc,ohwc->nijo", windows(part, (2, 3), 4), kernel)
            for part, kernel in zip(np.split(x, groups, -1), np.split(w, groups, 0))
        ]
        return np.concatenate(parts, -1)

    product(m, "CONV_2D", types, mode, [1, 4, 5, 2 * groups], [4, 2, 3, 2], 0, compute, padding=1, strideW=1, strideH=1)


def depthwise(m, types, rank, mode):
    def compute(x, w):
        return np.einsum("nijhwc,hwc->nijc", windows(np.repeat(x, 2, -1), (2, 3), 4), w[0])

    product(
        m,
        "DEPTHWISE_CONV_2D",
        types,
        mode,
        [1, 4, 5, 2],
        [1, 2, 3, 4],
        3,
        compute,
        padding=1,
        strideW=1,
        strideH=1,
        depthMultiplier=2,
    )


def scattered(shape, kernel_axes, equation):
    def compute(x, w):
        out = np.zeros(shape)
        for at in np.ndindex(*x.shape[1:-1]):
            spot = tuple(slice(i, i + k) for i, k in zip(at, [w.shape[a] for a in kernel_axes]))
            out[(0, *spot)] += np.einsum(equation, w, x[(0, *at)])
        return out

    return compute


def transpose_conv(m, types, rank, mode):
    product(
        m,
        "TRANSPOSE_CONV",
        types,
        mode,
        [1, 3, 3, 2],
        [4, 2, 3, 2],
        0,
        scattered((1, 4, 5, 4), (1, 2), "ohwi,i->hwo"),
        before=[[1, 4, 5, 4]],
        weights_first=True,
        padding=1,
        strideW=1,
        strideH=1,
    )


def conv_3d(m, types, rank, mode):
    def compute(x, w):
        return np.einsum("nijkdhwc,dhwco->nijko", windows(x, (2, 2, 3), 5), w)

    product(
        m,
        "CONV_3D",
        types,
        mode,
        [1, 3, 4, 5, 2],
        [2, 2, 3, 2, 4],
        4,
        compute,
        padding=1,
        strideD=1,
        strideW=1,
        strideH=1,
    )


def conv_3d_transpose(m, types, rank, mode):
    compute = scattered((1, 3, 4, 5, 2), (0, 1, 2), "dhwoi,i->dhwo")
    product(
        m,
        "CONV_3D_TRANSPOSE",
        types,
        mode,
        [1, 2, 3, 3, 4],
        [2, 2, 3, 2, 4],
        3,
        compute,
        before=[[1, 3, 4, 5, 2]],
        weights_first=True,
        padding=1,
        strideD=1,
        strideW=1,
        strideH=1,
    )


def fully_connected(m, types, rank, mode):
    keep = mode != "flat"
    batch = shape_of(rank)[:-1]

    def compute(x, w):
        return (x @ w.T).reshape([*batch, 6] if keep else [math.prod(batch), 6])

    product(m, "FULLY_CONNECTED", types, mode, [*batch, 8], [6, 8], 0, compute, keepNumDims=keep)


Case("CONV_2D", "X,W,B?:O", conv_2d, PRODUCTS, range(4, 5), modes=("plain", "per-axis", "grouped"))
Case("DEPTHWISE_CONV_2D", "X,W,B?:O", depthwise, PRODUCTS, range(4, 5), modes=("plain", "per-axis"))
WEIGHTS_FIRST = [{key: p[key] for key in "WXBO"} for p in PRODUCTS]
Case(
    "TRANSPOSE_CONV", "i32,W,X,B?:O", transpose_conv, WEIGHTS_FIRST, range(4, 5), modes=("plain", "per-axis"), rank_of=2
)
Case("CONV_3D", "X,W,B?:O", conv_3d, PRODUCTS, range(5, 6), modes=("plain",))
Case("CONV_3D_TRANSPOSE", "i32,W,X,B?:O", conv_3d_transpose, WEIGHTS_FIRST, range(5, 6), modes=("plain",), rank_of=2)
Case("FULLY_CONNECTED", "X,W,B?:O", fully_connected, PRODUCTS, range(1, 9), modes=("plain", "flat", "per-axis"))


def batch_matmul(m, types, rank, mode):
    t, u, o = types["X"], types["Y"], types["O"]
    if mode != "same" and rank < 3:
        raise NotHere
    batch = shape_of(rank)[:-2]
    other = {"same": batch, "broadcast": [1] * len(batch), "lower": []}[mode]
    x = m.x(t, [*batch, 3, 4])
    y = m.x(u, [*other, 4, 5], quantization=(WEIGHT_SCALE[u], 0, 0) if is_quantized(u) and is_float(t) else None)
    want = wide(m.v(x)) @ wide(m.v(y))
    if is_float(t) and is_quantized(u):
        m.tolerance = HYBRID
    emit(m, "BATCH_MATMUL", [x, y], [(o, want)], adjX=False, adjY=False)


MATMULS = [{"X": t, "Y": t, "O": t} for t in [*REAL, "c64", *QUANTIZED]] + [
    {"X": x, "Y": y, "O": o}
    for x, y, o in [("f32", "i8q", "f32"), ("f32", "i4q", "f32"), ("i16q", "i8q", "i16q"), ("i8", "i8", "i32")]
]
# The hybrid kernel mixes up batches from rank 4 on; below it is right for a reason.
Case("BATCH_MATMUL", "X,Y:O", batch_matmul, MATMULS, range(2, 9), modes=BROADCASTS, rank_of=-1).right_below_wrong = True


def dilate(m, types, rank, mode):
    t = types["T"]
    shape = shape_of(rank)
    x = m.x(t, shape)
    want = np.zeros([2 * d - 1 for d in shape], m.v(x).dtype)
    want[tuple(slice(None, None, 2) for _ in shape)] = m.v(x)
    emit(
        m,
        "DILATE",
        [x, m.c("i32", np.full(rank, 2)), m.c(t, np.array(0), alike(m, t, x))],
        [(t, want, stored(m, t, x))],
    )


Case("DILATE", "T,i32,T:T", dilate, {"T": NO_STRING}, range(1, 9))


def reduce_window(m, types, rank, mode):
    from ai_edge_litert import schema_py_generated as S

    t = types["T"]
    x = m.x(t, shape_of(rank))
    operands = [
        x,
        m.c(t, np.array(0)),
        m.c("i64", np.where(np.arange(rank) == rank - 1, 2, 1)),
        m.c("i64", np.ones(rank)),
        m.c("i64", np.ones(rank)),
    ]
    emit(
        m,
        "REDUCE_WINDOW",
        operands,
        [(t, m.v(x)[..., :-1] + m.v(x)[..., 1:])],
        reduceFunction=S.ReduceWindowFunction.ADD,
    )


Case("REDUCE_WINDOW", "T,T,i64,i64,i64:T", reduce_window, {"T": PLAIN}, range(1, 9))


def stablehlo_reduce_window(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, shape_of(rank))

    def body(b):
        b.inputs = [b._tensor(t, []), b._tensor(t, [])]
        emit(b, "STABLEHLO_ADD", b.inputs, [(t, [])])

    index = m.subgraph("body", body)
    ones = [1] * rank
    fields = dict(
        windowDimensions=[*ones[1:], 2],
        windowStrides=ones,
        baseDilations=ones,
        windowDilations=ones,
        padding=[0] * (2 * rank),
        bodySubgraphIndex=index,
    )
    emit(m, "STABLEHLO_REDUCE_WINDOW", [x, m.c(t, np.array(0))], [(t, m.v(x)[..., :-1] + m.v(x)[..., 1:])], **fields)


Case("STABLEHLO_REDUCE_WINDOW", "T,T:T", stablehlo_reduce_window, {"T": PLAIN}, range(1, 9))


def stablehlo_pad(m, types, rank, mode):
    t = types["T"]
    shape = shape_of(rank)
    x = m.x(t, shape)
    value = m.c(t, np.array(1))
    emit(
        m,
        "STABLEHLO_PAD",
        [x, value],
        [(t, np.pad(m.v(x), [(1, 0)] * rank, constant_values=m.v(value)))],
        edgePaddingLow=[1] * rank,
        edgePaddingHigh=[0] * rank,
        interiorPadding=[0] * rank,
    )


Case("STABLEHLO_PAD", "T,T:T", stablehlo_pad, {"T": PLAIN}, range(1, 9))


def stablehlo_gather(m, types, rank, mode):
    t = types["T"]
    x = m.x(t, shape_of(rank))
    fields = dict(
        offsetDims=[*range(1, rank)],
        collapsedSliceDims=[0],
        startIndexMap=[0],
        indexVectorDim=1,
        sliceSizes=[1, *shape_of(rank)[1:]],
    )
    emit(
        m,
        "STABLEHLO_GATHER",
        [x, m.c(types["I"], np.array([[1], [0], [1]]))],
        [(t, m.v(x)[[1, 0, 1]], stored(m, t, x))],
        **fields,
    )


Case("STABLEHLO_GATHER", "T,I:T", stablehlo_gather, {"T": ALL, "I": ["i32", "i64"]}, range(1, 9))


def stablehlo_scatter(m, types, rank, mode):
    t = types["T"]
    shape = shape_of(rank)
    x, update = m.x(t, shape), m.x(t, [2, *shape[1:]])

    def body(b):
        b.inputs = [b._tensor(t, []), b._tensor(t, [])]
        if mode == "add":
            emit(b, "STABLEHLO_ADD", b.inputs, [(t, [])])
        else:
            b.outputs = [b.inputs[1]]

    fields = dict(
        updateWindowDims=[*range(1, rank)],
        insertedWindowDims=[0],
        scatterDimsToOperandDims=[0],
        indexVectorDim=1,
        updateComputationSubgraphIndex=m.subgraph("update", body),
    )
    emit(
        m,
        "STABLEHLO_SCATTER",
        [x, m.c(types["I"], np.array([[1], [0]])), update],
        [(t, m.v(update)[::-1] + (m.v(x) if mode == "add" else m.v(x) & False if t == "bool" else 0))],
        **fields,
    )


Case(
    "STABLEHLO_SCATTER",
    "T,I,T:T",
    stablehlo_scatter,
    {"T": PLAIN, "I": ["i32", "i64"]},
    range(1, 9),
    modes=("add", "replace"),
)


def rng_bits(m, types, rank, mode):
    state = m.x("u64", [3], value=np.array([1, 2, 3]))
    emit(m, "STABLEHLO_RNG_BIT_GENERATOR", [state], [("u64", [3]), (types["O"], shape_of(rank))], algorithm=1)


Case(
    "STABLEHLO_RNG_BIT_GENERATOR",
    "u64:u64,O",
    rng_bits,
    {"O": ["i32", "i64", "u32", "u64", "f32"]},
    range(1, 9),
    rank_of=-3,
)

# ---- state -----------------------------------------------------------------------------------------------------------


def variables(builtin):
    def make(m, types, rank, mode):
        t = types["T"]
        handle = emit(m, "VAR_HANDLE", [], [("resource", [])], container="", sharedName="v")[0]
        x = m.x(t, shape_of(rank))
        m.op("ASSIGN_VARIABLE", [handle, x], [], "AssignVariableOptions")
        emit(m, "READ_VARIABLE", [handle], [(t, m.v(x), stored(m, t, x))])

    signature = {"ASSIGN_VARIABLE": "resource,T:", "READ_VARIABLE": "resource:T"}[builtin]
    return Case(builtin, signature, make, {"T": ALL}, rank_of={"ASSIGN_VARIABLE": 1, "READ_VARIABLE": -2}[builtin])


variables("ASSIGN_VARIABLE")
variables("READ_VARIABLE")
