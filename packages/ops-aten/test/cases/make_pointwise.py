from make import Cases, T
import torch

nan, inf = float("nan"), float("inf")
c = Cases("pointwise")
odd = torch.tensor([nan, inf, -inf, -0.0, 0.0, 1.0, -1.0, 2.5, -2.5, 3.5, 0.5, -0.5, 1.5, -7.25, 0.001, 10.0])
unit = torch.tensor([nan, -1.0, 1.0, -0.0, 0.5, -0.25, 0.999, 1.5, -2.0, 1e-4])
above = torch.tensor([nan, inf, 0.0, 1e-6, 0.5, 1.0, 1.0001, 2.0, 10.0, 1e5, -1.0])
whole = [torch.tensor([-7, -1, 0, 1, 2, 100]), torch.tensor([-7, -1, 0, 1, 2, 100], dtype=torch.int32), torch.tensor([-128, -127, -3, 0, 1, 127], dtype=torch.int8), torch.tensor([0, 1, 2, 127, 128, 255], dtype=torch.uint8), torch.tensor([-(2**15), -1, 0, 300], dtype=torch.int16)]
truth = torch.tensor([True, False, True])
# floats
for op in ["exp", "exp2", "expm1", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "asinh", "sigmoid", "reciprocal", "deg2rad", "rad2deg", "sinc", "log1p"]:
    x = odd if op not in ("sin", "cos", "tan", "sinc", "log1p") else odd[3:]
    c.add(op, x); c.add(op, whole[1].clamp(-3, 3)); c.add(op, truth); c.add(op, T("f32", 2, 3)); c.add(op, torch.tensor(0.5)); c.add(op, torch.zeros(0, 2))
for op in ["log", "log2", "log10", "sqrt", "rsqrt", "acosh"]:
    c.add(op, above); c.add(op, torch.tensor([1, 2, 5, 100])); c.add(op, truth)
for op in ["asin", "acos", "atanh"]:
    c.add(op, unit); c.add(op, torch.tensor([-1, 0, 1], dtype=torch.int8))
# what keeps the dtype
for op in ["abs", "neg", "sign", "sgn", "ceil", "floor", "round", "trunc", "square", "nan_to_num", "relu", "relu6"]:
    for t in [odd, *whole]:
        c.add(op, t)
    c.add(op, torch.tensor(-2.5)); c.add(op, torch.zeros(2, 0))
for t in [truth]:
    c.add("sign", t); c.add("sgn", t); c.add("square", t); c.add("nan_to_num", t)
c.add("abs", torch.tensor([-(2**63), 2**62])); c.add("neg", torch.tensor([-(2**63), 2**62])); c.add("frac", odd[3:]); c.add("nan_to_num", odd, 1.0, 2.0, -3.0); c.add("nan_to_num", odd, None, inf); c.add("nan_to_num", odd, nan)
for d in [0, 1, 2, -1]:
    c.add("round.decimals", torch.tensor([1.25, 1.35, -2.675, 123.45, 15.0, 25.0, nan, inf]), decimals=d)
c.add("special_round", odd); c.add("special_round", odd, decimals=1)
for op in ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "signbit", "logical_not"]:
    for t in [odd, *whole, truth]:
        c.add(op, t)
for op in ["positive", "alias", "detach", "clone", "resolve_conj", "resolve_neg", "conj_physical", "lift_fresh_copy"]:
    c.add(op, odd); c.add(op, T("i64", 2, 2))
# other names
for op in ["absolute", "negative", "arcsin", "arctanh", "special_expit", "special_log1p"]:
    c.add(op, unit[1:] if op.startswith("arc") else odd[3:])
# clamping
for lo, hi in [(-1, 1), (0, 6), (0, None), (None, 0.5), (2.0, 1.0), (-0.7, 2.2), (-inf, 3)]:
    c.add("clamp", odd, lo, hi)
    if not isinstance(lo, float) or lo > -inf:
        c.add("clamp", whole[0], lo, hi); c.add("clamp", whole[2], lo, hi)
c.add("clamp", truth, 0, 2); c.add("clamp_min", odd, 0.3); c.add("clamp_max", whole[0], 3); c.add("clamp_min", whole[3], 100)
c.add("clamp.Tensor", odd.reshape(4, 4), torch.tensor([0.0, nan, -1.0, 1.0]), torch.tensor([[1.0], [2.0], [nan], [0.5]])); c.add("clamp.Tensor", whole[0], torch.tensor(-2), None); c.add("clamp.Tensor", whole[0], None, torch.tensor([0.5]))
c.add("clamp_min.Tensor", odd, torch.flip(odd, [0])); c.add("clamp_max.Tensor", odd.reshape(4, 4), odd[:4])
c.add("hardtanh", odd); c.add("hardtanh", odd, -2.0, 0.5); c.add("hardtanh", whole[0], -2, 3); c.add("threshold", odd, 0.5, 20.0); c.add("threshold", whole[0], 1, -9)
# casts
for dtype in [torch.float32, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]:
    c.add("to.dtype", torch.tensor([-3.7, 2.5, 300.2, -0.2, 70000.0, -129.0, 255.9, 0.0]), dtype)
    for t in [*whole, truth, torch.tensor([2**33 + 7, -(2**31) - 1, 2**53 + 1])]:
        c.add("to.dtype", t, dtype)
c.add("_to_copy", odd, dtype=torch.bool); c.add("type_as", whole[0], odd); c.add("to.other", odd[3:6], whole[2]); c.add("copy", torch.zeros(2, 3), whole[0][:3]); c.add("copy", torch.zeros(2, 3, dtype=torch.int64), torch.tensor([[1.7], [-2.7]]))
c.save()
